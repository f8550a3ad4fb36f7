import type { AuditEntry } from '#model/audit-entry.ts';
import type { TestServer } from '../support/server.ts';
import type { Expected } from './actors.ts';
import type { Cell } from './cells.ts';
import { type Answer, aim, type History } from './doors.ts';

/** Everything that happened to a row of cells: what was answered, what was recorded, where the refs stand. */
export interface Outcome {
  readonly answers: ReadonlyMap<Cell, Answer>;
  /** By full ref name. */
  readonly recorded: ReadonlyMap<string, readonly AuditEntry[]>;
  readonly tips: ReadonlyMap<string, string>;
}

export async function headNumber(server: TestServer): Promise<number> {
  return (await server.running.house.store.read.audit.readHead())?.number ?? 0;
}

/** Reads the record since an entry, and the refs as they are on disk. */
export async function readOutcome(
  server: TestServer,
  repository: string,
  since: number,
  answers: ReadonlyMap<Cell, Answer>,
): Promise<Outcome> {
  const { store, gate } = server.running.house;
  const [owner, name] = repository.split('/') as [string, string];
  const account = await store.read.accounts.findByLogin(owner);
  const found = await store.read.repositories.findByName(account!.id, name);
  const { refs } = await gate.repositories.open(found!.id, found!.objectFormat).refs.reread();
  const entries = (await store.read.audit.listStored(since, 100_000)).map((stored) => JSON.parse(stored.body) as AuditEntry);
  return {
    answers,
    recorded: Map.groupBy(entries.filter(isOfRef), (entry) => String(entry.data['ref'])),
    tips: new Map([...refs.startingWith('refs/heads/')].map((ref) => [ref.name, ref.id])),
  };
}

/** What is wrong about one cell, in words; empty: nothing. */
export function problemsOf(cell: Cell, outcome: Outcome, history: History): string[] {
  const { expected, door, column, branch, setting } = cell;
  const refName = `refs/heads/${branch}`;
  const answer = outcome.answers.get(cell)!;
  const entries = outcome.recorded.get(refName) ?? [];
  const wanted = expected.result === 'pass' || expected.result === 'bypass';
  const start = setting.operation === 'create' ? undefined : history.base;
  const tip = outcome.tips.get(refName);
  const isMoved = tip !== start;
  const isExact = door === 'git push' || door === 'ref API';
  const found = [
    ...(answer.accepted === wanted ? [] : [`was ${answer.accepted ? 'accepted' : 'not accepted'}: ${answer.said}`]),
    ...(isMoved === wanted ? [] : [`the ref ${isMoved ? 'moved' : 'did not move'}`]),
    ...(wanted && isExact && (tip ?? null) !== aim(cell, history) ? [`the ref stands at ${tip}`] : []),
    ...recordProblems(expected, expected.rule ?? setting.type, entries),
  ];
  return found.map((problem) => `${setting.name}, ${door}, ${column.name}: expected ${JSON.stringify(expected)}, ${problem}`);
}

/** The record says the same as the answer: what was waived and by what, or every reason and why the token did not help. */
function recordProblems({ result, by, shortfall }: Expected, type: string, entries: readonly AuditEntry[]): string[] {
  const bypasses = entries.filter((entry) => entry.action === 'protected_branch.policy_override');
  const refusals = entries.filter((entry) => entry.action === 'protected_branch.rejected_ref_update');
  const counts = `${bypasses.length} bypasses and ${refusals.length} refusals recorded`;
  switch (result) {
    case 'pass':
    case 'denied':
      return entries.length === 0 ? [] : [counts];
    case 'bypass': {
      if (bypasses.length !== 1 || refusals.length > 0) return [counts];
      const { data, bypass } = bypasses[0]!;
      const rules = data['bypassed_rules'] as { type: string; waived_by: string }[];
      const isNamed = bypass && rules.some((rule) => rule.type === type && rule.waived_by === by);
      return isNamed ? [] : [`the record says ${JSON.stringify(data)}`];
    }
    case 'refused': {
      if (bypasses.length > 0 || refusals.length !== 1) return [counts];
      const reasons = refusals[0]!.data['reasons'] as { rule: string; token_fell_short?: string[] }[];
      const own = reasons.filter((reason) => reason.rule === type);
      const isExplained =
        own.length > 0 && (shortfall === undefined || own.every((reason) => reason.token_fell_short?.includes(shortfall)));
      return isExplained ? [] : [`the record says ${JSON.stringify(reasons)}`];
    }
    default:
      return result satisfies never;
  }
}

function isOfRef({ action }: AuditEntry): boolean {
  return action === 'protected_branch.policy_override' || action === 'protected_branch.rejected_ref_update';
}
