import { type GitPerson, parseCommit } from '#model/git-commit.ts';
import type { NewObject } from '#model/git-object.ts';
import { rebasedCommit } from '#model/rebased-commit.ts';
import type { ObjectFormat, ObjectId } from '#model/ref-update.ts';
import type { Git, Surroundings } from './git.ts';
import { mergeTrees } from './merge-tree.ts';
import { readInGroups } from './object-reader.ts';
import { passingCommit } from './passing-commit.ts';
import { Quarantine } from './quarantine.ts';

export interface Rebase {
  readonly base: ObjectId;
  readonly head: ObjectId;
  readonly committer: GitPerson;
  readonly format: ObjectFormat;
  /** False where it is only tried. */
  readonly durable?: boolean;
}

export type RebaseResult =
  /** The commits as they are to be written, oldest first; what they bring beside themselves is in the quarantine. */
  | { readonly kind: 'rebased'; readonly tip: ObjectId; readonly commits: readonly NewObject[] }
  | { readonly kind: 'conflict'; readonly commit: ObjectId; readonly paths: readonly string[] }
  | { readonly kind: 'merges' }
  | { readonly kind: 'too-many' }
  | { readonly kind: 'unrelated' };

/** GitHub rebases no more, and each may take a process. */
export const maximumRebased = 100;

/** `around` with a quarantine: what is made on the way has to be somewhere. */
type Around = Surroundings & { readonly quarantine: string };

interface Original {
  readonly data: Buffer;
  readonly tree: ObjectId;
}

/**
 * Applies the commits of base..head onto base, one by one, without a work tree. All of them are made again, also where they might stay as
 * they are: GitHub does so too. A commit that was empty stays; one that has become empty, because base has its change already, goes.
 * (GitHub's documentation is silent; this is what git's own rebase does.)
 *
 * Three processes, and one for each commit that is not applied to the very tree it was made on.
 */
export async function rebaseRange(git: Git, repository: string, around: Around, rebase: Rebase): Promise<RebaseResult> {
  const { base, head, committer, format } = rebase;
  const chain = await readChain(git, repository, base, head);
  if (!('commits' in chain)) return chain;
  const { mergeBase, commits } = chain;
  if (commits.length === 0) return { kind: 'rebased', tip: base, commits: [] };
  const originals = await readOriginals(git, repository, [base, mergeBase, ...commits], format);
  const made: NewObject[] = [];
  let tip = base;
  let onto = originals.get(base)!.tree;
  let parent = mergeBase;
  for (const id of commits) {
    const [before, original] = [originals.get(parent)!.tree, originals.get(id)!];
    const applied = await apply(git, repository, around, rebase, { onto, before, parent, after: original.tree, commit: id });
    if (applied.kind === 'conflict') return { kind: 'conflict', commit: id, paths: applied.paths };
    parent = id;
    if (applied.tree === onto && original.tree !== before) continue;
    onto = applied.tree;
    made.push(rebasedCommit(original.data, { tree: onto, parent: tip, committer }, format));
    tip = made.at(-1)!.id;
  }
  return { kind: 'rebased', tip, commits: made };
}

const anybody: GitPerson = { name: 'Sallyport', email: '', seconds: 0, zone: '+0000' };

/** What would come of it; nothing stays. */
export async function tryRebase(
  git: Git,
  repository: string,
  format: ObjectFormat,
  base: ObjectId,
  head: ObjectId,
): Promise<RebaseResult['kind']> {
  await using scratch = await Quarantine.scratch(repository);
  const rebase = { base, head, format, committer: anybody, durable: false };
  return (await rebaseRange(git, repository, { quarantine: scratch.path }, rebase)).kind;
}

interface Step {
  readonly onto: ObjectId;
  readonly parent: ObjectId;
  readonly before: ObjectId;
  readonly commit: ObjectId;
  readonly after: ObjectId;
}

type Applied = { readonly kind: 'merged'; readonly tree: ObjectId } | { readonly kind: 'conflict'; readonly paths: readonly string[] };

/**
 * What changed from `before` to `after`, done to `onto`. merge-tree finds the merge base by itself (git 2.39 cannot be told), so it is
 * shown a commit with the tree of `onto` whose parent is the original's.
 */
async function apply(git: Git, repository: string, around: Around, { format, durable = true }: Rebase, step: Step): Promise<Applied> {
  const { onto, before, parent, after, commit } = step;
  if (onto === before) return { kind: 'merged', tree: after };
  if (after === before || after === onto) return { kind: 'merged', tree: onto };
  await using ours = await passingCommit(around.quarantine, format, onto, parent);
  const merged = await mergeTrees(git, repository, around, ours.id, commit, { durable });
  if (merged.kind === 'unrelated') throw new Error(`${commit} is no child of ${parent}`);
  return merged;
}

type Chain =
  | { readonly mergeBase: ObjectId; readonly commits: readonly ObjectId[] }
  | { readonly kind: 'merges' | 'too-many' | 'unrelated' };

/**
 * base..head, oldest first. Without merges it is one line that ends at the one merge base: following first parents finds it, or a merge,
 * however clocks are set.
 */
async function readChain(git: Git, repository: string, base: ObjectId, head: ObjectId): Promise<Chain> {
  const found = await git.run(repository, ['merge-base', '--end-of-options', base, head]);
  const mergeBase = found.stdout.toString('latin1').trim();
  if (found.code !== 0 || mergeBase === '') return { kind: 'unrelated' };
  const args = ['rev-list', '--stdin', '--first-parent', '--parents', `--max-count=${maximumRebased + 1}`];
  const listing = await git.must(repository, args, { input: `${head}\n^${mergeBase}\n` });
  const lines = listing
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '));
  if (lines.some((ids) => ids.length > 2)) return { kind: 'merges' };
  if (lines.length > maximumRebased) return { kind: 'too-many' };
  return { mergeBase, commits: lines.map(([id]) => id!).reverse() };
}

async function readOriginals(
  git: Git,
  repository: string,
  ids: readonly ObjectId[],
  format: ObjectFormat,
): Promise<ReadonlyMap<ObjectId, Original>> {
  const originals = new Map<ObjectId, Original>();
  for await (const group of readInGroups(git, repository, {}, [...new Set(ids)])) {
    for (const { id, data } of group) originals.set(id, { data, tree: parseCommit(data, format).tree });
  }
  const absent = ids.find((id) => !originals.has(id));
  if (absent !== undefined) throw new Error(`commit ${absent} cannot be read, or is too large`);
  return originals;
}
