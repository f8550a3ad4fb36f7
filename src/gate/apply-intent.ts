import type { Quarantine } from '#git/quarantine.ts';
import type { GitRepository } from '#git/repository.ts';
import type { Intent } from '#model/intent.ts';
import { outcomeEntry } from './audit-entries.ts';
import { authorize } from './authorized.ts';
import type { Gate } from './gate.ts';
import type { Landing } from './landing.ts';
import type { IsHeld } from './repository-locks.ts';
import { headAfter, outcomeOf, type Settlement, settle } from './settle.ts';

export interface Applying {
  readonly intent: Intent;
  readonly landing: Pick<Landing, 'caller' | 'repository' | 'owner' | 'pushId' | 'means' | 'atomic'> & {
    readonly quarantine: Quarantine | null;
  };
  readonly onDisk: GitRepository;
  readonly fence: string | null;
  readonly isHeld: IsHeld;
}

/**
 * Carries out a recorded intent: objects into the store, refs with their old values, the outcome. Called with the repository's lock
 * held. The answer, in the order of the intent's updates: null where the ref moved, else why not.
 */
export async function applyIntent(gate: Gate, applying: Applying): Promise<(string | null)[]> {
  const { intent, landing, onDisk } = applying;
  const reasons = await moveRefs(gate, applying).catch((error: unknown) => {
    gate.log.error({ pushId: landing.pushId, error }, 'the refs of a recorded push could not be moved');
    return null;
  });
  // Nobody knows how far it came: the files are looked at, as after a crash.
  if (reasons === null) onDisk.refs.forget();
  const known = reasons ?? (await observe(onDisk, intent));
  const refs = intent.updates.map((update, index) => ({
    ref: update.refName,
    moved: known[index] === null,
    ...(known[index] !== null && { reason: known[index]! }),
  }));
  const moved = refs.filter((ref) => ref.moved).length;
  // Where HEAD is all that was to move, there is no ref to tell whether it did.
  const headFailed = reasons === null && refs.length === 0 && (await onDisk.refs.table()).head !== headAfter(intent, []);
  const outcome = headFailed ? 'failed' : outcomeOf(moved, refs.length);
  const entry = outcomeEntry(landing, intent.auditNumber, outcome, refs);
  await settleSoon(gate, { intent, reasons: known, outcome, entry });
  if (headFailed) throw new Error('HEAD could not be moved');
  await gate.atStep('outcome recorded', landing.pushId);
  return known;
}

async function moveRefs(gate: Gate, { intent, landing, onDisk, fence, isHeld }: Applying): Promise<(string | null)[]> {
  const stored = await (landing.quarantine?.migrate() ?? Promise.resolve()).then(
    () => true,
    (error: unknown) => {
      gate.log.error({ pushId: landing.pushId, error }, 'the objects of a push could not be moved into the store');
      return false;
    },
  );
  if (!stored) return intent.updates.map(() => 'the objects could not be stored');
  await gate.atStep('objects migrated', landing.pushId);
  const head = headAfter(
    intent,
    intent.updates.map(() => null),
  );
  const updates = intent.updates.map(({ refName, oldId, newId }) => ({ refName, oldId, newId }));
  const authorized = authorize({ repositoryId: intent.repositoryId, updates, atomic: landing.atomic, head, fence });
  const reasons = await onDisk.writer.apply(authorized, isHeld);
  await gate.atStep('refs moved', landing.pushId);
  const moved = updates.filter((_, index) => reasons[index] === null);
  const headNow = headAfter(intent, reasons);
  // Whoever lost the lock, or met a fence that was moved, does not know what another process has done since: a table patched by it would
  // pass for current.
  const { isShared } = gate.store;
  const isOurs = !isShared || (await isHeld());
  if (headNow !== null && isOurs) await onDisk.writer.pointHead(authorized);
  if (isOurs && (!isShared || moved.length === updates.length)) {
    await onDisk.refs.patch(moved, headNow);
    onDisk.refs.shows = intent.id;
  } else onDisk.refs.forget();
  return reasons;
}

/** Whether each ref stands where the intent wanted it. */
export async function observe(onDisk: GitRepository, { updates }: Pick<Intent, 'updates'>): Promise<(string | null)[]> {
  const table = await onDisk.refs.reread();
  return updates.map(({ refName, newId }) =>
    (table.refs.get(refName)?.id ?? null) === newId ? null : 'the push was cut off before the ref moved',
  );
}

/**
 * Records the outcome. When the store does not answer, the refs have moved all the same and the intent names where to: the client is
 * told the truth, and the outcome is recorded as soon as the store answers again.
 */
async function settleSoon(gate: Gate, settlement: Settlement): Promise<void> {
  try {
    await gate.store.write((tx) => settle(tx, settlement));
  } catch (error) {
    gate.log.error({ intent: settlement.intent.id, error }, 'the outcome of a push could not be recorded yet');
    gate.unsettled.push(settlement);
  }
}

/** Tries again what could not be recorded. The settlements that still could not stay. */
export async function settlePending(gate: Gate): Promise<void> {
  for (const settlement of gate.unsettled.splice(0)) await settleSoon(gate, settlement);
}
