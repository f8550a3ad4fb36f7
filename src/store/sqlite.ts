import { join } from 'node:path';
import {
  type CompiledQuery,
  type DatabaseConnection,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Engine } from './engine.ts';
import { GroupCommit } from './group-commit.ts';
import { MigrationFailed, migrateToLatest } from './migrate.ts';
import type { Engine as EngineColumns } from './migrations/columns.ts';
import { NodeSqlite } from './node-sqlite.ts';
import type { Schema } from './schema.ts';
import { SingleConnectionDriver } from './single-connection.ts';
import { SqliteWriter } from './sqlite-writer.ts';

const columns: EngineColumns = { identity: { type: 'integer', column: (column) => column.primaryKey().autoIncrement() } };

/**
 * The embedded database in `folder` (decision 34). The caller holds the folder's lock: there is one server process, so repository
 * locks in memory are enough.
 */
export async function openSqlite(folder: string): Promise<Engine> {
  const path = join(folder, 'sallyport.db');
  const writer = new SqliteWriter(path);
  const writing = kyselyOver(writer);
  try {
    await migrateToLatest(writing, columns);
  } catch (error) {
    await writer.close();
    throw error instanceof MigrationFailed ? error : new MigrationFailed(path, error);
  }
  const reader = new NodeSqlite(path, { readOnly: true });
  const reading = kyselyOver(new ReadConnection(reader));
  const group = new GroupCommit(writer);
  return {
    columns,
    db: reading,
    transaction: (work) => group.transaction(() => work(writing, Date.now())),
    isShared: false,
    withRepositoryLock: (_repositoryId, work) => work(() => Promise.resolve(true)),
    async close() {
      await group.idle();
      reader.close();
      await writer.close();
    },
  };
}

/** Reads on the calling thread: microseconds, and never behind a writer (WAL). */
class ReadConnection implements DatabaseConnection {
  readonly #database: NodeSqlite;

  constructor(database: NodeSqlite) {
    this.#database = database;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    return { rows: this.#database.run(sql, parameters).rows as R[] };
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming is not used: lists are read in pages');
  }
}

/** The one connection puts statements into an order by itself; nobody has to wait for the answer to another before asking. */
class OrderedAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

function kyselyOver(connection: DatabaseConnection): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new OrderedAdapter(),
      createDriver: () => new SingleConnectionDriver(connection),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}
