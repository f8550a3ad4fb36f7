import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';

const maximumStatements = 500;

/** Why a statement failed, in a form that crosses a thread. */
export interface SqliteFailure {
  readonly message: string;
  readonly code: string | undefined;
  readonly errcode: number | undefined;
}

export interface SqliteResult {
  readonly rows: Record<string, SQLOutputValue>[];
  readonly changes: number;
}

/** One connection of Node's own SQLite with a bounded set of prepared statements. Blocks while it runs. */
export class NodeSqlite {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, { readOnly }: { readOnly: boolean }) {
    this.#database = new DatabaseSync(path, { readOnly, enableForeignKeyConstraints: true, timeout: 5000 });
    this.#database.exec('PRAGMA trusted_schema = OFF');
    // FULL: a commit that answered survives a loss of power (decision 34).
    if (!readOnly) this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  }

  run(sql: string, parameters: readonly unknown[]): SqliteResult {
    const statement = this.#prepare(sql);
    const values = parameters.map(bind);
    if (statement.columns().length > 0) return { rows: statement.all(...values), changes: 0 };
    return { rows: [], changes: Number(statement.run(...values).changes) };
  }

  #prepare(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
    // Re-inserting moves it to the young end; the oldest is the first key.
    this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > maximumStatements) this.#statements.delete(this.#statements.keys().next().value!);
    return statement;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }
}

function bind(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value === undefined ? null : (value as SQLInputValue);
}
