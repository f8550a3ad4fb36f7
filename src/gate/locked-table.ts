import type { RefTable } from '#git/ref-table.ts';
import type { GitRepository } from '#git/repository.ts';
import type { Gate } from './gate.ts';

/**
 * The refs as they are, for whoever holds the repository's lock. Where other processes move refs too, the files' times cannot be
 * trusted: two changes within one tick of the file system's clock look like one. But every change has an intent, so a table that shows
 * the newest one is current; any other is read again.
 */
export async function lockedTable(gate: Gate, repositoryId: number, { refs }: GitRepository): Promise<RefTable> {
  if (!gate.store.isShared) return refs.table();
  const last = await gate.store.read.intents.readLast(repositoryId);
  if (refs.shows === last) return refs.table();
  const table = await refs.reread();
  refs.shows = last;
  return table;
}
