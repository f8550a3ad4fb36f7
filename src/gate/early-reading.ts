import type { RefTable } from '#git/ref-table.ts';
import type { Standing } from '#model/facts.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import type { RuleBook } from '#policy/combine.ts';
import { hasBranches } from './check-commands.ts';
import type { Gate } from './gate.ts';
import type { Landing } from './landing.ts';
import { readRules } from './rule-book.ts';
import { readStanding } from './standing.ts';

/**
 * Refs, rules and the actor's standing as they were at one moment before the lock: good for saying early what will be refused, and for
 * knowing which facts will be asked for. Nothing passes because of it: under the lock everything is read again.
 */
export interface EarlyReading {
  readonly repository: Repository;
  readonly table: RefTable;
  readonly rules: RuleBook;
  readonly standing: Standing;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Milliseconds; what was read before is likely to be found different under the lock, which costs more than reading again. */
const longestUse = 1000;

type Question = Pick<Landing, 'caller' | 'owner' | 'bypassReason'> & {
  readonly repository: Repository;
  readonly updates: readonly RefUpdate[];
};

export async function readEarly(gate: Gate, question: Question, table: RefTable): Promise<EarlyReading> {
  const { caller, repository, owner, bypassReason, updates } = question;
  const now = Date.now();
  const tips = updates.flatMap((update) => update.newId ?? []);
  const about = { caller, repository, owner, bypassReason, isEmpty: !hasBranches(table), tips, keys: [], now };
  const [rules, standing] = await Promise.all([readRules(gate.store.read, repository), readStanding(gate.store.read, about)]);
  return { repository, table, rules, standing, now };
}

export function isFresh({ now }: EarlyReading): boolean {
  return Date.now() - now < longestUse;
}
