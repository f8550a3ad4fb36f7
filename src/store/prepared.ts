import type { Compilable, CompiledQuery, QueryResult } from 'kysely';
import type { Executor } from './rows.ts';

/** Where a value goes that is known only when the statement runs. */
class Hole {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A statement that is built and compiled once: for those that every push asks, for which building them costs more than the database needs to
 * answer. `build` sees no values, only places for them: it may hand them on, and must not look at them.
 */
export function prepared<V extends object, Row>(
  build: (db: Executor, values: V) => Compilable<Row>,
): (db: Executor, values: V) => Promise<QueryResult<Row>> {
  const holes = new Proxy({}, { get: (_, name) => new Hole(String(name)) }) as V;
  // SQLite and PostgreSQL are spoken in one process only by tests, but there they are.
  const compiled = new WeakMap<object, CompiledQuery<Row>>();
  return (db, values) => {
    const { adapter } = db.getExecutor();
    const statement = compiled.get(adapter) ?? build(db, holes).compile();
    compiled.set(adapter, statement);
    const parameters = statement.parameters.map((parameter) => (parameter instanceof Hole ? values[parameter.name as keyof V] : parameter));
    return db.executeQuery({ ...statement, parameters });
  };
}

/** The first row of an answer, or null. */
export async function first<Row>(result: Promise<QueryResult<Row>>): Promise<Row | null> {
  return (await result).rows[0] ?? null;
}
