import type { ObjectId } from '#model/ref-update.ts';
import { collectSome, type Git, GitFailed, type Surroundings } from './git.ts';

export type MergeResult =
  | { readonly kind: 'merged'; readonly tree: ObjectId }
  /** The paths, as many as fit into some kilobytes; of a few conflicts git knows no path. */
  | { readonly kind: 'conflict'; readonly paths: readonly string[] }
  | { readonly kind: 'unrelated' };

interface MergeOptions {
  /** False where what the merge writes is only looked at: then nothing waits for the disk. */
  readonly durable?: boolean;
}

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
  { durable = true }: MergeOptions = {},
): Promise<MergeResult> {
  const merge = ['merge-tree', '--write-tree', '--no-messages', '--name-only', '-z', '--end-of-options', ours, theirs];
  const args = durable ? merge : ['-c', 'core.fsync=none', ...merge];
  const process = git.start(repository, args, around);
  process.stdin.end();
  const [stdout, stderr, code] = await Promise.all([collectSome(process.stdout), collectSome(process.stderr), process.ended]);
  // The last field is empty, or cut off.
  const [tree, ...paths] = stdout.split('\0').slice(0, -1);
  if (code === 0 && tree !== undefined) return { kind: 'merged', tree };
  if (code === 1) return { kind: 'conflict', paths };
  if (stderr.includes('unrelated histories')) return { kind: 'unrelated' };
  throw new GitFailed(merge, { code, stdout: Buffer.alloc(0), stderr });
}
