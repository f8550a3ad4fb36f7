import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Engine } from './migrations/columns.ts';
import { migrations } from './migrations/index.ts';
import type { Schema } from './schema.ts';

export class MigrationFailed extends Error {
  constructor(what: string, cause: unknown) {
    super(`the database schema could not be brought up to date (${what}): ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.name = 'MigrationFailed';
  }
}

/** Applies what is missing, in one transaction, behind the migration lock; several processes may start at once. */
export async function migrateToLatest(db: Kysely<Schema>, engine: Engine): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations(engine)) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  throw new MigrationFailed(results?.find((result) => result.status === 'Error')?.migrationName ?? 'schema', error);
}
