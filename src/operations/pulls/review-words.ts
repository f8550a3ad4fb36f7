import type { AuthenticatedCaller } from '#model/caller.ts';
import type { Reads, Transaction } from '#model/ports/store.ts';
import { notFound } from '#model/problem.ts';
import type { PullReview } from '#model/pull-request.ts';
import { areOne } from '#policy/review-state.ts';
import { participantOf, readParticipants } from './people.ts';
import type { PullReached } from './reach-pull.ts';
import { reviewProblem } from './reviewed-change.ts';

const verbs = { approved: 'approve', changes_requested: 'request changes on' } as const;

/**
 * Nobody approves or refuses their own work, nor that of a robot of theirs, nor by one: a person and the robots that the person answers for are
 * one (decision 25). And only of what is open is anything to be decided.
 */
export async function refuseWord(
  reads: Reads,
  { user }: AuthenticatedCaller,
  { pull }: PullReached,
  state: PullReview['state'],
): Promise<void> {
  if (state !== 'approved' && state !== 'changes_requested') return;
  if (pull.state !== 'open') throw reviewProblem(`Can not ${verbs[state]} a ${pull.state} pull request`);
  const author = (await readParticipants(reads, [pull.authorId])).get(pull.authorId);
  const isOwn = user.id === pull.authorId || (author !== undefined && areOne(participantOf(user), author));
  if (isOwn) throw reviewProblem(`Can not ${verbs[state]} your own pull request`);
}

/** An approval says enough; everything else needs words. */
export function refuseSilence(state: PullReview['state'], body: string, comments: number): void {
  const isSilent = body.trim() === '';
  if (isSilent && (state === 'changes_requested' || (state === 'commented' && comments === 0)))
    throw reviewProblem(`Body can't be blank`, 'body');
}

/** The caller's own pending review; that of somebody else is not there for them. */
export async function ownPending(
  reads: Reads,
  { user }: AuthenticatedCaller,
  { pull }: PullReached,
  reviewId: number,
): Promise<{ readonly review: PullReview; readonly comments: number }> {
  const review = await reads.reviews.findReview(pull.id, reviewId);
  if (review === null || (review.state === 'pending' && review.userId !== user.id)) throw notFound('review');
  if (review.state !== 'pending') throw reviewProblem('The review was submitted already');
  const filter = { pull: { id: pull.id }, reviewId, since: null, sort: 'created', descending: false, viewerId: user.id } as const;
  return { review, comments: (await reads.reviewComments.listComments(filter, { limit: 1, offset: 0 })).total };
}

/** Whether what was looked at before the transaction is not what is proposed inside it. */
export function hasMoved({ pull: before }: PullReached, { pull: now }: PullReached): boolean {
  return before.head.id !== now.head.id || before.base.refName !== now.base.refName || before.state !== now.state;
}

/** Who was asked and has answered is not asked any more, nor are the teams that they answer for. */
export async function settleRequests(
  tx: Transaction,
  { pull, owner }: PullReached,
  userId: number,
  state: PullReview['state'],
): Promise<void> {
  if (state === 'pending') return;
  const { all } = owner.kind === 'organization' ? await tx.standings.readTeams(userId, owner.id) : { all: [] };
  await tx.reviews.removeRequests(pull.id, { users: [userId], teams: all });
}
