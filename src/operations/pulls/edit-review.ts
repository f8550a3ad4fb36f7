import { readRules } from '#gate/rule-book.ts';
import type { Caller } from '#model/caller.ts';
import type { Reads } from '#model/ports/store.ts';
import { forbidden, notFound } from '#model/problem.ts';
import type { PullReview } from '#model/pull-request.ts';
import { branchRef } from '#model/ref-name.ts';
import { effectiveSources } from '#policy/combine.ts';
import { mayDismissReview } from '#policy/may-dismiss-review.ts';
import { type RepositoryKey, requireActor } from '../access.ts';
import { change, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';
import { aboutPull, type PullReached, reachToReview } from './reach-pull.ts';
import { ownPending } from './review-words.ts';
import { reviewProblem } from './reviewed-change.ts';

/** Other words for one's own review; what it decided stays. */
export function rewordReview(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  number: number,
  reviewId: number,
  body: string,
): Promise<PullReview> {
  return change(context, caller, async (tx, record, as) => {
    const reached = await reachToReview(tx, as, key, number, tx.now);
    const review = await seenReview(tx, as, reached, reviewId);
    if (review.userId !== requireActor(as).user.id) throw forbidden('the author of the review');
    if (body === review.body) return new Unchanged(review);
    if (body.trim() === '' && review.state !== 'approved') throw reviewProblem(`Body can't be blank`, 'body');
    await tx.reviews.updateReview(reviewId, body);
    record(aboutPull(reached, reached.pull, { action: 'pull_request_review.update', operation: 'modify', data: { review_id: reviewId } }));
    return { ...review, body };
  });
}

/** A review that was not submitted goes, with its comments. */
export function deleteReview(context: Context, caller: Caller, key: RepositoryKey, number: number, reviewId: number): Promise<PullReview> {
  return change(context, caller, async (tx, record, as) => {
    const reached = await reachToReview(tx, as, key, number, tx.now);
    const { review } = await ownPending(tx, requireActor(as), reached, reviewId);
    await tx.reviews.removeReview(reviewId);
    record(aboutPull(reached, reached.pull, { action: 'pull_request_review.delete', operation: 'remove', data: { review_id: reviewId } }));
    return review;
  });
}

/** An approval, or a demand for changes, ends: by an admin, or by whom the rules of the base let. */
export function dismissReview(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  number: number,
  reviewId: number,
  message: string,
): Promise<PullReview> {
  return change(context, caller, async (tx, record, as) => {
    const reached = await reachToReview(tx, as, key, number, tx.now);
    const review = await seenReview(tx, as, reached, reviewId);
    await requireDismisser(tx, as, reached);
    if (review.state !== 'approved' && review.state !== 'changes_requested')
      throw reviewProblem(`Can not dismiss a ${review.state} pull request review`);
    if (message.trim() === '') throw reviewProblem(`Message can't be blank`, 'message');
    await tx.reviews.dismissReview(reviewId, { by: requireActor(as).user.id, message });
    const about = { review_id: reviewId, reviewer_id: review.userId, old_state: review.state, reason: message };
    record(aboutPull(reached, reached.pull, { action: 'pull_request_review.dismiss', operation: 'modify', data: about }));
    return (await tx.reviews.findReview(reached.pull.id, reviewId))!;
  });
}

/** A review that the caller may know of. */
export async function seenReview(reads: Reads, caller: Caller, { pull }: PullReached, reviewId: number): Promise<PullReview> {
  const review = await reads.reviews.findReview(pull.id, reviewId);
  const isHidden = review?.state === 'pending' && (caller.kind !== 'actor' || caller.user.id !== review.userId);
  if (review === null || isHidden) throw notFound('review');
  return review;
}

async function requireDismisser(reads: Reads, caller: Caller, { repository, owner, rung, pull }: PullReached): Promise<void> {
  const { actor, user } = requireActor(caller);
  const rules = await readRules(reads, repository);
  const sources = effectiveSources(rules, pull.base.refName, branchRef(repository.defaultBranch));
  const teams = owner.kind === 'organization' ? await reads.standings.readTeams(user.id, owner.id) : { direct: [], all: [] };
  const standing = {
    ...{ dead: null, rung, siteAdmin: user.siteAdmin, organizationOwner: false, keyMayWrite: true },
    ...{ directTeams: teams.direct, teams: teams.all },
  };
  if (!mayDismissReview(sources, actor, { actor: standing })) throw forbidden('somebody who may dismiss reviews of this branch');
}
