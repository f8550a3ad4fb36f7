import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { githubRules } from '../tests/support/protections.ts';
import { cpuSecondsOf } from './cpu.ts';
import { Daemon } from './daemon.ts';
import type { EventLoopStops } from './event-loop-probe.ts';
import { HttpClient } from './http-client.ts';
import type { Remote, Target } from './target.ts';

const root = join(import.meta.dirname, '..');
const main = join(root, 'src', 'main.ts');
const probe = join(import.meta.dirname, 'event-loop-probe.ts');

const organization = 'bench';

const linear = { type: 'required_linear_history', parameters: {} };
const pullRequest = {
  type: 'pull_request',
  parameters: {
    approvals: 1,
    dismissStale: false,
    codeOwners: false,
    lastPush: false,
    dismissal: { mode: 'writers' },
    passes: [],
  },
};

/** What a branch asks beside its list of people: by no force push, no deletion, and these. */
const protections = [
  ['main', linear],
  ['client-*', linear],
  ['release/*', pullRequest],
] as const;

export interface OursSettings {
  readonly folder: string;
  /** Null: SQLite in the folder. */
  readonly database: string | null;
  /** Where the server finds git; left out: where everybody does. */
  readonly path?: string;
}

/** This server, as `npm start` runs it, in a process of its own, with an organization whose branches are protected. */
export class Ours implements Target, AsyncDisposable {
  readonly name = 'ours';
  readonly #daemon: Daemon;
  readonly #settings: OursSettings;
  readonly #url: string;
  readonly #adminToken: string;
  #headers: Remote['headers'] = {};
  #boundHeaders: Remote['headers'] = {};
  #dev = 0;
  #repositories = 0;

  private constructor(daemon: Daemon, settings: OursSettings, url: string, adminToken: string) {
    this.#daemon = daemon;
    this.#settings = settings;
    this.#url = url;
    this.#adminToken = adminToken;
  }

  static async start(settings: OursSettings): Promise<Ours> {
    const { folder, database } = settings;
    await mkdir(folder, { recursive: true });
    const flags = ['--data', join(folder, 'data'), '--port', '0', ...(database === null ? [] : ['--database', database])];
    const log = await open(join(folder, 'server.log'), 'w');
    const daemon = new Daemon(process.execPath, ['--import', probe, main, 'serve', ...flags], {
      env: await environment(settings),
      cwd: root,
      stdio: ['ignore', 'pipe', log.fd, 'ipc'],
    });
    await log.close();
    daemon.child.once('exit', (code) => code === 0 || tellEnd(join(folder, 'server.log')));
    const said = await firstWords(daemon);
    const [url, token] = [/^listening on (\S+)$/m, /^ {2}token +(\S+)/m].map((pattern) => pattern.exec(said)?.[1]);
    if (url === undefined || token === undefined) throw new Error(`the server did not say what it says at its first start: ${said}`);
    const ours = new Ours(daemon, settings, url, token);
    await ours.#prepare();
    return ours;
  }

  async #prepare(): Promise<void> {
    this.#dev = (await this.#ask('POST', '/api/v3/admin/users', { login: 'dev', email: 'dev@example.com' })).id!;
    await this.#ask('POST', '/api/v3/admin/organizations', { login: organization, admin: 'admin' });
    this.#headers = basic(await this.#mint('--scopes', 'repo'));
    const bounds = ['--repo', 'all', '--ref', 'refs/heads/release/*', '--rule', 'pull_request', '--path', 'src/**/*'];
    this.#boundHeaders = basic(await this.#mint('--scopes', 'repo,repo:bypass-protection', ...bounds));
  }

  async createRepository(): Promise<Remote> {
    const name = `r${++this.#repositories}`;
    const { id } = await this.#ask('POST', `/api/v3/orgs/${organization}/repos`, { name, private: true });
    await this.#ask('PUT', `/api/v3/repos/${organization}/${name}/collaborators/dev`, { permission: 'push' });
    const onlyDev = { type: 'actor_restriction', parameters: { grants: [{ kind: 'user', id: this.#dev }], coversCreation: true } };
    for (const [pattern, rule] of protections) {
      const protection = { origin: 'github', pattern, rules: githubRules(onlyDev, rule) };
      await this.#ask('POST', `/api/sallyport/v1/repos/${organization}/${name}/protections`, protection);
    }
    const path = join(this.#settings.folder, 'data', 'repositories', `${id}.git`);
    return { url: `${this.#url}/${organization}/${name}.git`, path, headers: this.#headers };
  }

  async removeRepository({ url }: Remote): Promise<void> {
    const name = /([^/]+)\.git$/.exec(url)![1]!;
    await this.#ask('DELETE', `/api/v3/repos/${organization}/${name}`);
  }

  cpuSeconds(): Promise<number> {
    return cpuSecondsOf([this.#daemon.pid]);
  }

  forCpu(remote: Remote): Remote {
    return remote;
  }

  boundToPaths(remote: Remote): Remote {
    return { ...remote, headers: this.#boundHeaders };
  }

  /** How long its event loop stood still during some work. */
  async eventLoopStops(work: () => Promise<unknown>): Promise<EventLoopStops> {
    const { child } = this.#daemon;
    child.send('start');
    await work();
    const answer = once(child, 'message') as Promise<[EventLoopStops]>;
    child.send('stop');
    return (await answer)[0];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#daemon[Symbol.asyncDispose]();
  }

  /** The API as the site admin, each time on a new connection: between two questions a row may take longer than one is kept. */
  async #ask(method: string, path: string, input?: unknown): Promise<{ readonly id?: number }> {
    using client = new HttpClient();
    const headers = { authorization: `Bearer ${this.#adminToken}`, 'content-type': 'application/json' };
    const body = input === undefined ? null : Buffer.from(JSON.stringify(input));
    const answer = await client.must(`${this.#url}${path}`, { method, headers, body });
    return answer.body.length === 0 ? {} : JSON.parse(answer.body.toString('utf8'));
  }

  /** On the command line, as an operator would. */
  async #mint(...bounds: readonly string[]): Promise<string> {
    const args = [main, 'token', 'create', '--data', join(this.#settings.folder, 'data'), '--user', 'dev', ...bounds];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env: await environment(this.#settings) });
    return stdout.trim();
  }
}

async function environment({ folder, database, path }: OursSettings): Promise<Record<string, string>> {
  const env = { PATH: path ?? process.env['PATH'] ?? '', SALLYPORT_REQUESTS_PER_HOUR: '0' };
  if (database === null) return env;
  const file = join(folder, 'master.key');
  await writeFile(file, `${randomBytes(32).toString('hex')}\n`, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return { ...env, SALLYPORT_DATABASE: database, SALLYPORT_MASTER_KEY_FILE: file };
}

function basic(token: string): Remote['headers'] {
  return { authorization: `Basic ${Buffer.from(`dev:${token}`).toString('base64')}` };
}

/** A server that ends by itself has said why. */
function tellEnd(log: string): void {
  process.stderr.write(`bench: the server has ended; its last words:\n${readFileSync(log, 'utf8').slice(-2000)}\n`);
}

/** Everything up to the line that says that it listens; the pipe stays open, or its next word would end the server. */
function firstWords(daemon: Daemon): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    daemon.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/^listening on .+$/m.test(said)) resolve(said);
    });
    daemon.child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it listened`)));
  });
}
