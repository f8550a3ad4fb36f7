import type { RefTable } from '#git/ref-table.ts';
import type { SigningKeyRef } from '#model/facts.ts';
import type { Intent } from '#model/intent.ts';
import type { Reads, Transaction } from '#model/ports/store.ts';
import { notFound } from '#model/problem.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import { decide, takesUse } from '#policy/decide.ts';
import { neededFacts } from '#policy/needed-facts.ts';
import { bypassEntry, type PushRecord, pushEntry, type RecordedUpdate, refusedByRules, refusedEntry } from './audit-entries.ts';
import { checkOldValue, hasBranches } from './check-commands.ts';
import type { Gate } from './gate.ts';
import type { Gathered } from './gather-facts.ts';
import { type Landed, type Landing, REFUSED_BY_RULES, REFUSED_WITH_OTHERS } from './landing.ts';
import { protectedTips } from './protected-tips.ts';
import { readRules } from './rule-book.ts';
import { readStanding } from './standing.ts';
import type { JudgedUpdate } from './words.ts';

/** What was found out before the lock was taken. */
export interface Early extends Gathered {
  readonly updates: readonly RefUpdate[];
}

interface Recorded {
  readonly landed: Landed[];
  readonly intent: Intent | null;
}

/** Reads everything again, decides again, and writes down what is about to happen. Commits before anything moves. */
export async function decideAndRecord(
  gate: Gate,
  tx: Transaction,
  landing: Landing,
  early: Early,
  table: RefTable,
): Promise<Recorded | 'gather again'> {
  const { caller, means, updates, atomic } = landing;
  const repository = await present(tx, landing);
  await landing.authorize?.(tx);
  const [rules, standing, auditNumber] = await Promise.all([
    readRules(tx, repository),
    readStanding(tx, question(landing, repository, table, early, tx.now)),
    tx.audit.nextNumber(),
  ]);
  const problems = updates.map((update) => checkOldValue(update, table));
  const live = updates.flatMap((update, index) => (problems[index] === null ? [{ update, index }] : []));
  const push = { updates: live.map(({ update }) => update), means };
  const asked = neededFacts(push, standing, rules, caller.actor, tx.now);
  const isStale = early.tips !== null && early.tips.witness !== protectedTips(table, rules, repository).witness;
  if (isStale || live.some(({ index }, at) => !isSubset(asked[at]!, early.asked[index]!))) return 'gather again';

  const verdict = decide(push, { refs: live.map(({ index }) => early.facts[index]!), standing }, rules, caller.actor, tx.now);
  const judged = push.updates.map((update, at) => ({ update, verdict: verdict.refs[at]! }));
  const everythingOrNothing = atomic && (judged.length < updates.length || judged.some((one) => one.verdict.result === 'fail'));
  const passing = everythingOrNothing || landing.dryRun ? [] : judged.filter((one) => one.verdict.result !== 'fail');
  const verdicts = new Map(judged.map((one) => [one.update, one.verdict]));
  const isPassing = new Set(passing.map((one) => one.update));
  const fates = updates.map((update, index): RecordedUpdate => {
    const own = verdicts.get(update) ?? null;
    if (own === null) return { update, verdict: null, reason: problems[index]! };
    const otherwise = own.result === 'fail' ? REFUSED_BY_RULES : REFUSED_WITH_OTHERS;
    return { update, verdict: own, reason: isPassing.has(update) ? null : otherwise };
  });
  const effects = [...verdict.effects, ...(landing.effects ?? [])];
  const { intent, numbers } = await write(gate, tx, { ...landing, repository }, { fates, passing, effects, auditNumber });
  return { landed: fates.map((fate) => ({ ...fate, auditNumber: numbers.get(fate.update) ?? null })), intent };
}

function isSubset<T>(part: ReadonlySet<T>, whole: ReadonlySet<T>): boolean {
  return [...part].every((one) => whole.has(one));
}

/** The repository as it is now. It may have been deleted while the push was on its way. */
export async function present(reads: Reads, { repository }: Landing): Promise<Repository> {
  const now = await reads.repositories.findById(repository.id);
  if (now === null) throw notFound('repository');
  return now;
}

function question(landing: Landing, repository: Repository, table: RefTable, early: Early, now: number) {
  const { caller, owner, bypassReason, updates } = landing;
  const tips = updates.flatMap((update) => update.newId ?? []);
  return { caller, repository, owner, bypassReason, tips, now, isEmpty: !hasBranches(table), keys: keysOf(early) };
}

function keysOf(early: Early): SigningKeyRef[] {
  return early.facts.flatMap((facts) => {
    const { signatures } = facts;
    return signatures !== undefined && 'known' in signatures ? signatures.known.flatMap((one) => (one.verified ? [one.key] : [])) : [];
  });
}

interface Written {
  readonly intent: Intent | null;
  /** Audit numbers of bypasses. */
  readonly numbers: ReadonlyMap<RefUpdate, number>;
}

interface ToWrite {
  readonly fates: readonly RecordedUpdate[];
  readonly passing: readonly JudgedUpdate[];
  readonly effects: Intent['effects'];
  /** Of the first entry. */
  readonly auditNumber: number;
}

async function write(gate: Gate, tx: Transaction, landing: Landing, { fates, passing, effects, auditNumber }: ToWrite): Promise<Written> {
  const push: PushRecord = { ...landing, describe: gate.words.describe };
  const all = [...fates, ...(landing.refusedBefore ?? [])];
  if (landing.dryRun) {
    const imagined = all.map((one) => (one.verdict === null || one.verdict.result === 'fail' ? one : { ...one, reason: null }));
    await tx.audit.append(pushEntry(push, imagined, 'git.push_dry_run'));
    return { intent: null, numbers: new Map() };
  }
  const bypassed = passing.filter((one) => one.verdict.result === 'bypass');
  const refused = refusedByRules(fates);
  const numbers = new Map(bypassed.map((one, index) => [one.update, auditNumber + 1 + index]));
  const appended = tx.audit.append(
    pushEntry(push, all),
    ...bypassed.map((one) => bypassEntry(push, one)),
    ...refused.map((one) => refusedEntry(push, one)),
  );
  const [intent] = await Promise.all([
    passing.length === 0 ? null : openIntent(gate, tx, landing, { passing, effects, auditNumber }),
    appended,
  ]);
  return { intent, numbers };
}

async function openIntent(
  gate: Gate,
  tx: Transaction,
  landing: Landing,
  { passing, effects, auditNumber }: Omit<ToWrite, 'fates'>,
): Promise<Intent> {
  const updates = passing.map(({ update, verdict }) => ({ ...update, usesToken: takesUse(verdict) }));
  const uses = updates.filter((update) => update.usesToken).length;
  const tokenId = landing.caller.token?.id;
  const reserved = uses > 0 && tokenId !== undefined ? { tokenId, uses } : null;
  if (reserved !== null && !(await tx.tokens.reserveUses(reserved.tokenId, reserved.uses)))
    throw new Error('the uses that were counted are not there');
  const { pushId, repository } = landing;
  const kept = effects.filter((effect) => effect.kind !== 'spend-uses');
  return tx.intents.open({ pushId, repositoryId: repository.id, nodeId: gate.nodeId, updates, effects: kept, reserved, auditNumber });
}
