import { existsSync } from 'node:fs';
import { UsageError } from './options.ts';
import type { DatabaseKind } from './target.ts';

/** Where servers keep what is not git's. */
export interface Databases extends AsyncDisposable {
  /** The address of a new one; null: SQLite, in the server's folder. */
  create(): Promise<string | null>;
}

/** A PostgreSQL of the benchmark's own, whose commits are on disk when they answer, as in service. */
export async function openDatabases(kind: DatabaseKind): Promise<Databases> {
  if (kind === 'sqlite') return { create: () => Promise.resolve(null), [Symbol.asyncDispose]: () => Promise.resolve() };
  if (!existsSync('/usr/lib/postgresql'))
    throw new UsageError('--database=postgres needs PostgreSQL; on Debian: apt-get install postgresql');
  const { startPostgres } = await import('../scripts/postgres.mjs');
  const { folder, stop } = await startPostgres({ durable: true });
  // tests/support reads it when it is loaded.
  process.env['SALLYPORT_TEST_POSTGRES'] = folder;
  const { createPostgresDatabase } = await import('../tests/support/databases.ts');
  return {
    create: async () => (await createPostgresDatabase()).url,
    [Symbol.asyncDispose]: () => stop(),
  };
}
