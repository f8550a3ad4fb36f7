import type { Kysely } from 'kysely';
import { type Engine, mayReferTo, refersTo, required, zero } from './columns.ts';

// biome-ignore lint/suspicious/noExplicitAny: a migration works on the schema as it was then, not on today's types
export async function up(db: Kysely<any>, { identity }: Engine): Promise<void> {
  await db.schema
    .createTable('repository')
    .addColumn('id', identity.type, identity.column)
    .addColumn('owner_id', 'bigint', refersTo('account.id'))
    .addColumn('name', 'text', required)
    .addColumn('name_key', 'text', required)
    .addColumn('description', 'text')
    .addColumn('homepage', 'text')
    .addColumn('visibility', 'text', required)
    .addColumn('default_branch', 'text', required)
    .addColumn('archived', 'integer', zero)
    .addColumn('object_format', 'text', required)
    .addColumn('settings', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .addColumn('pushed_at', 'bigint')
    .addUniqueConstraint('repository_name', ['owner_id', 'name_key'])
    .execute();
  await db.schema
    .createTable('repository_rename')
    .addColumn('owner_id', 'bigint', refersTo('account.id'))
    .addColumn('old_name_key', 'text', required)
    .addColumn('repository_id', 'bigint', refersTo('repository.id'))
    .addPrimaryKeyConstraint('repository_rename_pk', ['owner_id', 'old_name_key'])
    .execute();
  await db.schema
    .createTable('team_grant')
    .addColumn('team_id', 'bigint', refersTo('team.id'))
    .addColumn('repository_id', 'bigint', refersTo('repository.id'))
    .addColumn('level', 'integer', required)
    .addPrimaryKeyConstraint('team_grant_pk', ['team_id', 'repository_id'])
    .execute();
  await db.schema.createIndex('team_grant_repository').on('team_grant').column('repository_id').execute();
  await db.schema
    .createTable('collaborator')
    .addColumn('repository_id', 'bigint', refersTo('repository.id'))
    .addColumn('user_id', 'bigint', refersTo('account.id'))
    .addColumn('level', 'integer', required)
    .addColumn('expires_at', 'bigint')
    .addPrimaryKeyConstraint('collaborator_pk', ['repository_id', 'user_id'])
    .execute();
  await db.schema.createIndex('collaborator_user').on('collaborator').column('user_id').execute();
  await db.schema
    .createTable('branch_rename')
    .addColumn('repository_id', 'bigint', refersTo('repository.id'))
    .addColumn('old_name', 'text', required)
    .addColumn('new_name', 'text', required)
    .addPrimaryKeyConstraint('branch_rename_pk', ['repository_id', 'old_name'])
    .execute();

  for (const table of ['protection', 'ruleset']) {
    const common = db.schema
      .createTable(table)
      .addColumn('id', identity.type, identity.column)
      .addColumn('version', 'integer', required)
      .addColumn('repository_id', 'bigint', mayReferTo('repository.id'))
      .addColumn('organization_id', 'bigint', mayReferTo('account.id'))
      .addColumn('rules', 'text', required);
    if (table === 'protection') {
      await common
        .addColumn('origin', 'text', required)
        .addColumn('pattern', 'text', required)
        .addColumn('enforce_admins', 'integer', required)
        .addColumn('manage', 'text', required)
        .addColumn('demands_reason', 'integer', required)
        .addColumn('accepts_elevated', 'integer', required)
        .execute();
    } else {
      await common
        .addColumn('name', 'text', required)
        .addColumn('target', 'text', required)
        .addColumn('enforcement', 'text', required)
        .addColumn('conditions', 'text', required)
        .addColumn('bypass', 'text', required)
        .execute();
    }
  }
  // At most one protection for each owner, origin and pattern. A unique constraint would not see two nulls as equal.
  await db.schema
    .createIndex('protection_of_repository')
    .on('protection')
    .columns(['repository_id', 'origin', 'pattern'])
    .unique()
    .execute();
  await db.schema
    .createIndex('protection_of_organization')
    .on('protection')
    .columns(['organization_id', 'origin', 'pattern'])
    .unique()
    .execute();
  await db.schema.createIndex('ruleset_of_repository').on('ruleset').columns(['repository_id']).execute();
  await db.schema.createIndex('ruleset_of_organization').on('ruleset').columns(['organization_id']).execute();

  await db.schema
    .createTable('commit_status')
    .addColumn('id', identity.type, identity.column)
    .addColumn('repository_id', 'bigint', refersTo('repository.id'))
    .addColumn('commit_id', 'text', required)
    .addColumn('context', 'text', required)
    .addColumn('context_key', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('description', 'text')
    .addColumn('target_url', 'text')
    .addColumn('creator_id', 'bigint', required)
    .addColumn('app_id', 'bigint')
    .addColumn('created_at', 'bigint', required)
    .execute();
  await db.schema
    .createIndex('commit_status_commit')
    .on('commit_status')
    .columns(['repository_id', 'commit_id', 'context_key', 'id'])
    .execute();
  await db.schema
    .createIndex('commit_status_context')
    .on('commit_status')
    .columns(['repository_id', 'context_key', 'created_at'])
    .execute();
  await db.schema
    .createTable('check_run')
    .addColumn('id', identity.type, identity.column)
    .addColumn('repository_id', 'bigint', refersTo('repository.id'))
    .addColumn('commit_id', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('name_key', 'text', required)
    .addColumn('app_id', 'bigint')
    .addColumn('creator_id', 'bigint', required)
    .addColumn('status', 'text', required)
    .addColumn('conclusion', 'text')
    .addColumn('details_url', 'text')
    .addColumn('external_id', 'text')
    .addColumn('started_at', 'bigint')
    .addColumn('completed_at', 'bigint')
    .addColumn('output', 'text', required)
    .execute();
  await db.schema.createIndex('check_run_commit').on('check_run').columns(['repository_id', 'commit_id', 'name_key', 'id']).execute();
}
