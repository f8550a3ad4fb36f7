import type { Static } from 'typebox';
import type { CommentFilter } from '#model/ports/store-pull-requests.ts';
import { invalid } from '#model/problem.ts';
import type { PlaceInput } from '#operations/pulls/place-comment.ts';
import type { RequestNames } from '#operations/pulls/request-reviews.ts';
import type { ReviewInput } from '#operations/pulls/write-review.ts';
import type { commentsQuery, newCommentBody, newReviewBody, reviewersBody } from './schema.ts';

export const stateOf = { APPROVE: 'approved', REQUEST_CHANGES: 'changes_requested', COMMENT: 'commented' } as const;

/** Without an event it is pending. */
export function toReview({ commit_id, body, event, comments }: Static<typeof newReviewBody>): ReviewInput {
  return {
    commit: commit_id ?? null,
    body: body ?? '',
    state: event == null ? 'pending' : stateOf[event],
    comments: (comments ?? []).map((comment) => ({ ...toPlace({ ...comment, subject_type: null }), body: comment.body })),
  };
}

/** Either a place of its own, or the comment that it answers. */
export function toComment(body: Static<typeof newCommentBody>) {
  if (body.in_reply_to != null) return { inReplyTo: body.in_reply_to, body: body.body };
  if (body.path == null) throw invalid('path', `"path" wasn't supplied.`, 'missing_field', 'PullRequestReviewComment');
  return { ...toPlace({ ...body, path: body.path }), body: body.body, commit: body.commit_id ?? null };
}

function toPlace(body: Omit<Static<typeof newCommentBody>, 'body' | 'path' | 'commit_id' | 'in_reply_to'> & { path: string }): PlaceInput {
  return {
    path: body.path,
    subject: body.subject_type ?? 'line',
    line: body.line ?? null,
    side: body.side ?? null,
    startLine: body.start_line ?? null,
    startSide: body.start_side ?? null,
    position: body.position ?? null,
  };
}

export function toRequests({ reviewers, team_reviewers }: Static<typeof reviewersBody>): RequestNames {
  return { users: reviewers ?? [], teams: team_reviewers ?? [] };
}

export function toCommentOrder({
  sort,
  direction,
  since,
}: Static<typeof commentsQuery>): Pick<CommentFilter, 'since' | 'sort' | 'descending'> {
  const from = Date.parse(since ?? '');
  return { sort: sort === 'updated' ? 'updated' : 'created', descending: direction === 'desc', since: Number.isNaN(from) ? null : from };
}
