import type { Reached } from '#operations/access.ts';
import type { CommentShown, ReviewShown } from '#operations/pulls/read-reviews.ts';
import { simpleUser } from '../accounts/from-model.ts';
import { fullName } from '../repositories/from-model.ts';
import { nodeId, timestamp } from '../time.ts';
import type { Urls } from '../urls.ts';
import { pullHtmlUrl, pullUrl } from './from-model.ts';

type Where = Pick<Reached, 'owner' | 'repository'>;

export function reviewObject(review: ReviewShown, where: Where, number: number, urls: Urls) {
  const html = `${pullHtmlUrl(where, number, urls)}#pullrequestreview-${review.id}`;
  const pull = pullUrl(where, number, urls);
  return {
    id: review.id,
    node_id: nodeId('PullRequestReview', review.id),
    user: review.user && simpleUser(review.user, urls),
    body: review.body,
    state: review.state.toUpperCase(),
    html_url: html,
    pull_request_url: pull,
    author_association: review.association,
    _links: { html: { href: html }, pull_request: { href: pull } },
    ...(review.submittedAt !== null && { submitted_at: timestamp(review.submittedAt) }),
    commit_id: review.commit,
  };
}

/** A remark. What stands in lines that the pull request does not have any more has only the places it had (spec/github.md 1.8). */
export function commentObject(comment: CommentShown, where: Where, urls: Urls) {
  const url = `${urls.repo(fullName(where))}/pulls/comments/${comment.id}`;
  const html = `${pullHtmlUrl(where, comment.number, urls)}#discussion_r${comment.id}`;
  const pull = pullUrl(where, comment.number, urls);
  const isShown = !comment.isOutdated;
  return {
    url,
    pull_request_review_id: comment.reviewId,
    id: comment.id,
    node_id: nodeId('PullRequestReviewComment', comment.id),
    diff_hunk: comment.diffHunk,
    path: comment.path,
    ...(isShown && comment.position !== null && { position: comment.position }),
    ...(comment.position !== null && { original_position: comment.position }),
    commit_id: comment.commit,
    original_commit_id: comment.originalCommit,
    ...(comment.inReplyTo !== null && { in_reply_to_id: comment.inReplyTo }),
    user: comment.user && simpleUser(comment.user, urls),
    body: comment.body,
    created_at: timestamp(comment.createdAt),
    updated_at: timestamp(comment.updatedAt),
    html_url: html,
    pull_request_url: pull,
    author_association: comment.association,
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: pull } },
    start_line: isShown ? comment.startLine : null,
    original_start_line: comment.startLine,
    start_side: comment.startSide,
    ...(isShown && comment.line !== null && { line: comment.line }),
    ...(comment.line !== null && { original_line: comment.line }),
    side: comment.side,
    subject_type: comment.subject,
  };
}

/** A remark in the list of its review, where the places in the diff have to be named. */
export function commentInReview(comment: CommentShown, where: Where, urls: Urls) {
  const { position } = comment;
  return {
    ...commentObject(comment, where, urls),
    position: comment.isOutdated ? null : position,
    original_position: position ?? 1,
  };
}
