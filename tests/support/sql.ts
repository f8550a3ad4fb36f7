import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';

/** A connection to the database past the store: what somebody with the file or the password in hand can do. */
export interface Sql extends AsyncDisposable {
  run(statement: string): Promise<void>;
}

/** `place` is a data folder, or a PostgreSQL URL. */
export async function openSql(place: string): Promise<Sql> {
  if (!place.startsWith('postgres://')) return openFile(join(place, 'sallyport.db'));
  const client = new pg.Client({ connectionString: place });
  await client.connect();
  return {
    async run(statement) {
      await client.query(statement);
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}

function openFile(path: string): Sql {
  const database = new DatabaseSync(path, { timeout: 5000, enableForeignKeyConstraints: false });
  return {
    async run(statement) {
      database.exec(statement);
    },
    async [Symbol.asyncDispose]() {
      database.close();
    },
  };
}
