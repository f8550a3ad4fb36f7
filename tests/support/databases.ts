import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** The engines that a promise is tested on. */
export type DatabaseKind = 'sqlite' | 'postgres';

/** Folder of the PostgreSQL socket that the test run has started; undefined in the fast run, which has none. */
const postgresSocket = process.env['SALLYPORT_TEST_POSTGRES'];

/** SQLite always; PostgreSQL too, except in the fast run. */
export const databases: readonly DatabaseKind[] = postgresSocket === undefined ? ['sqlite'] : ['sqlite', 'postgres'];

/** A new, empty PostgreSQL database. */
export async function createPostgresDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  if (postgresSocket === undefined) throw new Error('no PostgreSQL was started for this run');
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(`create database ${name}`);
  const url = `postgres://postgres@localhost/${name}?host=${encodeURIComponent(postgresSocket)}`;
  return { url, drop: () => asAdmin(`drop database if exists ${name} with (force)`) };
}

async function asAdmin(statement: string): Promise<void> {
  const client = new pg.Client({ host: postgresSocket, user: 'postgres', database: 'postgres' });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
