import { type Kysely, sql } from 'kysely';
import type { Column } from './columns.ts';

/** A fork outlives what it was made of. */
const whileThere: Column = (column) => column.references('repository.id').onDelete('set null');

// biome-ignore lint/suspicious/noExplicitAny: a migration works on the schema as it was then, not on today's types
export async function up(db: Kysely<any>): Promise<void> {
  for (const [name, type, column] of [
    ['parent_id', 'bigint', whileThere],
    ['source_id', 'bigint', whileThere],
    ['visibility_limit', 'text', undefined],
    ['making', 'text', undefined],
  ] as const)
    await db.schema.alterTable('repository').addColumn(name, type, column).execute();
  await db.schema.createIndex('repository_parent').on('repository').column('parent_id').execute();
  await db.schema.createIndex('repository_source').on('repository').column('source_id').execute();
  // What was switched on before there were forks was switched on by nobody (decision 4).
  await sql`
    update repository set settings = replace(settings, '"allowForking":true', '"allowForking":false')
    where visibility <> 'public' and owner_id in (select id from account where kind = 'organization')`.execute(db);
}
