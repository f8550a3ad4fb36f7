import { setTimeout as sleep } from 'node:timers/promises';
import type { Quarantine } from '#git/quarantine.ts';
import type { RefTable } from '#git/ref-table.ts';
import type { GitRepository } from '#git/repository.ts';
import type { Account } from '#model/account.ts';
import type { Means } from '#model/actor.ts';
import type { AuthenticatedCaller } from '#model/caller.ts';
import type { SigningKeyRef } from '#model/facts.ts';
import type { Intent } from '#model/intent.ts';
import type { Reads, Transaction } from '#model/ports/store.ts';
import { notFound } from '#model/problem.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import type { Effect, RefVerdict } from '#model/verdict.ts';
import { decide } from '#policy/decide.ts';
import { neededFacts } from '#policy/needed-facts.ts';
import { applyIntent } from './apply-intent.ts';
import { bypassEntry, type PushRecord, pushEntry, refusedEntry } from './audit-entries.ts';
import { checkOldValue, hasBranches } from './check-commands.ts';
import type { Gate } from './gate.ts';
import { type Gathered, gatherFacts } from './gather-facts.ts';
import { protectedTips } from './protected-tips.ts';
import { settleForeign } from './reconcile.ts';
import type { IsHeld } from './repository-locks.ts';
import { readRules } from './rule-book.ts';
import { readStanding } from './standing.ts';
import type { JudgedUpdate } from './words.ts';

/** Ref updates on their way in, with their objects in quarantine. */
export interface Landing {
  readonly caller: AuthenticatedCaller;
  readonly repository: Repository;
  readonly owner: Account;
  readonly means: Means;
  readonly pushId: string;
  readonly bypassReason: string | null;
  /** All refs move or none does. */
  readonly atomic: boolean;
  /** Judge and record, and keep nothing. */
  readonly dryRun: boolean;
  readonly updates: readonly RefUpdate[];
  readonly quarantine: Quarantine;
  /** What the write needs beside the rules, read in the deciding transaction; throws. */
  readonly authorize?: (tx: Transaction) => Promise<void>;
  /** What follows from the write beside what the verdict says. */
  readonly effects?: readonly Effect[];
}

/** What became of one update. */
export interface Landed {
  readonly update: RefUpdate;
  /** Null when git's own rules, or a racing writer, refused it before it was judged. */
  readonly verdict: RefVerdict | null;
  /** Null: the ref moved. Otherwise git's or our reason; a refusal by rules has its words in the verdict. */
  readonly reason: string | null;
  /** The entry that records the bypass; null: there was none. */
  readonly auditNumber: number | null;
}

/** Said of refs that would have moved, had not another ref of the same push been refused. */
export const REFUSED_WITH_OTHERS = 'refused because another ref of this push was refused';
export const REFUSED_BY_RULES = 'refused by rules';

const maximumAttempts = 4;
const millisecondsBetween = 50;

/**
 * The only way a ref moves (spec/model.md 7.3): facts early and outside the lock, then, under the lock, everything that was judged is
 * read and decided again in the transaction that records the intent; only then do objects and refs move.
 */
export async function land(gate: Gate, landing: Landing): Promise<Landed[]> {
  for (let attempt = 0; attempt < maximumAttempts; attempt++) {
    const early = await gatherEarly(gate, landing);
    await gate.atStep('judged early', landing.pushId);
    const landed = await gate.locks.hold(landing.repository.id, (isHeld) => landLocked(gate, landing, early, isHeld));
    if (landed !== 'gather again') return landed;
    await sleep(attempt * millisecondsBetween);
  }
  return landing.updates.map((update) => ({ update, verdict: null, reason: 'the repository is busy, push again', auditNumber: null }));
}

interface Early extends Gathered {
  readonly updates: readonly RefUpdate[];
}

async function gatherEarly(gate: Gate, landing: Landing): Promise<Early> {
  const { caller, means, updates, quarantine } = landing;
  const now = Date.now();
  const repository = await present(gate.store.read, landing);
  const onDisk = gate.repositories.open(repository.id, repository.objectFormat);
  const table = await onDisk.refs.table();
  const rules = await readRules(gate.store.read, repository);
  const standing = await readStanding(gate.store.read, question(landing, repository, table, null, now));
  const asked = neededFacts({ updates, means }, standing, rules, caller.actor, now);
  const tips = protectedTips(table, rules, repository);
  return { updates, ...(await gatherFacts(gate, { repository: onDisk, around: { quarantine: quarantine.path }, tips }, updates, asked)) };
}

async function landLocked(gate: Gate, landing: Landing, early: Early, isHeld: IsHeld): Promise<Landed[] | 'gather again'> {
  await gate.atStep('locked', landing.pushId);
  const onDisk = gate.repositories.open(landing.repository.id, landing.repository.objectFormat);
  if (gate.store.isShared && !(await settleForeign(gate, landing.repository.id))) return 'gather again';
  // Another process may have moved refs within one tick of the file system's clock.
  const table = gate.store.isShared ? await onDisk.refs.reread() : await onDisk.refs.table();
  const recorded = await gate.store.write((tx) => record(gate, tx, landing, early, table));
  if (recorded === 'gather again') return recorded;
  await gate.atStep('intent recorded', landing.pushId);
  if (recorded.intent === null) return recorded.landed;
  return carryOut(gate, landing, onDisk, recorded.intent, recorded.landed, table, isHeld);
}

interface Recorded {
  readonly landed: Landed[];
  readonly intent: Intent | null;
}

/** Reads everything again, decides again, and writes down what is about to happen. Commits before anything moves. */
async function record(gate: Gate, tx: Transaction, landing: Landing, early: Early, table: RefTable): Promise<Recorded | 'gather again'> {
  const { caller, means, updates, atomic } = landing;
  const repository = await present(tx, landing);
  await landing.authorize?.(tx);
  const rules = await readRules(tx, repository);
  const problems = updates.map((update) => checkOldValue(update, table));
  const live = updates.flatMap((update, index) => (problems[index] === null ? [{ update, index }] : []));
  const push = { updates: live.map(({ update }) => update), means };
  const standing = await readStanding(tx, question(landing, repository, table, early, tx.now));
  const asked = neededFacts(push, standing, rules, caller.actor, tx.now);
  const isStale = early.tips !== null && early.tips.witness !== protectedTips(table, rules, repository).witness;
  if (isStale || live.some(({ index }, at) => !isSubset(asked[at]!, early.asked[index]!))) return 'gather again';

  const verdict = decide(push, { refs: live.map(({ index }) => early.facts[index]!), standing }, rules, caller.actor, tx.now);
  const judged = push.updates.map((update, at) => ({ update, verdict: verdict.refs[at]! }));
  const everythingOrNothing = atomic && (judged.length < updates.length || judged.some((one) => one.verdict.result === 'fail'));
  const passing = everythingOrNothing || landing.dryRun ? [] : judged.filter((one) => one.verdict.result !== 'fail');
  const effects = [...verdict.effects, ...(landing.effects ?? [])];
  const written = await write(gate, tx, { ...landing, repository }, judged, passing, effects);
  const landed = updates.map((update, index): Landed => {
    const at = live.findIndex((one) => one.index === index);
    if (at < 0) return { update, verdict: null, reason: problems[index]!, auditNumber: null };
    const { verdict: own } = judged[at]!;
    const otherwise = own.result === 'fail' ? REFUSED_BY_RULES : REFUSED_WITH_OTHERS;
    return {
      update,
      verdict: own,
      reason: passing.includes(judged[at]!) ? null : otherwise,
      auditNumber: written.numbers.get(update) ?? null,
    };
  });
  return { landed, intent: written.intent };
}

function isSubset<T>(part: ReadonlySet<T>, whole: ReadonlySet<T>): boolean {
  return [...part].every((one) => whole.has(one));
}

/** The repository as it is now. It may have been deleted while the push was on its way. */
async function present(reads: Reads, { repository }: Landing): Promise<Repository> {
  const now = await reads.repositories.findById(repository.id);
  if (now === null) throw notFound('repository');
  return now;
}

function question(landing: Landing, repository: Repository, table: RefTable, early: Early | null, now: number) {
  const { caller, owner, bypassReason, updates } = landing;
  const tips = updates.flatMap((update) => update.newId ?? []);
  return { caller, repository, owner, bypassReason, tips, now, isEmpty: !hasBranches(table), keys: early === null ? [] : keysOf(early) };
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

async function write(
  gate: Gate,
  tx: Transaction,
  landing: Landing,
  judged: readonly JudgedUpdate[],
  passing: readonly JudgedUpdate[],
  effects: Intent['effects'],
): Promise<Written> {
  const push: PushRecord = { ...landing, describe: gate.words.describe };
  if (landing.dryRun) {
    await tx.audit.append(pushEntry(push, judged, 'git.push_dry_run'));
    return { intent: null, numbers: new Map() };
  }
  const bypassed = passing.filter((one) => one.verdict.result === 'bypass');
  const refused = judged.filter((one) => one.verdict.result === 'fail');
  const first = await tx.audit.append(
    pushEntry(push, judged),
    ...bypassed.map((one) => bypassEntry(push, one)),
    ...refused.map((one) => refusedEntry(push, one)),
  );
  const numbers = new Map(bypassed.map((one, index) => [one.update, first + 1 + index]));
  if (passing.length === 0) return { intent: null, numbers };
  const updates = passing.map(({ update, verdict }) => ({
    ...update,
    usesToken: verdict.violations.some((one) => one.waivedBy?.kind === 'elevated_token'),
  }));
  const uses = updates.filter((update) => update.usesToken).length;
  const tokenId = landing.caller.token?.id;
  const reserved = uses > 0 && tokenId !== undefined ? { tokenId, uses } : null;
  if (reserved !== null && !(await tx.tokens.reserveUses(reserved.tokenId, reserved.uses)))
    throw new Error('the uses that were counted are not there');
  const { pushId, repository } = landing;
  const kept = effects.filter((effect) => effect.kind !== 'spend-uses');
  const intent = await tx.intents.open({
    pushId,
    repositoryId: repository.id,
    nodeId: gate.nodeId,
    updates,
    effects: kept,
    reserved,
    auditNumber: first,
  });
  return { intent, numbers };
}

/** After the intent: objects, refs, outcome. */
async function carryOut(
  gate: Gate,
  landing: Landing,
  onDisk: GitRepository,
  intent: Intent,
  landed: Landed[],
  table: RefTable,
  isHeld: IsHeld,
): Promise<Landed[]> {
  const reasons = await applyIntent(gate, { intent, landing, onDisk, fence: gate.store.isShared ? table.fence : null, isHeld });
  const byRef = new Map(intent.updates.map((update, index) => [update.refName, reasons[index]!]));
  return landed.map((one) =>
    one.reason === null && byRef.has(one.update.refName) ? { ...one, reason: byRef.get(one.update.refName) ?? null } : one,
  );
}
