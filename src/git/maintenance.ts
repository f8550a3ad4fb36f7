import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from './git.ts';

const maximumPacks = 50;
const maximumLooseRefs = 1000;

/** What a repository needs, by what lies in its folders (spec/push-path.md section 8). */
export async function readMaintenanceNeeds(repository: string): Promise<{ repack: boolean; packRefs: boolean }> {
  const packs = (await readdir(join(repository, 'objects', 'pack'))).filter((name) => name.endsWith('.pack')).length;
  const loose = (await readdir(join(repository, 'refs'), { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  ).length;
  return { repack: packs > maximumPacks, packRefs: loose > maximumLooseRefs };
}

/** Joins small packs into few; objects that nothing reaches stay for now, because a push may be about to need them. */
export async function repack(git: Git, repository: string): Promise<void> {
  await git.must(repository, ['repack', '-d', '-q', '--geometric=2', '--write-midx']);
}

/** Moves loose refs into one file. Values stay as they are. */
export async function packRefs(git: Git, repository: string): Promise<void> {
  await git.must(repository, ['pack-refs', '--all']);
}
