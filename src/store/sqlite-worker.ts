import { parentPort, workerData } from 'node:worker_threads';
import { NodeSqlite, type SqliteFailure, type SqliteResult } from './node-sqlite.ts';

/** One statement for the writing thread. */
export interface WorkerRequest {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

export type WorkerResponse = { readonly id: number } & ({ readonly result: SqliteResult } | { readonly failure: SqliteFailure });

const database = new NodeSqlite((workerData as { path: string }).path, { readOnly: false });
const port = parentPort!;

port.on('message', (requests: readonly WorkerRequest[] | 'close') => {
  if (requests === 'close') {
    database.close();
    port.close();
    return;
  }
  port.postMessage(requests.map(answer));
});

function answer({ id, sql, parameters }: WorkerRequest): WorkerResponse {
  try {
    return { id, result: database.run(sql, parameters) };
  } catch (error) {
    const { message, code, errcode } = error as Error & { code?: string; errcode?: number };
    return { id, failure: { message, code, errcode } };
  }
}
