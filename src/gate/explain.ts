import { readReachable } from '#git/reachable.ts';
import type { Account } from '#model/account.ts';
import type { Means } from '#model/actor.ts';
import type { AuthenticatedCaller } from '#model/caller.ts';
import type { Fact, FactKind, RefFacts } from '#model/facts.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import type { Verdict } from '#model/verdict.ts';
import { decide } from '#policy/decide.ts';
import { neededFacts } from '#policy/needed-facts.ts';
import { hasBranches } from './check-commands.ts';
import type { Gate } from './gate.ts';
import { gatherFacts } from './gather-facts.ts';
import { protectedTips } from './protected-tips.ts';
import { readRules } from './rule-book.ts';
import { readStanding } from './standing.ts';

export interface Question {
  /** Whose push is imagined, with the `via` to judge it by. */
  readonly caller: AuthenticatedCaller;
  readonly repository: Repository;
  readonly owner: Account;
  readonly means: Means;
  readonly bypassReason: string | null;
  readonly updates: readonly RefUpdate[];
}

export interface Explanation {
  readonly verdict: Verdict;
  /** What the rules looked at, in the order of the updates. */
  readonly facts: readonly RefFacts[];
}

/** The verdict that a push would get now: the same function, fed from what the server has. Changes nothing. */
export async function explain(gate: Gate, { caller, repository, owner, means, bypassReason, updates }: Question): Promise<Explanation> {
  const now = Date.now();
  const reads = gate.store.read;
  const onDisk = gate.repositories.open(repository.id, repository.objectFormat);
  const table = await onDisk.refs.table();
  const rules = await readRules(reads, repository);
  const reachable = await readReachable(
    gate.git,
    onDisk.path,
    updates.flatMap((update) => [update.oldId, update.newId].filter((id) => id !== null)),
  );
  const isKnown = (update: RefUpdate): boolean => [update.oldId, update.newId].every((id) => id === null || reachable.has(id));
  const tips = updates.flatMap((update) => (update.newId !== null && reachable.has(update.newId) ? [update.newId] : []));
  const about = { caller, repository, owner, bypassReason, tips, now, isEmpty: !hasBranches(table) };
  const first = await readStanding(reads, { ...about, keys: [] });
  const asked = neededFacts({ updates, means }, first, rules, caller.actor, now);
  const knowable = updates.map((update, index) => (isKnown(update) ? asked[index]! : new Set<FactKind>()));
  const from = { repository: onDisk, around: {}, tips: () => protectedTips(table, rules, repository) };
  const gathered = await gatherFacts(gate, from, updates, knowable);
  const facts = updates.map((update, index) => (isKnown(update) ? gathered.facts[index]! : notOnTheServer(asked[index]!)));
  const keys = facts.flatMap(({ signatures }) =>
    signatures && 'known' in signatures ? signatures.known.flatMap((one) => (one.verified ? [one.key] : [])) : [],
  );
  const standing = keys.length === 0 ? first : await readStanding(reads, { ...about, keys });
  return { verdict: decide({ updates, means }, { refs: facts, standing }, rules, caller.actor, now), facts };
}

function notOnTheServer(asked: ReadonlySet<FactKind>): RefFacts {
  const unknown: Fact<never> = { unknown: 'not on the server' };
  return Object.fromEntries([...asked].map((kind) => [kind, unknown]));
}
