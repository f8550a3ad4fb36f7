import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes the lock files that a killed git left behind; they would block their refs for ever. Only where nothing else can be running
 * on the repository: one server process, at its start.
 */
export async function removeStaleLocks(repository: string): Promise<void> {
  const inRefs = await readdir(join(repository, 'refs'), { recursive: true, withFileTypes: true });
  const locks = inRefs.filter((entry) => entry.isFile() && entry.name.endsWith('.lock')).map((entry) => join(entry.parentPath, entry.name));
  for (const path of [...locks, ...['packed-refs.lock', 'HEAD.lock'].map((name) => join(repository, name))])
    await rm(path, { force: true });
}
