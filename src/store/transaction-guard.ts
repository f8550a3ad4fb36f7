import { type CompiledQuery, type DatabaseConnection, Kysely, type QueryResult } from 'kysely';
import type { Executor } from './rows.ts';
import type { Schema } from './schema.ts';
import { SingleConnectionDriver } from './single-connection.ts';

/** A transaction's database, and the end of what it takes. */
export interface Guarded {
  readonly db: Executor;
  end(): void;
}

/**
 * Refuses statements that come after the transaction's work has ended. Of several that are asked at once one may fail, and end the work, before
 * the others have been sent: they would run outside the transaction, and stay.
 */
export function guard(db: Executor): Guarded {
  const inner = db.getExecutor();
  let hasEnded = false;
  const connection: DatabaseConnection = {
    executeQuery: <R>(query: CompiledQuery): Promise<QueryResult<R>> =>
      inner.provideConnection(async (real) => {
        if (hasEnded) throw new Error('the transaction has ended before this statement was sent');
        return real.executeQuery<R>(query);
      }),
    streamQuery: () => {
      throw new Error('streaming is not used: lists are read in pages');
    },
  };
  const guarded = new Kysely<Schema>({
    dialect: {
      createAdapter: () => inner.adapter,
      createDriver: () => new SingleConnectionDriver(connection),
      createIntrospector: () => db.introspection,
      createQueryCompiler: () => ({ compileQuery: (node, id) => inner.compileQuery(node, id) }),
    },
  });
  return {
    db: guarded,
    end: () => {
      hasEnded = true;
    },
  };
}
