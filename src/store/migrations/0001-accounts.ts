import type { Kysely } from 'kysely';
import { type Engine, refersTo, required, zero } from './columns.ts';

// biome-ignore lint/suspicious/noExplicitAny: a migration works on the schema as it was then, not on today's types
export async function up(db: Kysely<any>, { identity }: Engine): Promise<void> {
  await db.schema.createTable('principal').addColumn('id', identity.type, identity.column).addColumn('kind', 'text', required).execute();
  await db.schema
    .createTable('account')
    .addColumn('id', 'bigint', (column) => column.primaryKey().references('principal.id'))
    .addColumn('kind', 'text', required)
    .addColumn('login', 'text', required)
    .addColumn('login_key', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text')
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .addColumn('email', 'text')
    .addColumn('email_key', 'text', (column) => column.unique())
    .addColumn('password_hash', 'text')
    .addColumn('site_admin', 'integer', zero)
    .addColumn('state', 'text', required)
    .addColumn('maker_id', 'bigint', (column) => column.references('account.id'))
    .addColumn('app_id', 'bigint')
    .addColumn('description', 'text')
    .addColumn('base_permission', 'integer', zero)
    .execute();
  await db.schema
    .createTable('organization_member')
    .addColumn('organization_id', 'bigint', refersTo('account.id'))
    .addColumn('user_id', 'bigint', refersTo('account.id'))
    .addColumn('level', 'integer', required)
    .addColumn('expires_at', 'bigint')
    .addPrimaryKeyConstraint('organization_member_pk', ['organization_id', 'user_id'])
    .execute();
  await db.schema.createIndex('organization_member_user').on('organization_member').column('user_id').execute();
  await db.schema
    .createTable('team')
    .addColumn('id', 'bigint', (column) => column.primaryKey().references('principal.id'))
    .addColumn('organization_id', 'bigint', refersTo('account.id'))
    .addColumn('slug', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('description', 'text')
    .addColumn('privacy', 'text', required)
    .addColumn('notification_setting', 'text', required)
    .addColumn('default_rung', 'integer', required)
    .addColumn('parent_id', 'bigint', (column) => column.references('team.id'))
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .addUniqueConstraint('team_slug', ['organization_id', 'slug'])
    .execute();
  await db.schema.createIndex('team_parent').on('team').column('parent_id').execute();
  await db.schema
    .createTable('team_member')
    .addColumn('team_id', 'bigint', refersTo('team.id'))
    .addColumn('user_id', 'bigint', refersTo('account.id'))
    .addColumn('level', 'integer', required)
    .addColumn('expires_at', 'bigint')
    .addPrimaryKeyConstraint('team_member_pk', ['team_id', 'user_id'])
    .execute();
  await db.schema.createIndex('team_member_user').on('team_member').column('user_id').execute();
}
