import { packRefs, readMaintenanceNeeds, repack } from '#git/maintenance.ts';
import { removeQuarantines } from '#git/quarantine.ts';
import type { Repository } from '#model/repository.ts';
import type { Gate } from './gate.ts';

/** Quarantines older than this belong to no push any more (milliseconds). */
const longestPush = 24 * 60 * 60 * 1000;

/** Keeps one repository fast. Refs are packed with its lock held, because a push looks at the same files. */
export async function maintain(gate: Gate, { id, objectFormat }: Repository): Promise<void> {
  const onDisk = gate.repositories.open(id, objectFormat);
  const needs = await readMaintenanceNeeds(onDisk.path);
  await removeQuarantines(onDisk.path, null, Date.now() - longestPush);
  if (needs.repack) await repack(gate.git, onDisk.path);
  if (needs.packRefs) {
    await gate.locks.hold(id, async () => {
      await packRefs(gate.git, onDisk.path);
      onDisk.refs.forget();
    });
  }
  if (needs.repack) await onDisk.rest();
}
