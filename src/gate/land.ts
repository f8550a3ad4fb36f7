import { setTimeout as sleep } from 'node:timers/promises';
import type { GitRepository } from '#git/repository.ts';
import { neededFacts } from '#policy/needed-facts.ts';
import { applyIntent } from './apply-intent.ts';
import { pushEntry } from './audit-entries.ts';
import { decideAndRecord, type Early, present } from './decide-and-record.ts';
import { type EarlyReading, isFresh, readEarly } from './early-reading.ts';
import type { Gate } from './gate.ts';
import { gatherFacts } from './gather-facts.ts';
import { type Landed, type Landing, withoutReceipt } from './landing.ts';
import { lockedTable } from './locked-table.ts';
import { protectedTips } from './protected-tips.ts';
import { settleOlder } from './reconcile.ts';
import type { IsHeld } from './repository-locks.ts';
import { writeRecord } from './write-record.ts';

const maximumAttempts = 4;
const millisecondsBetween = 50;

/**
 * The only way a ref moves (spec/model.md 7.3): facts early and outside the lock, then, under the lock, everything that was judged is
 * read and decided again in the transaction that records the intent; only then do objects and refs move.
 */
export async function land(gate: Gate, landing: Landing): Promise<Landed[]> {
  for (let attempt = 0; attempt < maximumAttempts; attempt++) {
    const early = await gatherEarly(gate, landing, attempt === 0 ? (landing.reading ?? null) : null);
    await gate.atStep('judged early', landing.pushId);
    const landed = await gate.locks.hold(landing.repository.id, (isHeld) => landLocked(gate, landing, early, isHeld));
    if (landed !== 'gather again') return landed;
    await sleep(attempt * millisecondsBetween);
  }
  return refuseBusy(gate, landing);
}

/** The refs, or the rules, changed each time that it was to be decided. */
async function refuseBusy(gate: Gate, landing: Landing): Promise<Landed[]> {
  const fates = landing.updates.map((update) => ({ update, verdict: null, reason: 'the repository is busy, push again' }));
  const push = { ...landing, describe: gate.words.describe };
  const action = landing.dryRun ? 'git.push_dry_run' : 'git.push';
  await writeRecord(gate, landing.pushId, (tx) => tx.audit.append(pushEntry(push, [...fates, ...(landing.refusedBefore ?? [])], action)));
  return fates.map(withoutReceipt);
}

async function gatherEarly(gate: Gate, landing: Landing, before: EarlyReading | null): Promise<Early> {
  const { caller, means, updates, quarantine } = landing;
  const onDisk = gate.repositories.open(landing.repository.id, landing.repository.objectFormat);
  const reading = before !== null && isFresh(before) ? before : await readNow(gate, landing, onDisk);
  const { repository, table, rules, standing, now } = reading;
  const asked = neededFacts({ updates, means }, standing, rules, caller.actor, now);
  const tips = () => protectedTips(table, rules, repository);
  return { updates, ...(await gatherFacts(gate, { repository: onDisk, around: { quarantine: quarantine.path }, tips }, updates, asked)) };
}

async function readNow(gate: Gate, landing: Landing, onDisk: GitRepository): Promise<EarlyReading> {
  const [repository, table] = await Promise.all([present(gate.store.read, landing), onDisk.refs.table()]);
  return readEarly(gate, { ...landing, repository }, table);
}

async function landLocked(gate: Gate, landing: Landing, early: Early, isHeld: IsHeld): Promise<Landed[] | 'gather again'> {
  await gate.atStep('locked', landing.pushId);
  const onDisk = gate.repositories.open(landing.repository.id, landing.repository.objectFormat);
  if (!(await settleOlder(gate, landing.repository.id))) return 'gather again';
  const table = await lockedTable(gate, landing.repository.id, onDisk);
  const recorded = await writeRecord(gate, landing.pushId, (tx) => decideAndRecord(gate, tx, landing, early, table));
  if (recorded === 'gather again') return recorded;
  await gate.atStep('intent recorded', landing.pushId);
  if (recorded.intent === null) return recorded.landed;
  const { intent, landed } = recorded;
  const reasons = await applyIntent(gate, { intent, landing, onDisk, fence: gate.store.isShared ? table.fence : null, isHeld });
  const byRef = new Map(intent.updates.map((update, index) => [update.refName, reasons[index]!]));
  return landed.map((one) =>
    one.reason === null && byRef.has(one.update.refName) ? { ...one, reason: byRef.get(one.update.refName) ?? null } : one,
  );
}
