import type { Caller } from '#model/caller.ts';
import type { Transaction } from '#model/ports/store.ts';
import { forbidden, notFound } from '#model/problem.ts';
import type { ReviewComment } from '#model/pull-request.ts';
import type { ObjectId } from '#model/ref-update.ts';
import { WRITE } from '#model/rung.ts';
import { type Reached, type RepositoryKey, reachCode, requireActor } from '../access.ts';
import { change, type Recorder, Unchanged } from '../change.ts';
import { onDisk } from '../content/names.ts';
import type { Context } from '../context.ts';
import { type PlaceInput, placeComment } from './place-comment.ts';
import { aboutPull, type PullReached, reachToReview, requireAuthorOr, requireParticipant } from './reach-pull.ts';
import { readReviewed, reviewProblem } from './reviewed-change.ts';

type New = Pick<ReviewComment, 'path' | 'subject' | 'line' | 'side' | 'startLine' | 'startSide' | 'position'> &
  Pick<ReviewComment, 'commit' | 'originalCommit' | 'diffHunk' | 'inReplyTo' | 'body'> & { readonly threadId: number | null };

/** A remark on its own, which begins a thread. It stands in a review that says nothing else. */
export async function createComment(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  number: number,
  input: PlaceInput & { readonly body: string; readonly commit: ObjectId | null },
): Promise<ReviewComment> {
  const early = await reachToReview(context.store.read, caller, key, number, Date.now());
  const { reviewed } = await readReviewed(context, early, input.commit);
  const { place, hunk } = placeComment(await onDisk(context.gate, early.repository).diff(reviewed.mergeBase, reviewed.head), input);
  const { head } = reviewed;
  const written = { ...place, commit: head, originalCommit: head, diffHunk: hunk, inReplyTo: null, threadId: null, body: input.body };
  return change(context, caller, async (tx, record, as) => {
    const reached = await reachToReview(tx, as, { id: early.repository.id }, number, tx.now);
    return insert(tx, record, as, reached, written);
  });
}

/** An answer in a thread. */
export function replyTo(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  number: number,
  commentId: number,
  body: string,
): Promise<ReviewComment> {
  return change(context, caller, async (tx, record, as) => {
    const reached = await reachToReview(tx, as, key, number, tx.now);
    const answered = await tx.reviewComments.findComment(reached.repository.id, commentId);
    if (answered?.pullId !== reached.pull.id || (await isPending(tx, answered))) throw notFound('review comment');
    return insert(tx, record, as, reached, { ...answered, inReplyTo: answered.inReplyTo ?? answered.id, body });
  });
}

async function insert(tx: Transaction, record: Recorder, as: Caller, reached: PullReached, comment: New): Promise<ReviewComment> {
  const { user, actor } = requireActor(as);
  const { pull } = reached;
  if (comment.body.trim() === '') throw reviewProblem(`Body can't be blank`, 'body');
  const review = await tx.reviews.insertReview({
    ...{ pullId: pull.id, userId: user.id, state: 'commented', body: '', commit: comment.commit, sudoBy: actor.sudoBy ?? null },
  });
  const written = await tx.reviewComments.insertComment({ ...comment, pullId: pull.id, reviewId: review.id, userId: user.id });
  const about = { comment_id: written.id, review_id: review.id, path: comment.path, in_reply_to: comment.inReplyTo };
  record(aboutPull(reached, pull, { action: 'pull_request_review_comment.create', operation: 'create', data: about }));
  return written;
}

async function isPending(tx: Transaction, { pullId, reviewId }: ReviewComment): Promise<boolean> {
  return (await tx.reviews.findReview(pullId, reviewId))?.state === 'pending';
}

export function rewordComment(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  commentId: number,
  body: string,
): Promise<ReviewComment> {
  return change(context, caller, async (tx, record, as) => {
    const { comment, ...reached } = await reachComment(tx, as, key, commentId);
    if (comment.userId !== requireActor(as).user.id) requireWriter(reached);
    if (body === comment.body) return new Unchanged(comment);
    if (body.trim() === '') throw reviewProblem(`Body can't be blank`, 'body');
    await tx.reviewComments.updateComment(commentId, body);
    record(
      aboutPull(reached, reached.pull, {
        action: 'pull_request_review_comment.update',
        operation: 'modify',
        data: { comment_id: commentId },
      }),
    );
    return (await tx.reviewComments.findComment(reached.repository.id, commentId))!;
  });
}

export function deleteComment(context: Context, caller: Caller, key: RepositoryKey, commentId: number): Promise<ReviewComment> {
  return change(context, caller, async (tx, record, as) => {
    const { comment, ...reached } = await reachComment(tx, as, key, commentId);
    if (comment.userId !== requireActor(as).user.id) requireWriter(reached);
    await tx.reviewComments.removeComment(commentId);
    record(
      aboutPull(reached, reached.pull, {
        action: 'pull_request_review_comment.delete',
        operation: 'remove',
        data: { comment_id: commentId },
      }),
    );
    return comment;
  });
}

/** A thread ends, or begins anew: said by the author of the pull request, or by a writer. Whoever may see it hears what it is now. */
export function setResolution(context: Context, caller: Caller, key: RepositoryKey, commentId: number, isResolved: boolean): Promise<null> {
  return change(context, caller, async (tx, record, as) => {
    const { comment, ...reached } = await reachComment(tx, as, key, commentId);
    requireAuthorOr(WRITE, as, reached);
    const thread = await tx.reviewComments.findThread(reached.pull.id, comment.threadId);
    if ((thread?.resolution != null) === isResolved) return new Unchanged(null);
    if (isResolved) await tx.reviewComments.resolveThread(comment.threadId, requireActor(as).user.id);
    else await tx.reviewComments.unresolveThread(comment.threadId);
    const action = `pull_request_review_thread.${isResolved ? 'resolve' : 'unresolve'}`;
    record(aboutPull(reached, reached.pull, { action, operation: 'modify', data: { thread_id: comment.threadId, comment_id: commentId } }));
    return null;
  });
}

/** A comment that the caller may know of, with its pull request, for whoever wants to change it. */
async function reachComment(
  tx: Transaction,
  caller: Caller,
  key: RepositoryKey,
  commentId: number,
): Promise<PullReached & { comment: ReviewComment }> {
  const { user } = requireActor(caller);
  const reached = await reachCode(tx, caller, key, tx.now, 'pull:write');
  const comment = await tx.reviewComments.findComment(reached.repository.id, commentId);
  const pull = comment && (await tx.pulls.findPull(comment.pullId));
  if (!comment || !pull || (comment.userId !== user.id && (await isPending(tx, comment)))) throw notFound('review comment');
  requireParticipant(caller, reached, 'review:write');
  return { ...reached, pull, comment };
}

function requireWriter({ rung }: Reached): void {
  if (rung < WRITE) throw forbidden(`rung ${WRITE}`);
}
