import { moveFence } from '#git/fence.ts';
import { endOrphans } from '#git/orphans.ts';
import { removeQuarantines } from '#git/quarantine.ts';
import { removeStaleLocks } from '#git/stale-locks.ts';
import type { AuditSubject, NewAuditEntry } from '#model/audit-entry.ts';
import { repositorySubject } from '#model/caller.ts';
import type { Intent, Outcome } from '#model/intent.ts';
import { observe } from './apply-intent.ts';
import { authorize } from './authorized.ts';
import type { Gate } from './gate.ts';
import { isProvedGone } from './node-id.ts';
import { headAfter, outcomeOf, settle } from './settle.ts';

/**
 * Puts right what a process left behind that was cut off in the middle of pushes: lock files and quarantines removed, every open intent
 * compared with the refs and settled (spec/push-path.md section 7). For this process's own node at start, before it listens; for
 * another's, once it has been silent for long. Returns how many intents were settled.
 */
export async function reconcileNode(gate: Gate, nodeId: string): Promise<number> {
  const open = await settleOpen(gate, nodeId);
  for (const id of await gate.store.read.repositories.listAllIds()) {
    // Alone on this disk, every lock file is a leftover.
    if (!gate.store.isShared) await removeStaleLocks(gate.repositories.pathOf(id)).catch(missingFolder);
    const removed = await removeQuarantines(gate.repositories.pathOf(id), [`${nodeId}-`], Date.now()).catch(missingFolder);
    if (removed > 0) gate.log.info({ repository: id, removed }, 'quarantines of interrupted pushes removed');
  }
  return open;
}

async function reconcileIntent(gate: Gate, intent: Intent): Promise<void> {
  const repository = await gate.store.read.repositories.findById(intent.repositoryId);
  if (repository === null) {
    const reasons = intent.updates.map(() => 'the repository is gone');
    const entry = recoveredEntry(intent, {}, 'aborted', reasons);
    await gate.store.write((tx) => settle(tx, { intent, reasons, outcome: 'aborted', entry }));
    return;
  }
  const onDisk = gate.repositories.open(repository.id, repository.objectFormat);
  // With the fence moved, a late transaction of the silent process fails whole. It cannot be moved while that process holds its lock.
  if (gate.store.isShared) await takeFence(gate, onDisk.path, intent);
  else await removeStaleLocks(onDisk.path);
  const reasons = await observe(onDisk, intent);
  const head = headAfter(intent, reasons);
  if (head !== null)
    await onDisk.writer.pointHead(authorize({ repositoryId: repository.id, updates: [], atomic: true, head, fence: null }));
  const moved = reasons.filter((reason) => reason === null).length;
  const outcome = moved > 0 || reasons.length === 0 ? outcomeOf(moved, reasons.length) : ('aborted' as const);
  const owner = await gate.store.read.accounts.findById(repository.ownerId);
  const entry = recoveredEntry(intent, owner && repositorySubject(repository, owner), outcome, reasons);
  await gate.store.write((tx) => settle(tx, { intent, reasons, outcome, entry }));
  onDisk.refs.forget();
  gate.log.info({ pushId: intent.pushId, outcome }, 'an interrupted push was settled');
}

function recoveredEntry(
  intent: Intent,
  subject: AuditSubject | null,
  outcome: Outcome,
  reasons: readonly (string | null)[],
): NewAuditEntry {
  return {
    ...subject,
    action: 'git.push_outcome',
    operation: 'modify',
    actor: { id: null, login: 'sallyport', kind: 'server' },
    via: 'server',
    address: null,
    userAgent: null,
    requestId: intent.pushId,
    token: null,
    category: 'git',
    bypass: false,
    data: {
      push_id: intent.pushId,
      intent: intent.auditNumber,
      outcome,
      recovered: true,
      refs: intent.updates.map((update, index) => ({ ref: update.refName, moved: reasons[index] === null })),
    },
  };
}

/** Moves the fence. Lock files of another process are removed only when it is proved gone, never on a guess: else the repository waits. */
async function takeFence(gate: Gate, repository: string, intent: Intent): Promise<void> {
  const token = `${gate.nodeId} ${intent.id} ${Date.now()}`;
  try {
    await moveFence(gate.git, repository, token);
  } catch (error) {
    if (!isProvedGone(intent.nodeId)) throw error;
    // What it started may still be about to commit.
    await endOrphans(intent.nodeId);
    await removeStaleLocks(repository);
    await moveFence(gate.git, repository, token);
  }
}

/**
 * Settles what is open on a repository whose lock is now ours. Whoever held the lock before has let it go or lost it: what this process
 * could not record is recorded now, what a process left that is gone is looked up in the refs. A stalled one may still come back, so the
 * answer is false: nothing may be decided on top of an end that is unknown, or hide it from those who look for it in the refs.
 */
export async function settleOlder(gate: Gate, repositoryId: number): Promise<boolean> {
  const open = await gate.store.read.intents.listOpen({ repositoryId });
  if (open.length === 0) return true;
  const alive = await gate.store.read.nodes.listAliveSince(Date.now() - gate.silence);
  for (const intent of open) {
    const known = gate.unsettled.find((one) => one.intent.id === intent.id);
    if (known !== undefined) await gate.store.write((tx) => settle(tx, known));
    else if (intent.nodeId === gate.nodeId || !alive.includes(intent.nodeId)) await reconcileIntent(gate, intent);
    else return false;
  }
  return true;
}

/** Everything that a node has left open. What it is still carrying out is no more open when its repository's lock is ours. */
async function settleOpen(gate: Gate, nodeId: string): Promise<number> {
  const open = await gate.store.read.intents.listOpen({ nodeId });
  for (const id of new Set(open.map((intent) => intent.repositoryId))) await gate.locks.hold(id, () => settleOlder(gate, id));
  return open.length;
}

/**
 * Settles what this very process left open because the store's answer was lost: whether the intent became durable nobody knew then, and
 * nothing was moved. What cannot be settled yet is tried again the next time.
 */
export async function settleOwnLost(gate: Gate): Promise<void> {
  const open = await gate.store.read.intents.listOpen({ nodeId: gate.nodeId });
  for (const id of new Set(open.map((intent) => intent.repositoryId))) {
    const settling = gate.locks.hold(id, () => settleOlder(gate, id));
    await settling.catch((error: unknown) => gate.log.error({ repository: id, error }, 'an open push could not be settled yet'));
  }
}

/**
 * Takes over from nodes that have been silent since `at` (milliseconds since 1970), and from those that somebody else took over from,
 * that woke up, and that were gone before they beat again.
 */
export async function reconcileSilentNodes(gate: Gate, at: number): Promise<void> {
  const { nodes, intents } = gate.store.read;
  const alive = [gate.nodeId, ...(await nodes.listAliveSince(at))];
  const others = [...(await nodes.listSilentSince(at)), ...(await intents.listOpen({})).map((intent) => intent.nodeId)];
  for (const nodeId of new Set(others)) {
    if (alive.includes(nodeId)) continue;
    await reconcileNode(gate, nodeId);
    await gate.store.write((tx) => tx.nodes.remove(nodeId));
  }
}

/** A repository whose folder was never made, or is gone, has nothing to clean. */
function missingFolder(error: NodeJS.ErrnoException): number {
  if (error.code !== 'ENOENT') throw error;
  return 0;
}
