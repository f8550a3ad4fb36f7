import type { Selectable } from 'kysely';
import type { Reviews } from '#model/ports/store-pull-requests.ts';
import type { PullReview, ReviewRequests } from '#model/pull-request.ts';
import { type Executor, page } from './rows.ts';
import type { Schema } from './schema.ts';

export function reviews(db: Executor, now: () => number): Reviews {
  const select = () => db.selectFrom('review').selectAll('review');

  return {
    async findReview(pullId, id) {
      const row = await select().where('pull_request_id', '=', pullId).where('id', '=', id).executeTakeFirst();
      return row ? toReview(row) : null;
    },

    async findPending(pullId, userId) {
      const row = await select()
        .where('pull_request_id', '=', pullId)
        .where('user_id', '=', userId)
        .where('state', '=', 'pending')
        .executeTakeFirst();
      return row ? toReview(row) : null;
    },

    listReviews(pullId, viewerId, request) {
      const query = select()
        .where('pull_request_id', '=', pullId)
        .where((expression) => expression.or([expression('state', '<>', 'pending'), expression('user_id', '=', viewerId ?? 0)]));
      return page(query.orderBy('id'), request, toReview);
    },

    async listSubmitted(pullIds) {
      if (pullIds.length === 0) return [];
      const rows = await select()
        .where('pull_request_id', 'in', [...pullIds])
        .where('state', '<>', 'pending')
        .orderBy('id')
        .execute();
      return rows.map(toReview);
    },

    async insertReview({ pullId, userId, state, body, commit, sudoBy }) {
      const submitted_at = state === 'pending' ? null : now();
      const row = { pull_request_id: pullId, user_id: userId, state, body, commit_id: commit, sudo_by: sudoBy, submitted_at };
      const none = { dismissed_at: null, dismissed_by: null, dismissal_message: null };
      return toReview(
        await db
          .insertInto('review')
          .values({ ...row, ...none })
          .returningAll()
          .executeTakeFirstOrThrow(),
      );
    },

    async submitReview(id, { state, body, commit }) {
      await db.updateTable('review').set({ state, body, commit_id: commit, submitted_at: now() }).where('id', '=', id).execute();
    },

    async updateReview(id, body) {
      await db.updateTable('review').set({ body }).where('id', '=', id).execute();
    },

    async dismissReview(id, { by, message }) {
      const dismissal = { dismissed_at: now(), dismissed_by: by, dismissal_message: message };
      await db
        .updateTable('review')
        .set({ state: 'dismissed', ...dismissal })
        .where('id', '=', id)
        .execute();
    },

    async removeReview(id) {
      const threads = db.selectFrom('review_comment').select('thread_id').where('review_id', '=', id).where('in_reply_to', 'is', null);
      // A thread that a pending review began has no answers of anybody else: nobody else has seen it.
      await db.deleteFrom('review_thread').where('id', 'in', threads).execute();
      await db.deleteFrom('review').where('id', '=', id).execute();
    },

    async listRequests(pullId) {
      return toRequests(await db.selectFrom('review_request').selectAll().where('pull_request_id', '=', pullId).execute());
    },

    async listRequestsOfMany(pullIds) {
      if (pullIds.length === 0) return new Map();
      const rows = await db
        .selectFrom('review_request')
        .selectAll()
        .where('pull_request_id', 'in', [...pullIds])
        .execute();
      const byPull = Map.groupBy(rows, (row) => row.pull_request_id);
      return new Map([...byPull].map(([id, own]) => [id, toRequests(own)]));
    },

    async addRequests(pullId, { users, teams }) {
      const present = toRequests(await db.selectFrom('review_request').selectAll().where('pull_request_id', '=', pullId).execute());
      const rows = [
        ...without(users, present.users).map((id) => ({ pull_request_id: pullId, user_id: id, team_id: null })),
        ...without(teams, present.teams).map((id) => ({ pull_request_id: pullId, user_id: null, team_id: id })),
      ];
      if (rows.length > 0) await db.insertInto('review_request').values(rows).execute();
    },

    async removeRequests(pullId, { users, teams }) {
      await db
        .deleteFrom('review_request')
        .where('pull_request_id', '=', pullId)
        .where((expression) =>
          expression.or([
            ...(users.length > 0 ? [expression('user_id', 'in', [...users])] : []),
            ...(teams.length > 0 ? [expression('team_id', 'in', [...teams])] : []),
          ]),
        )
        .execute();
    },
  };
}

function without(ids: readonly number[], present: readonly number[]): number[] {
  return [...new Set(ids)].filter((id) => !present.includes(id));
}

function toRequests(rows: readonly Schema['review_request'][]): ReviewRequests {
  const ascending = (ids: number[]): number[] => ids.sort((a, b) => a - b);
  return {
    users: ascending(rows.flatMap((row) => row.user_id ?? [])),
    teams: ascending(rows.flatMap((row) => row.team_id ?? [])),
  };
}

function toReview(row: Selectable<Schema['review']>): PullReview {
  return {
    id: row.id,
    pullId: row.pull_request_id,
    userId: row.user_id,
    state: row.state,
    body: row.body,
    commit: row.commit_id,
    sudoBy: row.sudo_by,
    submittedAt: row.submitted_at,
    dismissal: row.dismissed_at === null ? null : { at: row.dismissed_at, by: row.dismissed_by, message: row.dismissal_message ?? '' },
  };
}
