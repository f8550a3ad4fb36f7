import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, readConfig } from '#config.ts';
import type { Seams } from '../../src/compose.ts';
import { type RunningServer, startServer } from '../../src/start-server.ts';
import { createPostgresDatabase, type DatabaseKind } from './databases.ts';
import { temporaryFolder } from './folders.ts';

export interface TestServerOptions {
  readonly database?: DatabaseKind;
  readonly config?: Partial<Config>;
  readonly seams?: Seams;
}

/** A server of a test, with its own data folder, its own database and a free port. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly running: RunningServer;
  readonly data: string;
  readonly config: Config;
  /** A token of the site admin with every ordinary scope. */
  readonly adminToken: string;
  /** Every line that was logged. */
  readonly logged: string[];
  /** Stops it and starts it again on the same data, perhaps configured otherwise. */
  restart(seams?: Seams, config?: Partial<Config>): Promise<void>;
  /** Stops it, so that another process can serve the same data. */
  stop(): Promise<void>;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const folder = await temporaryFolder();
  const database = options.database === 'postgres' ? await createPostgresDatabase() : null;
  const logged: string[] = [];
  const config = await testConfig(folder.path, database?.url ?? null, options.config);
  const start = (seams: Seams = {}, changes: Partial<Config> = {}): Promise<RunningServer> =>
    startServer({ ...config, ...changes }, 'tester', { logTo: { write: (line) => logged.push(line) }, ...seams });
  let running = await start(options.seams);
  let isRunning = true;
  const stop = async (): Promise<void> => {
    if (isRunning) await running.close();
    isRunning = false;
  };
  const { first } = running;
  if (first === null) throw new Error('a new server has no first credentials');
  return {
    get url() {
      return running.url;
    },
    get running() {
      return running;
    },
    data: folder.path,
    config,
    adminToken: first.token,
    logged,
    async restart(seams, changes) {
      await stop();
      running = await start(seams, changes);
      isRunning = true;
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await database?.drop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** As a server is configured in tests: loopback, a free port, no limit on requests. */
export async function testConfig(data: string, database: string | null, overrides: Partial<Config> = {}): Promise<Config> {
  const flags: Record<string, string> = { data, host: '127.0.0.1', port: '0', 'log-level': 'info', 'requests-per-hour': '0' };
  if (database !== null) {
    flags['database'] = database;
    flags['master-key-file'] = join(data, 'master.key');
    await writeFile(flags['master-key-file'], `${randomBytes(32).toString('hex')}\n`, { flag: 'wx' }).catch(alreadyThere);
  }
  return { ...readConfig(flags, { PATH: process.env['PATH'] }), ...overrides };
}

function alreadyThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
