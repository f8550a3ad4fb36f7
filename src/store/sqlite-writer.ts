import { Worker } from 'node:worker_threads';
import { CompiledQuery, type DatabaseConnection, type QueryResult } from 'kysely';
import { StoreUnavailable } from '#model/ports/store.ts';
import type { WorkerRequest, WorkerResponse } from './sqlite-worker.ts';

/** A SQLite statement failed. `errcode` is SQLite's extended result code. */
class SqliteError extends Error {
  readonly code: string | undefined;
  readonly errcode: number | undefined;

  constructor(message: string, code: string | undefined, errcode: number | undefined) {
    super(message);
    this.name = 'SqliteError';
    this.code = code;
    this.errcode = errcode;
  }
}

/** SQLite's result codes for: busy, locked, read-only, input or output error, full, cannot open. */
const outages: readonly number[] = [5, 6, 8, 10, 13, 14];

interface Waiting {
  resolve(result: QueryResult<never>): void;
  reject(error: Error): void;
}

/**
 * The one connection that writes, in a thread of its own: an fsync takes milliseconds on a busy disk and would stop every
 * request meanwhile. Statements run in the order they are given; those that are given in one turn go there, and come back, together,
 * because waking a thread costs more than most of them.
 */
export class SqliteWriter implements DatabaseConnection {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #unsent: WorkerRequest[] = [];
  #nextId = 1;
  #dead: Error | null = null;

  constructor(path: string) {
    this.#worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData: { path } });
    this.#worker.on('message', (responses: readonly WorkerResponse[]) => {
      for (const response of responses) this.#settle(response);
    });
    this.#worker.on('error', (error) => this.#die(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', () => this.#die(new Error('the database thread has ended')));
  }

  executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#dead) return Promise.reject(this.#dead);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      if (this.#unsent.length === 0) process.nextTick(() => this.#send());
      this.#unsent.push({ id, sql, parameters });
    });
  }

  #send(): void {
    const requests = this.#unsent;
    this.#unsent = [];
    try {
      this.#worker.postMessage(requests);
    } catch (error) {
      // A value that is none for a database cannot be sent to one either.
      for (const { id } of requests) this.#settle({ id, failure: { message: String(error), code: undefined, errcode: undefined } });
    }
  }

  async run(sql: string): Promise<void> {
    await this.executeQuery(CompiledQuery.raw(sql));
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming is not used: lists are read in pages');
  }

  #settle(response: WorkerResponse): void {
    const waiting = this.#waiting.get(response.id);
    this.#waiting.delete(response.id);
    if ('result' in response) {
      waiting?.resolve({ rows: response.result.rows as never[], numAffectedRows: BigInt(response.result.changes) });
    } else {
      const { message, code, errcode } = response.failure;
      const error = new SqliteError(message, code, errcode);
      waiting?.reject(outages.includes((errcode ?? 0) & 0xff) ? new StoreUnavailable(error) : error);
    }
  }

  #die(error: Error): void {
    this.#dead ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#dead);
    this.#waiting.clear();
  }

  async close(): Promise<void> {
    if (this.#dead) return;
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.postMessage('close');
    await ended;
  }
}
