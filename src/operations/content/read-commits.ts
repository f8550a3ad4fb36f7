import type { Account } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import { type ParsedCommit, parseCommit } from '#model/git-commit.ts';
import { conflict, notFound } from '#model/problem.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import { type Reached, type RepositoryKey, reachCode } from '../access.ts';
import type { Context } from '../context.ts';
import type { Verification } from '../verification.ts';
import { findCommit, onDisk } from './names.ts';

export interface CommitShown {
  readonly id: ObjectId;
  readonly parsed: ParsedCommit;
  readonly verification: Verification;
  /** The account that an address belongs to; null: nobody's here. */
  readonly author: Account | null;
  readonly committer: Account | null;
}

export type DiffShown = Awaited<ReturnType<ReturnType<typeof onDisk>['diff']>>;

/** A page of commits is in memory at once. Nobody writes more about one. */
const maximumCommitBytes = 2 * 1024 * 1024;

/** Commits by id, with who made them and whether that is proved. Ids that are none are left out, and commits too large to be shown. */
export async function readCommitsById(
  context: Pick<Context, 'gate' | 'store' | 'verifyCommit'>,
  repository: Repository,
  ids: readonly ObjectId[],
): Promise<CommitShown[]> {
  const { objects } = onDisk(context.gate, repository);
  const raw = (await Promise.all(ids.map((id) => objects.read(id, maximumCommitBytes)))).filter((object) => object?.type === 'commit');
  const parsed = raw.map((object) => ({ object: object!, commit: parseCommit(object!.data, repository.objectFormat) }));
  const accountOf = await accountsOf(
    context,
    parsed.flatMap(({ commit }) => [commit.author.email, commit.committer.email]),
  );
  const verifications = await Promise.all(parsed.map(({ object }) => context.verifyCommit(object.data)));
  return parsed.map(({ object, commit }, index) => ({
    id: object.id,
    parsed: commit,
    verification: verifications[index]!,
    author: accountOf(commit.author.email),
    committer: accountOf(commit.committer.email),
  }));
}

/** Accounts by their address, or by the no-reply address that names them: all of a page in two queries. */
async function accountsOf({ store }: Pick<Context, 'store'>, emails: readonly string[]): Promise<(email: string) => Account | null> {
  const distinct = [...new Set(emails)];
  const ids = distinct.flatMap((email) => namedBy(email) ?? []);
  const byId = new Map((await store.read.accounts.listByIds(ids)).map((account) => [account.id, account]));
  const others = await store.read.accounts.listByEmails(distinct.filter((email) => namedBy(email) === null));
  const byEmail = new Map(others.map((user) => [user.email?.toLowerCase(), user]));
  return (email) => {
    const id = namedBy(email);
    return (id === null ? byEmail.get(email.toLowerCase()) : byId.get(id)) ?? null;
  };
}

function namedBy(email: string): number | null {
  const noReply = /^(\d{1,15})\+[^@]+@users\.noreply\./.exec(email);
  return noReply && Number(noReply[1]);
}

export interface HistoryInput {
  /** Branch, tag or commit; null: the default branch. */
  readonly from: string | null;
  readonly path: string | null;
  readonly author: string | null;
  /** Milliseconds since 1970. */
  readonly since: number | null;
  readonly until: number | null;
  readonly limit: number;
  readonly offset: number;
}

/** A page of history, newest first, and whether more follows. */
export async function listCommits(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  input: HistoryInput,
): Promise<Reached & { commits: CommitShown[]; more: boolean }> {
  const reached = await reachCode(context.store.read, caller, key, Date.now());
  const { repository } = reached;
  const from = await findCommit(context.gate, repository, input.from ?? repository.defaultBranch);
  if (from === null) {
    if ((await onDisk(context.gate, repository).refs.table()).refs.size === 0) throw conflict('Git Repository is empty.');
    throw notFound('commit');
  }
  const { path, author, since, until, limit, offset } = input;
  const ids = await onDisk(context.gate, repository).history({
    from,
    limit: limit + 1,
    skip: offset,
    ...(path !== null && { path }),
    ...(author !== null && { author }),
    ...(since !== null && { since }),
    ...(until !== null && { until }),
  });
  const commits = await readCommitsById(context, repository, ids.slice(0, limit));
  return { ...reached, commits, more: ids.length > limit };
}

/** One commit with what it changes against its first parent. */
export async function readCommit(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  name: string,
): Promise<Reached & { commit: CommitShown; files: DiffShown }> {
  const reached = await reachCode(context.store.read, caller, key, Date.now());
  const id = await findCommit(context.gate, reached.repository, name);
  const [commit] = id === null ? [] : await readCommitsById(context, reached.repository, [id]);
  if (commit === undefined) throw notFound('commit', name);
  const files = await onDisk(context.gate, reached.repository).diff(commit.parsed.parents[0] ?? null, commit.id);
  return { ...reached, commit, files };
}

/** Commits are shown up to this many; the counts are of all. */
const maximumCompared = 250;

export interface Comparison extends Reached {
  readonly base: CommitShown;
  readonly head: CommitShown;
  /** Null: the two have no history in common. */
  readonly mergeBase: CommitShown | null;
  readonly ahead: number;
  readonly behind: number;
  /** Oldest first. */
  readonly commits: readonly CommitShown[];
  readonly files: DiffShown;
}

/** What `head` has that `base` has not, and what that changes since they parted. */
export async function compareCommits(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  baseName: string,
  headName: string,
): Promise<Comparison> {
  const reached = await reachCode(context.store.read, caller, key, Date.now());
  const { repository } = reached;
  const ids = await Promise.all([baseName, headName].map((name) => findCommit(context.gate, repository, name)));
  if (ids[0] === null || ids[1] === null) throw notFound('commit');
  const [base, head] = ids as [ObjectId, ObjectId];
  const disk = onDisk(context.gate, repository);
  const { mergeBase, ahead, behind, commits } = await disk.divergence(base, head, maximumCompared);
  const ends = await readCommitsById(context, repository, [base, head, ...(mergeBase === null ? [] : [mergeBase])]);
  const shown = (id: ObjectId): CommitShown => {
    const found = ends.find((commit) => commit.id === id);
    if (found === undefined) throw notFound('commit');
    return found;
  };
  return {
    ...reached,
    base: shown(base),
    head: shown(head),
    mergeBase: mergeBase === null ? null : shown(mergeBase),
    ahead,
    behind,
    commits: await readCommitsById(context, repository, commits),
    files: await disk.diff(mergeBase, head),
  };
}
