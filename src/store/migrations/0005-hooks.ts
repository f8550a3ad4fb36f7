import type { Kysely } from 'kysely';
import { type Engine, mayReferTo, refersTo, required, zero } from './columns.ts';

// biome-ignore lint/suspicious/noExplicitAny: a migration works on the schema as it was then, not on today's types
export async function up(db: Kysely<any>, { identity }: Engine): Promise<void> {
  await db.schema
    .createTable('hook')
    .addColumn('id', identity.type, identity.column)
    .addColumn('repository_id', 'bigint', mayReferTo('repository.id'))
    .addColumn('organization_id', 'bigint', mayReferTo('account.id'))
    .addColumn('url', 'text', required)
    .addColumn('content_type', 'text', required)
    .addColumn('insecure_ssl', 'integer', required)
    .addColumn('sealed_secret', 'text')
    .addColumn('events', 'text', required)
    .addColumn('active', 'integer', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .addColumn('last_code', 'integer')
    .addColumn('last_status', 'text')
    .execute();
  await db.schema.createIndex('hook_of_repository').on('hook').column('repository_id').execute();
  await db.schema.createIndex('hook_of_organization').on('hook').column('organization_id').execute();

  await db.schema
    .createTable('outbox')
    .addColumn('id', identity.type, identity.column)
    .addColumn('at', 'bigint', required)
    // Without references: a repository that is gone is worth telling of.
    .addColumn('repository_id', 'bigint')
    .addColumn('owner_id', 'bigint', required)
    .addColumn('hook_id', 'bigint')
    .addColumn('sender_id', 'bigint')
    .addColumn('tidings', 'text', required)
    .execute();

  await db.schema
    .createTable('hook_delivery')
    .addColumn('id', identity.type, identity.column)
    .addColumn('hook_id', 'bigint', refersTo('hook.id'))
    .addColumn('guid', 'text', required)
    .addColumn('event', 'text', required)
    .addColumn('action', 'text')
    .addColumn('repository_id', 'bigint')
    .addColumn('payload', 'text', required)
    .addColumn('redelivery', 'integer', required)
    .addColumn('state', 'text', required)
    .addColumn('attempts', 'integer', zero)
    .addColumn('created_at', 'bigint', required)
    // When it is due; null: never again.
    .addColumn('due_at', 'bigint')
    .addColumn('claimed_until', 'bigint')
    .addColumn('outcome', 'text')
    .execute();
  await db.schema.createIndex('hook_delivery_of_hook').on('hook_delivery').columns(['hook_id', 'id']).execute();
  // Few rows are claimed at any time, and each claim asks for those of some hooks.
  await db.schema.createIndex('hook_delivery_claimed').on('hook_delivery').columns(['claimed_until', 'hook_id']).execute();
  await db.schema.createIndex('hook_delivery_due').on('hook_delivery').column('due_at').execute();
  await db.schema.createIndex('hook_delivery_age').on('hook_delivery').column('created_at').execute();
}
