import type { Caller } from '#model/caller.ts';
import { notFound, ProblemError } from '#model/problem.ts';
import type { RepositoryKey } from '../access.ts';
import { onDisk } from '../content/names.ts';
import { type CommitShown, type DiffShown, readCommitsById } from '../content/read-commits.ts';
import type { Context } from '../context.ts';
import { type PullChange, readChange } from './pull-change.ts';
import { type PullReached, reachPull } from './reach-pull.ts';

/** GitHub shows no more commits, and no more files. */
const maximumCommits = 250;
const maximumFiles = 3000;
const maximumTextBytes = 16 * 1024 * 1024;

interface ContentReached extends PullReached {
  readonly change: PullChange;
}

async function reachChange(context: Context, caller: Caller, key: RepositoryKey, number: number): Promise<ContentReached> {
  const reached = await reachPull(context.store.read, caller, key, number, Date.now());
  const change = await readChange(context.gate, reached.repository, reached.pull);
  // A branch is gone, and nothing else keeps its commits.
  if (change === null) throw notFound('content of the pull request');
  return { ...reached, change };
}

/** What it changes since head and base parted. */
export async function readPullFiles(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  number: number,
): Promise<ContentReached & { files: DiffShown }> {
  const reached = await reachChange(context, caller, key, number);
  const { mergeBase, head } = reached.change;
  return { ...reached, files: (await onDisk(context.gate, reached.repository).diff(mergeBase, head)).slice(0, maximumFiles) };
}

/** Its commits, oldest first. */
export async function readPullCommits(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  number: number,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<ContentReached & { commits: CommitShown[]; total: number }> {
  const reached = await reachChange(context, caller, key, number);
  const { base, head } = reached.change;
  const { commits } = await onDisk(context.gate, reached.repository).divergence(base, head, maximumCommits);
  const shown = await readCommitsById(context, reached.repository, commits.slice(offset, offset + limit));
  return { ...reached, commits: shown, total: commits.length };
}

/** All of it as one text: a diff, or its commits as mails. */
export async function readPullText(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  number: number,
  format: 'diff' | 'patch',
): Promise<Buffer> {
  const { repository, change } = await reachChange(context, caller, key, number);
  const disk = onDisk(context.gate, repository);
  const text =
    format === 'diff'
      ? await disk.diffText({ from: change.mergeBase, to: change.head }, maximumTextBytes)
      : await disk.patchText(change.base, change.head, maximumTextBytes);
  if (text === null) throw new ProblemError({ kind: 'too-large', what: format });
  return text;
}
