import type { Caller } from '#model/caller.ts';
import type { PullReview } from '#model/pull-request.ts';
import type { ObjectId } from '#model/ref-update.ts';
import { type RepositoryKey, requireActor } from '../access.ts';
import { change, Unchanged } from '../change.ts';
import { onDisk } from '../content/names.ts';
import type { Context } from '../context.ts';
import { untilAtRest } from './at-rest.ts';
import { type PlaceInput, placeComment } from './place-comment.ts';
import { aboutPull, reachToReview } from './reach-pull.ts';
import { hasMoved, ownPending, refuseSilence, refuseWord, settleRequests } from './review-words.ts';
import { readReviewed, refuseStaleApproval, reviewProblem } from './reviewed-change.ts';

export type ReviewWord = Exclude<PullReview['state'], 'dismissed'>;

export interface ReviewInput {
  /** Null: the head. */
  readonly commit: ObjectId | null;
  readonly body: string;
  readonly state: ReviewWord;
  readonly comments: readonly (PlaceInput & { readonly body: string })[];
}

/** Says something about a pull request, or begins to: a pending review is nobody's business but its author's. */
export async function createReview(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  number: number,
  input: ReviewInput,
): Promise<PullReview> {
  return untilAtRest(async () => {
    const early = await reachToReview(context.store.read, caller, key, number, Date.now());
    await refuseWord(context.store.read, requireActor(caller), early, input.state);
    refuseSilence(input.state, input.body, input.comments.length);
    const both = await readReviewed(context, early, input.commit);
    await refuseStaleApproval(context, early, input.state, both);
    const { head, mergeBase } = both.reviewed;
    const files = input.comments.length === 0 ? [] : await onDisk(context.gate, early.repository).diff(mergeBase, head);
    const placed = input.comments.map((comment) => ({ ...placeComment(files, comment), body: comment.body }));
    return change<PullReview | null>(context, caller, async (tx, record, as) => {
      const { user, actor } = requireActor(as);
      const reached = await reachToReview(tx, as, { id: early.repository.id }, number, tx.now);
      await refuseWord(tx, requireActor(as), reached, input.state);
      if (hasMoved(early, reached)) return new Unchanged(null);
      const { pull } = reached;
      if (input.state === 'pending' && (await tx.reviews.findPending(pull.id, user.id)) !== null)
        throw reviewProblem('User can only have one pending review per pull request');
      const { state, body } = input;
      const review = await tx.reviews.insertReview({
        ...{ pullId: pull.id, userId: user.id, state, body, commit: head, sudoBy: actor.sudoBy ?? null },
      });
      for (const { place, hunk, body: words } of placed)
        await tx.reviewComments.insertComment({
          ...{ ...place, pullId: pull.id, reviewId: review.id, userId: user.id, threadId: null, inReplyTo: null },
          ...{ commit: head, originalCommit: head, diffHunk: hunk, body: words },
        });
      await settleRequests(tx, reached, user.id, state);
      const action = state === 'pending' ? 'pull_request_review.create' : 'pull_request_review.submit';
      record(
        aboutPull(reached, pull, {
          action,
          operation: 'create',
          data: { review_id: review.id, state, sha: head, comments: placed.length },
        }),
      );
      return review;
    });
  });
}

/** Says what was pending. */
export async function submitReview(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  number: number,
  reviewId: number,
  input: { readonly state: Exclude<ReviewWord, 'pending'>; readonly body: string | null },
): Promise<PullReview> {
  return untilAtRest(async () => {
    const early = await reachToReview(context.store.read, caller, key, number, Date.now());
    const { review: pending } = await ownPending(context.store.read, requireActor(caller), early, reviewId);
    await refuseWord(context.store.read, requireActor(caller), early, input.state);
    // What was commented upon may have gone since; only an approval has to be of what is there.
    if (input.state === 'approved')
      await refuseStaleApproval(context, early, input.state, await readReviewed(context, early, pending.commit));
    return change<PullReview | null>(context, caller, async (tx, record, as) => {
      const reached = await reachToReview(tx, as, { id: early.repository.id }, number, tx.now);
      const { user } = requireActor(as);
      const { review, comments } = await ownPending(tx, requireActor(as), reached, reviewId);
      await refuseWord(tx, requireActor(as), reached, input.state);
      if (hasMoved(early, reached)) return new Unchanged(null);
      const body = input.body ?? review.body;
      refuseSilence(input.state, body, comments);
      await tx.reviews.submitReview(review.id, { state: input.state, body, commit: review.commit });
      await settleRequests(tx, reached, user.id, input.state);
      record(
        aboutPull(reached, reached.pull, {
          action: 'pull_request_review.submit',
          operation: 'modify',
          data: { review_id: review.id, state: input.state, sha: review.commit, comments },
        }),
      );
      return (await tx.reviews.findReview(reached.pull.id, review.id))!;
    });
  });
}
