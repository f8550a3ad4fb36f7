import type { Selectable } from 'kysely';
import type { Hook, HookOwner } from '#model/hook.ts';
import type { Hooks, NewHook } from '#model/ports/store-hooks.ts';
import { type Executor, flag, page, parseJson } from './rows.ts';
import type { Schema } from './schema.ts';

export function hooks(db: Executor, now: () => number): Hooks {
  return {
    async findHook(id) {
      const row = await db.selectFrom('hook').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toHook(row) : null;
    },

    listHooks(owner, request) {
      const query = db.selectFrom('hook').selectAll('hook').orderBy('id');
      const own =
        'repository' in owner
          ? query.where('repository_id', '=', owner.repository)
          : query.where('organization_id', '=', owner.organization);
      return page(own, request, toHook);
    },

    async listListening({ repositoryId, ownerId }, at) {
      const rows = await db
        .selectFrom('hook')
        .selectAll()
        .where('active', '=', 1)
        .where('created_at', '<=', at)
        .where(({ or, eb }) =>
          or([eb('organization_id', '=', ownerId), ...(repositoryId === null ? [] : [eb('repository_id', '=', repositoryId)])]),
        )
        .orderBy('id')
        .execute();
      return rows.map(toHook);
    },

    async insertHook(hook) {
      const row = { ...(toColumns(hook) as Required<ReturnType<typeof toColumns>>), ...ownerColumns(hook.owner) };
      const times = { created_at: now(), updated_at: now(), last_code: null, last_status: null };
      return toHook(
        await db
          .insertInto('hook')
          .values({ ...row, ...times })
          .returningAll()
          .executeTakeFirstOrThrow(),
      );
    },

    async updateHook(id, changes) {
      await db
        .updateTable('hook')
        .set({ ...toColumns(changes), updated_at: now() })
        .where('id', '=', id)
        .execute();
    },

    async removeHook(id) {
      await db.deleteFrom('hook').where('id', '=', id).execute();
    },
  };
}

function ownerColumns(owner: HookOwner) {
  return 'repository' in owner
    ? { repository_id: owner.repository, organization_id: null }
    : { repository_id: null, organization_id: owner.organization };
}

function toColumns({ url, contentType, insecureSsl, sealedSecret, events, active }: Partial<NewHook>) {
  return {
    ...(url !== undefined && { url }),
    ...(contentType !== undefined && { content_type: contentType }),
    ...(insecureSsl !== undefined && { insecure_ssl: flag(insecureSsl) }),
    ...(sealedSecret !== undefined && { sealed_secret: sealedSecret }),
    ...(events !== undefined && { events: JSON.stringify(events) }),
    ...(active !== undefined && { active: flag(active) }),
  };
}

function toHook(row: Selectable<Schema['hook']>): Hook {
  return {
    id: row.id,
    owner: row.repository_id === null ? { organization: row.organization_id! } : { repository: row.repository_id },
    url: row.url,
    contentType: row.content_type,
    insecureSsl: row.insecure_ssl === 1,
    sealedSecret: row.sealed_secret,
    events: parseJson<string[]>(row.events),
    active: row.active === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastResponse: row.last_status === null ? null : { code: row.last_code, status: row.last_status, message: row.last_status },
  };
}
