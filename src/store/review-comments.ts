import { type Selectable, type SqlBool, sql } from 'kysely';
import type { CommentFilter, ReviewComments } from '#model/ports/store-pull-requests.ts';
import type { ReviewComment } from '#model/pull-request.ts';
import { type Executor, page } from './rows.ts';
import type { Schema } from './schema.ts';

export function reviewComments(db: Executor, now: () => number): ReviewComments {
  /** Comments with their reviews: what belongs to a pending one is seen by its author alone. */
  const seenBy = (viewerId: number | null) =>
    db
      .selectFrom('review_comment')
      .innerJoin('review', 'review.id', 'review_comment.review_id')
      .where((expression) =>
        expression.or([expression('review.state', '<>', 'pending'), expression('review_comment.user_id', '=', viewerId ?? 0)]),
      );

  return {
    async findComment(repositoryId, id) {
      const row = await db
        .selectFrom('review_comment')
        .innerJoin('pull_request', 'pull_request.id', 'review_comment.pull_request_id')
        .selectAll('review_comment')
        .where('pull_request.repository_id', '=', repositoryId)
        .where('review_comment.id', '=', id)
        .executeTakeFirst();
      return row ? toComment(row) : null;
    },

    listComments({ pull, reviewId, since, sort, descending, viewerId }: CommentFilter, request) {
      const key = sort === 'created' ? 'review_comment.created_at' : 'review_comment.updated_at';
      const direction = descending ? 'desc' : 'asc';
      let query = seenBy(viewerId).selectAll('review_comment');
      if ('id' in pull) query = query.where('review_comment.pull_request_id', '=', pull.id);
      else {
        const pulls = db.selectFrom('pull_request').select('pull_request.id').where('pull_request.repository_id', '=', pull.repositoryId);
        query = query.where('review_comment.pull_request_id', 'in', pulls);
      }
      if (reviewId !== null) query = query.where('review_comment.review_id', '=', reviewId);
      if (since !== null) query = query.where('review_comment.updated_at', '>=', since);
      return page(query.orderBy(key, direction).orderBy('review_comment.id', direction), request, toComment);
    },

    async countComments(pullId) {
      const { comments } = await seenBy(null)
        .select((expression) => expression.fn.countAll<number>().as('comments'))
        .where('review_comment.pull_request_id', '=', pullId)
        .executeTakeFirstOrThrow();
      return Number(comments);
    },

    async insertComment({ threadId, ...comment }) {
      const at = now();
      const thread = threadId ?? (await insertThread(db, comment.pullId));
      const row = {
        pull_request_id: comment.pullId,
        review_id: comment.reviewId,
        thread_id: thread,
        user_id: comment.userId,
        in_reply_to: comment.inReplyTo,
        path: comment.path,
        subject: comment.subject,
        line: comment.line,
        side: comment.side,
        start_line: comment.startLine,
        start_side: comment.startSide,
        position: comment.position,
        commit_id: comment.commit,
        original_commit_id: comment.originalCommit,
        diff_hunk: comment.diffHunk,
        body: comment.body,
        created_at: at,
        updated_at: at,
      };
      return toComment(await db.insertInto('review_comment').values(row).returningAll().executeTakeFirstOrThrow());
    },

    async updateComment(id, body) {
      await db.updateTable('review_comment').set({ body, updated_at: now() }).where('id', '=', id).execute();
    },

    async removeComment(id) {
      const removed = await db.deleteFrom('review_comment').where('id', '=', id).returning('thread_id').executeTakeFirst();
      if (removed === undefined) return;
      const { thread_id } = removed;
      const left = await db.selectFrom('review_comment').select('id').where('thread_id', '=', thread_id).limit(1).executeTakeFirst();
      if (left === undefined) await db.deleteFrom('review_thread').where('id', '=', thread_id).execute();
    },

    async findThread(pullId, id) {
      const row = await db
        .selectFrom('review_thread')
        .selectAll()
        .where('pull_request_id', '=', pullId)
        .where('id', '=', id)
        .executeTakeFirst();
      if (row === undefined) return null;
      const { resolved_by: by, resolved_at: at } = row;
      return { id, pullId, resolution: by === null || at === null ? null : { by, at } };
    },

    async countUnresolved(pullId) {
      const { threads } = await seenBy(null)
        .innerJoin('review_thread', 'review_thread.id', 'review_comment.thread_id')
        .select(sql<number>`count(distinct review_thread.id)`.as('threads'))
        .where('review_thread.pull_request_id', '=', pullId)
        .where(sql<SqlBool>`review_thread.resolved_at is null`)
        .executeTakeFirstOrThrow();
      return Number(threads);
    },

    async resolveThread(id, by) {
      await db.updateTable('review_thread').set({ resolved_by: by, resolved_at: now() }).where('id', '=', id).execute();
    },

    async unresolveThread(id) {
      await db.updateTable('review_thread').set({ resolved_by: null, resolved_at: null }).where('id', '=', id).execute();
    },
  };
}

async function insertThread(db: Executor, pullId: number): Promise<number> {
  const row = { pull_request_id: pullId, resolved_by: null, resolved_at: null };
  return (await db.insertInto('review_thread').values(row).returning('id').executeTakeFirstOrThrow()).id;
}

function toComment(row: Selectable<Schema['review_comment']>): ReviewComment {
  return {
    id: row.id,
    pullId: row.pull_request_id,
    reviewId: row.review_id,
    userId: row.user_id,
    threadId: row.thread_id,
    inReplyTo: row.in_reply_to,
    path: row.path,
    subject: row.subject,
    line: row.line,
    side: row.side,
    startLine: row.start_line,
    startSide: row.start_side,
    position: row.position,
    commit: row.commit_id,
    originalCommit: row.original_commit_id,
    diffHunk: row.diff_hunk,
    body: row.body,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
