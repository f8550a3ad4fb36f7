import type { Kysely } from 'kysely';
import { type Engine, required, zero } from './columns.ts';

// biome-ignore lint/suspicious/noExplicitAny: a migration works on the schema as it was then, not on today's types
export async function up(db: Kysely<any>, { identity }: Engine): Promise<void> {
  await db.schema
    .createTable('audit_entry')
    .addColumn('number', 'bigint', (column) => column.primaryKey())
    .addColumn('at', 'bigint', required)
    .addColumn('action', 'text', required)
    .addColumn('operation', 'text', required)
    .addColumn('actor_id', 'bigint')
    .addColumn('actor_key', 'text', required)
    .addColumn('organization_id', 'bigint')
    .addColumn('organization_key', 'text')
    .addColumn('repository_id', 'bigint')
    .addColumn('repository_key', 'text')
    .addColumn('user_key', 'text')
    .addColumn('address', 'text')
    .addColumn('category', 'text', required)
    .addColumn('bypass', 'integer', required)
    .addColumn('body', 'text', required)
    .addColumn('previous_hash', 'text', required)
    .addColumn('hash', 'text', required)
    .execute();
  await db.schema.createIndex('audit_entry_at').on('audit_entry').column('at').execute();
  await db.schema.createIndex('audit_entry_organization').on('audit_entry').columns(['organization_id', 'number']).execute();
  await db.schema.createIndex('audit_entry_repository').on('audit_entry').columns(['repository_id', 'number']).execute();
  await db.schema.createIndex('audit_entry_actor').on('audit_entry').columns(['actor_key', 'number']).execute();
  await db.schema.createIndex('audit_entry_action').on('audit_entry').columns(['action', 'number']).execute();
  await db.schema
    .createTable('audit_head')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('number', 'bigint', required)
    .addColumn('hash', 'text', required)
    .addColumn('at', 'bigint', required)
    .addColumn('signature', 'text', required)
    .execute();
  await db.schema
    .createTable('intent')
    .addColumn('id', identity.type, identity.column)
    .addColumn('push_id', 'text', required)
    .addColumn('repository_id', 'bigint', required)
    .addColumn('node_id', 'text', required)
    .addColumn('updates', 'text', required)
    .addColumn('effects', 'text', required)
    .addColumn('token_id', 'bigint')
    .addColumn('uses', 'integer', zero)
    .addColumn('audit_number', 'bigint', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('outcome', 'text')
    .execute();
  await db.schema.createIndex('intent_open').on('intent').columns(['outcome', 'repository_id']).execute();
  await db.schema.createIndex('intent_repository').on('intent').columns(['repository_id', 'id']).execute();
  await db.schema
    .createTable('server_key')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('public_key', 'text', required)
    .addColumn('sealed_private_key', 'text', required)
    .execute();
  await db.schema
    .createTable('setting')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', required)
    .execute();
  await db.schema
    .createTable('node')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('beat_at', 'bigint', required)
    .execute();
}
