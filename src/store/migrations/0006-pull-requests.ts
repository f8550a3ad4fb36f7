import type { Kysely } from 'kysely';
import { type Engine, mayReferTo, refersTo, required } from './columns.ts';

// biome-ignore lint/suspicious/noExplicitAny: a migration works on the schema as it was then, not on today's types
export async function up(db: Kysely<any>, { identity }: Engine): Promise<void> {
  await db.schema
    .createTable('pull_request')
    .addColumn('id', identity.type, identity.column)
    .addColumn('repository_id', 'bigint', refersTo('repository.id'))
    .addColumn('number', 'integer', required)
    .addColumn('author_id', 'bigint', required)
    .addColumn('title', 'text', required)
    .addColumn('body', 'text')
    .addColumn('state', 'text', required)
    .addColumn('draft', 'integer', required)
    .addColumn('base_ref', 'text', required)
    .addColumn('base_id', 'text', required)
    // A pull request outlives the fork it came from.
    .addColumn('head_repository_id', 'bigint', (column) => column.references('repository.id').onDelete('set null'))
    .addColumn('head_owner', 'text', required)
    .addColumn('head_owner_key', 'text', required)
    .addColumn('head_ref', 'text', required)
    .addColumn('head_id', 'text', required)
    .addColumn('change_id', 'text')
    .addColumn('last_pusher_id', 'bigint')
    .addColumn('head_moved_at', 'bigint', required)
    .addColumn('merged_at', 'bigint')
    .addColumn('merged_by', 'bigint')
    .addColumn('merge_commit_id', 'text')
    .addColumn('closed_at', 'bigint')
    .addColumn('maintainer_can_modify', 'integer', required)
    .addColumn('auto_merge', 'text')
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .addUniqueConstraint('pull_request_number', ['repository_id', 'number'])
    .execute();
  await db.schema.createIndex('pull_request_base').on('pull_request').columns(['repository_id', 'state', 'base_ref']).execute();
  await db.schema.createIndex('pull_request_head').on('pull_request').columns(['head_repository_id', 'state', 'head_ref']).execute();
  await db.schema.createIndex('pull_request_head_id').on('pull_request').columns(['repository_id', 'head_id']).execute();

  await db.schema
    .createTable('review')
    .addColumn('id', identity.type, identity.column)
    .addColumn('pull_request_id', 'bigint', refersTo('pull_request.id'))
    .addColumn('user_id', 'bigint', required)
    .addColumn('state', 'text', required)
    .addColumn('body', 'text', required)
    .addColumn('commit_id', 'text', required)
    .addColumn('sudo_by', 'bigint')
    .addColumn('submitted_at', 'bigint')
    .addColumn('dismissed_at', 'bigint')
    .addColumn('dismissed_by', 'bigint')
    .addColumn('dismissal_message', 'text')
    .execute();
  await db.schema.createIndex('review_pull_request').on('review').columns(['pull_request_id', 'id']).execute();

  await db.schema
    .createTable('review_thread')
    .addColumn('id', identity.type, identity.column)
    .addColumn('pull_request_id', 'bigint', refersTo('pull_request.id'))
    .addColumn('resolved_by', 'bigint')
    .addColumn('resolved_at', 'bigint')
    .execute();
  await db.schema.createIndex('review_thread_pull_request').on('review_thread').columns(['pull_request_id', 'id']).execute();

  await db.schema
    .createTable('review_comment')
    .addColumn('id', identity.type, identity.column)
    .addColumn('pull_request_id', 'bigint', refersTo('pull_request.id'))
    .addColumn('review_id', 'bigint', refersTo('review.id'))
    .addColumn('thread_id', 'bigint', refersTo('review_thread.id'))
    .addColumn('user_id', 'bigint', required)
    .addColumn('in_reply_to', 'bigint')
    .addColumn('path', 'text', required)
    .addColumn('subject', 'text', required)
    .addColumn('line', 'integer')
    .addColumn('side', 'text', required)
    .addColumn('start_line', 'integer')
    .addColumn('start_side', 'text')
    .addColumn('position', 'integer')
    .addColumn('commit_id', 'text', required)
    .addColumn('original_commit_id', 'text', required)
    .addColumn('diff_hunk', 'text', required)
    .addColumn('body', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .execute();
  await db.schema.createIndex('review_comment_pull_request').on('review_comment').columns(['pull_request_id', 'id']).execute();
  await db.schema.createIndex('review_comment_review').on('review_comment').column('review_id').execute();
  await db.schema.createIndex('review_comment_thread').on('review_comment').column('thread_id').execute();

  await db.schema
    .createTable('review_request')
    .addColumn('pull_request_id', 'bigint', refersTo('pull_request.id'))
    .addColumn('user_id', 'bigint')
    .addColumn('team_id', 'bigint', mayReferTo('team.id'))
    .execute();
  await db.schema.createIndex('review_request_pull_request').on('review_request').column('pull_request_id').execute();
  await db.schema.createIndex('review_request_team').on('review_request').column('team_id').execute();
}
