import type { Account } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import type { PageRequest } from '#model/ports/store-accounts.ts';
import type { CommentFilter } from '#model/ports/store-pull-requests.ts';
import { notFound } from '#model/problem.ts';
import type { PullReview, ReviewComment } from '#model/pull-request.ts';
import type { ObjectId } from '#model/ref-update.ts';
import { type Reached, type RepositoryKey, reachCode } from '../access.ts';
import type { Context } from '../context.ts';
import { type Association, readAssociations } from './association.ts';
import { seenReview } from './edit-review.ts';
import { readEnds } from './pull-change.ts';
import { type PullReached, reachPull } from './reach-pull.ts';

interface Authored {
  readonly user: Account | null;
  readonly association: Association;
}

export type ReviewShown = PullReview & Authored;
/** `isOutdated`: the pull request has gone on since. */
export type CommentShown = ReviewComment & Authored & { readonly number: number; readonly isOutdated: boolean };

export async function listReviews(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  number: number,
  page: PageRequest,
): Promise<PullReached & { reviews: ReviewShown[]; total: number }> {
  const reached = await reachPull(context.store.read, caller, key, number, Date.now());
  const { items, total } = await context.store.read.reviews.listReviews(reached.pull.id, viewerOf(caller), page);
  return { ...reached, reviews: await withAuthors(context, reached, items), total };
}

export async function readReview(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  number: number,
  reviewId: number,
): Promise<PullReached & { review: ReviewShown }> {
  const reached = await reachPull(context.store.read, caller, key, number, Date.now());
  return showReview(context, reached, await seenReview(context.store.read, caller, reached, reviewId));
}

/** A review that an operation has just made or changed. */
export async function showReview<R extends Reached>(
  context: Context,
  reached: R,
  review: PullReview,
): Promise<R & { review: ReviewShown }> {
  const [shown] = await withAuthors(context, reached, [review]);
  return { ...reached, review: shown! };
}

export type CommentsOf = { readonly repository: true } | { readonly pull: number; readonly review?: number };

export async function listComments(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  of: CommentsOf,
  order: Pick<CommentFilter, 'since' | 'sort' | 'descending'>,
  page: PageRequest,
): Promise<Reached & { comments: CommentShown[]; total: number }> {
  const { read } = context.store;
  const now = Date.now();
  const inPull = 'pull' in of ? await reachPull(read, caller, key, of.pull, now) : null;
  const reached = inPull ?? (await reachCode(read, caller, key, now, 'pull:write'));
  const reviewId = 'review' in of && of.review !== undefined ? (await seenReview(read, caller, inPull!, of.review)).id : null;
  const pull = inPull === null ? { repositoryId: reached.repository.id } : { id: inPull.pull.id };
  const { items, total } = await read.reviewComments.listComments({ pull, reviewId, viewerId: viewerOf(caller), ...order }, page);
  return { ...reached, comments: await showComments(context, reached, items), total };
}

export async function readComment(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  commentId: number,
): Promise<Reached & { comment: CommentShown }> {
  const { read } = context.store;
  const reached = await reachCode(read, caller, key, Date.now(), 'pull:write');
  const comment = await read.reviewComments.findComment(reached.repository.id, commentId);
  const pull = comment && (await read.pulls.findPull(comment.pullId));
  if (!comment || !pull) throw notFound('review comment');
  await seenReview(read, caller, { ...reached, pull }, comment.reviewId);
  const [shown] = await showComments(context, reached, [comment]);
  return { ...reached, comment: shown! };
}

async function showComments(context: Context, reached: Reached, comments: readonly ReviewComment[]): Promise<CommentShown[]> {
  const ids = [...new Set(comments.map(({ pullId }) => pullId))];
  const pulls = (await Promise.all(ids.map((id) => context.store.read.pulls.findPull(id)))).filter((pull) => pull !== null);
  const heads = new Map<number, ObjectId | null>(
    await Promise.all(pulls.map(async (pull) => [pull.id, (await readEnds(context.gate, reached.repository, pull)).head] as const)),
  );
  const numbers = new Map(pulls.map(({ id, number }) => [id, number]));
  const authored = await withAuthors(context, reached, comments);
  return authored.flatMap((comment) => {
    const number = numbers.get(comment.pullId);
    return number === undefined ? [] : [{ ...comment, number, isOutdated: heads.get(comment.pullId) !== comment.commit }];
  });
}

async function withAuthors<T extends { readonly userId: number }>(
  { store }: Context,
  reached: Reached,
  items: readonly T[],
): Promise<(T & Authored)[]> {
  const ids = new Set(items.map(({ userId }) => userId));
  const [accounts, associations] = await Promise.all([store.read.accounts.listByIds([...ids]), readAssociations(store.read, reached, ids)]);
  return items.map((item) => ({
    ...item,
    user: accounts.find(({ id }) => id === item.userId) ?? null,
    association: associations.get(item.userId) ?? 'NONE',
  }));
}

function viewerOf(caller: Caller): number | null {
  return caller.kind === 'actor' ? caller.user.id : null;
}
