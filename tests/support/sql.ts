import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
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
  const database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: false });
  return {
    // The server writes in this very process: waiting must not stop it.
    async run(statement) {
      for (let tries = 0; !isDone(database, statement); tries++) {
        if (tries > 500) throw new Error('the database stays locked');
        await sleep(10);
      }
    },
    async [Symbol.asyncDispose]() {
      database.close();
    },
  };
}

/** False: another connection was writing. */
function isDone(database: DatabaseSync, statement: string): boolean {
  try {
    database.exec(statement);
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === 5) return false;
    throw error;
  }
}
