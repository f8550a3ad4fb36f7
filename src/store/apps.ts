import type { Selectable } from 'kysely';
import type { Apps } from '#model/ports/store-credentials.ts';
import type { App, AppPermissions, Installation } from '#model/token.ts';
import { type Executor, inOrderOf, parseJson } from './rows.ts';
import type { Schema } from './schema.ts';

export function apps(db: Executor, now: () => number): Apps {
  return {
    async findById(id) {
      const row = await db.selectFrom('app').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toApp(row) : null;
    },

    async findBySlug(slug) {
      const row = await db.selectFrom('app').selectAll().where('slug', '=', slug.toLowerCase()).executeTakeFirst();
      return row ? toApp(row) : null;
    },

    async listByIds(ids) {
      if (ids.length === 0) return [];
      const rows = await db
        .selectFrom('app')
        .selectAll()
        .where('id', 'in', [...ids])
        .execute();
      return inOrderOf(ids, rows.map(toApp), (app) => app.id);
    },

    async listBySlugs(slugs) {
      if (slugs.length === 0) return [];
      const keys = slugs.map((slug) => slug.toLowerCase());
      const rows = await db.selectFrom('app').selectAll().where('slug', 'in', keys).execute();
      return inOrderOf(keys, rows.map(toApp), (app) => app.slug);
    },

    async insert({ slug, name, ownerId, description, externalUrl, permissions, events, publicKey, botId }) {
      const at = now();
      const row = {
        slug,
        name,
        owner_id: ownerId,
        description,
        external_url: externalUrl,
        permissions: JSON.stringify(permissions),
        events: JSON.stringify(events),
        public_key: publicKey,
        bot_id: botId,
        created_at: at,
        updated_at: at,
      };
      return toApp(await db.insertInto('app').values(row).returningAll().executeTakeFirstOrThrow());
    },

    async findInstallation(id) {
      const row = await db.selectFrom('installation').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toInstallation(row) : null;
    },

    async findInstallationOn(appId, accountId) {
      const row = await db
        .selectFrom('installation')
        .selectAll()
        .where('app_id', '=', appId)
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      return row ? toInstallation(row) : null;
    },

    async listInstallations(appId) {
      return (await db.selectFrom('installation').selectAll().where('app_id', '=', appId).orderBy('id').execute()).map(toInstallation);
    },

    async insertInstallation({ appId, accountId, permissions }) {
      const row = { app_id: appId, account_id: accountId, permissions: JSON.stringify(permissions), created_at: now() };
      return toInstallation(await db.insertInto('installation').values(row).returningAll().executeTakeFirstOrThrow());
    },

    async removeInstallation(id) {
      await db.deleteFrom('installation').where('id', '=', id).execute();
    },
  };
}

function toApp(row: Selectable<Schema['app']>): App {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    ownerId: row.owner_id,
    description: row.description,
    externalUrl: row.external_url,
    permissions: parseJson<AppPermissions>(row.permissions),
    events: parseJson<string[]>(row.events),
    publicKey: row.public_key,
    botId: row.bot_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function toInstallation(row: Selectable<Schema['installation']>): Installation {
  return {
    id: row.id,
    appId: row.app_id,
    accountId: row.account_id,
    permissions: parseJson<AppPermissions>(row.permissions),
    createdAt: row.created_at,
  };
}
