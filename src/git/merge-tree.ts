import type { ObjectId } from '#model/ref-update.ts';
import { type Git, GitFailed, type Surroundings } from './git.ts';

export type MergeResult = { readonly tree: ObjectId } | 'conflict' | 'unrelated';

/**
 * The tree that merging two commits gives, without a work tree. What the merge makes new is written to the quarantine, to be judged like
 * everything that comes in.
 */
export async function mergeTrees(
  git: Git,
  repository: string,
  around: Surroundings,
  ours: ObjectId,
  theirs: ObjectId,
): Promise<MergeResult> {
  const args = ['merge-tree', '--write-tree', '--no-messages', '--name-only', '-z', '--end-of-options', ours, theirs];
  const finished = await git.run(repository, args, around);
  if (finished.code === 1) return 'conflict';
  if (finished.code !== 0) {
    if (finished.stderr.includes('unrelated histories')) return 'unrelated';
    throw new GitFailed(args, finished);
  }
  return { tree: finished.stdout.toString('latin1').split('\0')[0]!.trim() };
}
