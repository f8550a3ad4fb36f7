import type { Kysely } from 'kysely';
import { type Engine, refersTo, required, zero } from './columns.ts';

// biome-ignore lint/suspicious/noExplicitAny: a migration works on the schema as it was then, not on today's types
export async function up(db: Kysely<any>, { identity }: Engine): Promise<void> {
  await db.schema
    .createTable('app')
    .addColumn('id', identity.type, identity.column)
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', required)
    .addColumn('owner_id', 'bigint', refersTo('account.id'))
    .addColumn('description', 'text')
    .addColumn('external_url', 'text', required)
    .addColumn('permissions', 'text', required)
    .addColumn('events', 'text', required)
    .addColumn('public_key', 'text', required)
    .addColumn('bot_id', 'bigint', refersTo('account.id'))
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .execute();
  await db.schema
    .createTable('installation')
    .addColumn('id', identity.type, identity.column)
    .addColumn('app_id', 'bigint', refersTo('app.id'))
    .addColumn('account_id', 'bigint', refersTo('account.id'))
    .addColumn('permissions', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addUniqueConstraint('installation_once', ['app_id', 'account_id'])
    .execute();
  await db.schema
    .createTable('token')
    .addColumn('id', identity.type, identity.column)
    .addColumn('kind', 'text', required)
    .addColumn('user_id', 'bigint', refersTo('account.id'))
    .addColumn('name', 'text', required)
    .addColumn('note', 'text')
    .addColumn('scopes', 'text', required)
    .addColumn('bounds', 'text')
    .addColumn('granted_by', 'bigint')
    .addColumn('uses_max', 'integer')
    .addColumn('uses_reserved', 'integer', zero)
    .addColumn('uses_spent', 'integer', zero)
    // Without a reference: a token whose installation is gone must stay, revoked, for the record.
    .addColumn('installation_id', 'bigint')
    .addColumn('permissions', 'text')
    .addColumn('repositories', 'text')
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('lookup', 'text', required)
    .addColumn('last_eight', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('expires_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .execute();
  await db.schema.createIndex('token_lookup').on('token').column('lookup').execute();
  await db.schema.createIndex('token_user').on('token').column('user_id').execute();
  await db.schema.createIndex('token_installation').on('token').column('installation_id').execute();

  await db.schema
    .createTable('gpg_key')
    .addColumn('id', identity.type, identity.column)
    .addColumn('user_id', 'bigint', refersTo('account.id'))
    .addColumn('name', 'text')
    .addColumn('key_id', 'text', required)
    .addColumn('fingerprint', 'text', (column) => column.notNull().unique())
    .addColumn('subkeys', 'text', required)
    .addColumn('emails', 'text', required)
    .addColumn('armored', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('expires_at', 'bigint')
    .execute();
  await db.schema
    .createTable('gpg_key_id')
    .addColumn('key_id', 'text', required)
    .addColumn('gpg_key_id', 'bigint', refersTo('gpg_key.id'))
    .addPrimaryKeyConstraint('gpg_key_id_pk', ['key_id', 'gpg_key_id'])
    .execute();
  await db.schema
    .createTable('ssh_signing_key')
    .addColumn('id', identity.type, identity.column)
    .addColumn('user_id', 'bigint', refersTo('account.id'))
    .addColumn('title', 'text', required)
    .addColumn('key', 'text', required)
    .addColumn('fingerprint', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'bigint', required)
    .execute();
}
