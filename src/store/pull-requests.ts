import { type Selectable, sql } from 'kysely';
import type { PullChanges, PullFilter, PullRequests } from '#model/ports/store-pull-requests.ts';
import type { AutoMerge, PullRequest } from '#model/pull-request.ts';
import { type Executor, flag, nameKey, page, parseJson } from './rows.ts';
import type { Schema } from './schema.ts';

export function pullRequests(db: Executor, now: () => number): PullRequests {
  const select = () => db.selectFrom('pull_request').selectAll('pull_request');
  const open = () => select().where('state', '=', 'open').orderBy('id');
  const set = async (id: number, changes: Partial<Omit<Schema['pull_request'], 'id'>>): Promise<void> => {
    await db
      .updateTable('pull_request')
      .set({ ...changes, updated_at: now() })
      .where('id', '=', id)
      .execute();
  };

  return {
    async findPull(id) {
      const row = await select().where('id', '=', id).executeTakeFirst();
      return row ? toPull(row) : null;
    },

    async findPullByNumber(repositoryId, number) {
      const row = await select().where('repository_id', '=', repositoryId).where('number', '=', number).executeTakeFirst();
      return row ? toPull(row) : null;
    },

    listPulls(repositoryId, { state, baseRefName, head, sort, descending }, request) {
      let query = select().where('repository_id', '=', repositoryId);
      if (state !== 'all') query = query.where('state', 'in', state === 'open' ? ['open'] : ['closed', 'merged']);
      if (baseRefName !== null) query = query.where('base_ref', '=', baseRefName);
      if (head !== null) query = query.where('head_owner_key', '=', nameKey(head.owner));
      if (head?.refName != null) query = query.where('head_ref', '=', head.refName);
      const direction = descending ? 'desc' : 'asc';
      return page(query.orderBy(orderOf(sort), direction).orderBy('pull_request.id', direction), request, toPull);
    },

    async listOpenByHead(headRepositoryId, refName) {
      const rows = await open().where('head_repository_id', '=', headRepositoryId).where('head_ref', '=', refName).execute();
      return rows.map(toPull);
    },

    async listOpenByBase(repositoryId, refName) {
      const rows = await open().where('repository_id', '=', repositoryId).where('base_ref', '=', refName).execute();
      return rows.map(toPull);
    },

    async listOpenByHeadId(repositoryId, headId) {
      const rows = await open().where('repository_id', '=', repositoryId).where('head_id', '=', headId).execute();
      return rows.map(toPull);
    },

    async insertPull(pull) {
      const at = now();
      // Two cannot get the same: every writing transaction holds the audit-chain lock.
      const { last } = await db
        .selectFrom('pull_request')
        .select((expression) => expression.fn.max('number').as('last'))
        .where('repository_id', '=', pull.repositoryId)
        .executeTakeFirstOrThrow();
      const row = {
        repository_id: pull.repositoryId,
        number: Number(last ?? 0) + 1,
        author_id: pull.authorId,
        title: pull.title,
        body: pull.body,
        state: 'open' as const,
        draft: flag(pull.draft),
        base_ref: pull.base.refName,
        base_id: pull.base.id,
        head_repository_id: pull.head.repositoryId,
        head_owner: pull.head.owner,
        head_owner_key: nameKey(pull.head.owner),
        head_ref: pull.head.refName,
        head_id: pull.head.id,
        change_id: pull.changeId,
        last_pusher_id: pull.lastPusherId,
        head_moved_at: at,
        maintainer_can_modify: flag(pull.maintainerCanModify),
        created_at: at,
        updated_at: at,
      };
      return toPull(
        await db
          .insertInto('pull_request')
          .values(row as never)
          .returningAll()
          .executeTakeFirstOrThrow(),
      );
    },

    updatePull: (id, changes) => set(id, toColumns(changes)),

    updateHead: (id, { headId, baseId, changeId, pusherId }) =>
      set(id, { head_id: headId, base_id: baseId, change_id: changeId, last_pusher_id: pusherId, head_moved_at: now() }),

    markMerged: (id, { by, commit }) =>
      set(id, { state: 'merged', merged_at: now(), merged_by: by, merge_commit_id: commit, closed_at: now(), auto_merge: null }),

    close: (id) => set(id, { state: 'closed', closed_at: now(), auto_merge: null }),

    reopen: (id) => set(id, { state: 'open', closed_at: null }),
  };
}

function orderOf(sort: PullFilter['sort']) {
  switch (sort) {
    case 'created':
      return sql`created_at`;
    case 'updated':
      return sql`updated_at`;
    case 'comments':
      return sql`(select count(*) from review_comment where review_comment.pull_request_id = pull_request.id)`;
    default:
      return sort satisfies never;
  }
}

function toColumns(changes: PullChanges): Partial<Omit<Schema['pull_request'], 'id'>> {
  const { title, body, draft, base, headId, changeId, maintainerCanModify, autoMerge } = changes;
  return {
    ...(title !== undefined && { title }),
    ...(body !== undefined && { body }),
    ...(draft !== undefined && { draft: flag(draft) }),
    ...(base !== undefined && { base_ref: base.refName, base_id: base.id }),
    ...(headId !== undefined && { head_id: headId }),
    ...(changeId !== undefined && { change_id: changeId }),
    ...(maintainerCanModify !== undefined && { maintainer_can_modify: flag(maintainerCanModify) }),
    ...(autoMerge !== undefined && { auto_merge: autoMerge && JSON.stringify(autoMerge) }),
  };
}

function toPull(row: Selectable<Schema['pull_request']>): PullRequest {
  return {
    id: row.id,
    repositoryId: row.repository_id,
    number: row.number,
    authorId: row.author_id,
    title: row.title,
    body: row.body,
    state: row.state,
    draft: row.draft === 1,
    base: { refName: row.base_ref, id: row.base_id },
    head: { repositoryId: row.head_repository_id, owner: row.head_owner, refName: row.head_ref, id: row.head_id },
    changeId: row.change_id,
    lastPusherId: row.last_pusher_id,
    headMovedAt: row.head_moved_at,
    merge:
      row.merged_at === null || row.merge_commit_id === null ? null : { at: row.merged_at, by: row.merged_by, commit: row.merge_commit_id },
    closedAt: row.closed_at,
    maintainerCanModify: row.maintainer_can_modify === 1,
    autoMerge: row.auto_merge === null ? null : parseJson<AutoMerge>(row.auto_merge),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
