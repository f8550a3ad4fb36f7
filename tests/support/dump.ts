import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { TestServer } from './server.ts';

/** Changes by the clock and not by anybody. */
const restless = ['node'];

/** Everything that a server keeps: every row of every table, every file of its repositories, and where their refs stand. */
export async function dump(server: Pick<TestServer, 'data' | 'config'>): Promise<unknown> {
  const { database } = server.config;
  const tables = database === null ? dumpFile(join(server.data, 'sallyport.db')) : await dumpPostgres(database);
  return { tables, files: await listFiles(join(server.data, 'repositories')) };
}

function dumpFile(path: string): Record<string, unknown> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const names = database.prepare(`select name from sqlite_master where type = 'table' order by name`).all();
    const kept = names.map(({ name }) => String(name)).filter((name) => !restless.includes(name));
    return Object.fromEntries(kept.map((name) => [name, database.prepare(`select * from "${name}"`).all()]));
  } finally {
    database.close();
  }
}

async function dumpPostgres(url: string): Promise<Record<string, unknown>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const names = await client.query(`select tablename as name from pg_tables where schemaname = 'public' order by 1`);
    const kept = names.rows.map(({ name }) => String(name)).filter((name) => !restless.includes(name));
    const tables: [string, unknown][] = [];
    for (const name of kept) tables.push([name, (await client.query(`select t::text as row from "${name}" t order by 1`)).rows]);
    return Object.fromEntries(tables);
  } finally {
    await client.end();
  }
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const isRef = (file: string): boolean => /\.git\/(HEAD|packed-refs|refs\/.*)$/.test(file);
  return Promise.all(files.sort().map(async (file) => (isRef(file) ? `${file}: ${await readFile(file, 'utf8')}` : file)));
}
