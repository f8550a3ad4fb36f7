import { settlePending } from '#gate/apply-intent.ts';
import type { Gate } from '#gate/gate.ts';
import { maintain } from '#gate/maintain.ts';
import { reconcileSilentNodes, settleOwnLost } from '#gate/reconcile.ts';
import type { Job } from './scheduler.ts';

const second = 1000;
const hour = 3600 * second;
const shortly = 5 * second;

/** What keeps the gate's promises while nobody pushes. */
export function gateJobs(gate: Gate): Job[] {
  const alone: Job[] = [
    { name: 'record outcomes', everyMilliseconds: 2 * second, run: () => settlePending(gate) },
    { name: 'settle what was lost', everyMilliseconds: 10 * second, run: () => settleOwnLost(gate) },
    { name: 'maintain repositories in use', everyMilliseconds: shortly, run: () => maintainInUse(gate) },
    { name: 'maintain repositories', everyMilliseconds: hour, run: () => maintainAll(gate) },
  ];
  if (!gate.store.isShared) return alone;
  return [
    ...alone,
    { name: 'heartbeat', everyMilliseconds: 5 * second, run: () => gate.store.write((tx) => tx.nodes.beat(gate.nodeId, tx.now)) },
    {
      name: 'take over from silent servers',
      everyMilliseconds: 10 * second,
      run: () => reconcileSilentNodes(gate, Date.now() - gate.silence),
    },
  ];
}

/** Every push brings a pack, and each makes the next push slower: where many push, an hour would be too long. */
async function maintainInUse(gate: Gate): Promise<void> {
  await maintainEach(gate, gate.repositories.movedSince(Date.now() - 2 * shortly));
}

async function maintainAll(gate: Gate): Promise<void> {
  await maintainEach(gate, await gate.store.read.repositories.listAllIds());
}

/** One repository at a time: maintenance is never in a hurry. */
async function maintainEach(gate: Gate, ids: readonly number[]): Promise<void> {
  for (const id of ids) {
    const repository = await gate.store.read.repositories.findById(id);
    if (repository === null) continue;
    // One that cannot be kept must not keep the others from it.
    await maintain(gate, repository).catch((error: unknown) =>
      gate.log.error({ repository: id, error }, 'a repository could not be maintained'),
    );
  }
}
