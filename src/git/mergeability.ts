import type { ObjectId } from '#model/ref-update.ts';
import { type Git, GitFailed } from './git.ts';
import { type MergeResult, mergeTrees } from './merge-tree.ts';
import { Quarantine } from './quarantine.ts';

export interface Mergeability {
  /** None where the two have no history in common, several after criss-cross merges. */
  readonly mergeBases: readonly ObjectId[];
  /** Commits that head has and base has not, and the other way round. */
  readonly ahead: number;
  readonly behind: number;
  readonly merge: MergeOutcome;
}

type MergeOutcome =
  /** Base has everything that head has. */
  | { readonly kind: 'up-to-date' }
  /** Head has everything that base has. */
  | { readonly kind: 'fast-forward' }
  /** The tree that the merge would have. It is in no store: the name is there to compare with. */
  | { readonly kind: 'clean'; readonly tree: ObjectId }
  | Exclude<MergeResult, { readonly kind: 'merged' }>;

/** What would come of merging `head` into `base`. At most three processes; what the attempt writes goes with it. */
export async function readMergeability(git: Git, repository: string, base: ObjectId, head: ObjectId): Promise<Mergeability> {
  const [mergeBases, { ahead, behind }] = await Promise.all([
    readMergeBases(git, repository, base, head),
    countApart(git, repository, base, head),
  ]);
  return { mergeBases, ahead, behind, merge: await attempt(git, repository, base, head, mergeBases) };
}

async function attempt(git: Git, repository: string, base: ObjectId, head: ObjectId, bases: readonly ObjectId[]): Promise<MergeOutcome> {
  if (bases.length === 0) return { kind: 'unrelated' };
  if (bases.includes(head)) return { kind: 'up-to-date' };
  if (bases.includes(base)) return { kind: 'fast-forward' };
  await using scratch = await Quarantine.scratch(repository);
  const merged = await mergeTrees(git, repository, { quarantine: scratch.path }, base, head, { durable: false });
  return merged.kind === 'merged' ? { ...merged, kind: 'clean' } : merged;
}

async function readMergeBases(git: Git, repository: string, base: ObjectId, head: ObjectId): Promise<ObjectId[]> {
  const args = ['merge-base', '--all', '--end-of-options', base, head];
  const finished = await git.run(repository, args);
  // It ends with 1 and says nothing where there is none.
  if (finished.code !== 0 && (finished.code !== 1 || finished.stderr !== '')) throw new GitFailed(args, finished);
  return finished.stdout
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '');
}

async function countApart(git: Git, repository: string, base: ObjectId, head: ObjectId): Promise<{ ahead: number; behind: number }> {
  const counts = await git.must(repository, ['rev-list', '--stdin', '--left-right', '--count'], { input: `${base}...${head}\n` });
  const [behind, ahead] = counts.toString('latin1').trim().split('\t').map(Number) as [number, number];
  return { ahead, behind };
}
