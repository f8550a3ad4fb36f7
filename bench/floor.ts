import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { mustGit } from '../tests/support/git.ts';
import { freePort } from '../tests/support/ports.ts';
import { CgiCpu } from './cgi-cpu.ts';
import { cpuSecondsOf } from './cpu.ts';
import { Daemon } from './daemon.ts';
import { nginxConfig } from './nginx-config.ts';
import type { Remote, Target, TargetName } from './target.ts';
import { traceVariable } from './trace.ts';

const programs = { nginx: '/usr/sbin/nginx', fcgiwrap: '/usr/sbin/fcgiwrap' };

/** One for each of the clients that push at the same time. */
const fcgiWorkers = 8;

/** Something that is measured against is not on this machine. */
export class FloorMissing extends Error {
  constructor(missing: readonly string[]) {
    super(
      `the benchmark compares with ${missing.join(' and ')}, which could not be found; on Debian: apt-get install ${missing.join(' ')}`,
    );
    this.name = 'FloorMissing';
  }
}

/** What everybody has: nginx, fcgiwrap and `git http-backend`, over repositories of their own, in one folder. */
export class Floor implements AsyncDisposable {
  readonly #folder: string;
  readonly #base: string;
  readonly #daemons: readonly Daemon[];
  readonly #cpu: CgiCpu;
  readonly #parts: AsyncDisposableStack;
  #repositories = 0;

  private constructor(folder: string, base: string, daemons: readonly Daemon[], cpu: CgiCpu, parts: AsyncDisposableStack) {
    this.#folder = folder;
    this.#base = base;
    this.#daemons = daemons;
    this.#cpu = cpu;
    this.#parts = parts;
  }

  static async start(folder: string): Promise<Floor> {
    const missing = Object.entries(programs).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));
    if (missing.length > 0) throw new FloorMissing(missing);
    await using parts = new AsyncDisposableStack();
    for (const name of ['repositories', 'home']) await mkdir(join(folder, name), { recursive: true });
    const backend = join((await promisify(execFile)('git', ['--exec-path'])).stdout.trim(), 'git-http-backend');
    const cpu = await CgiCpu.create(folder, backend);
    const [port, socket] = [await freePort(), join(folder, 'fcgi.sock')];
    const plain = { script: backend, parameters: {} };
    const locations = [
      { name: 'floor', ...plain },
      { name: 'synced', script: backend, parameters: ourFsync },
      { name: 'floor-cpu', script: cpu.script, parameters: {} },
      { name: 'synced-cpu', script: cpu.script, parameters: ourFsync },
      { name: 'floor-traced', script: backend, parameters: { [traceVariable]: traceFile(folder) } },
    ];
    await writeFile(
      join(folder, 'nginx.conf'),
      nginxConfig({ folder, port, socket, repositories: join(folder, 'repositories'), locations }),
    );
    const log = await open(join(folder, 'floor.log'), 'w');
    const options = { env: environment(folder), stdio: ['ignore', 'ignore', log.fd] as ['ignore', 'ignore', number] };
    const wrap = parts.use(new Daemon(programs.fcgiwrap, ['-c', String(fcgiWorkers), '-s', `unix:${socket}`], options));
    const nginxArguments = ['-e', join(folder, 'error.log'), '-p', folder, '-c', join(folder, 'nginx.conf')];
    const nginx = parts.use(new Daemon(programs.nginx, nginxArguments, options));
    await log.close();
    await answers(port, nginx);
    return new Floor(folder, `http://127.0.0.1:${port}`, [nginx, wrap], cpu, parts.move());
  }

  /** The floor under one of its addresses. */
  target(name: Exclude<TargetName, 'ours'>): Target {
    return {
      name,
      createRepository: () => this.#createRepository(name),
      removeRepository: ({ path }) => rm(path, { recursive: true, force: true }),
      cpuSeconds: async () => (await cpuSecondsOf(this.#daemons.map(({ pid }) => pid))) + (await this.#cpu.seconds()),
      forCpu: (remote) => ({ ...remote, url: remote.url.replace(`/${name}/`, `/${name}-cpu/`) }),
      boundToPaths: (remote) => remote,
    };
  }

  /** A repository whose processes write themselves down in `traceFile`. */
  async createTraced(): Promise<{ remote: Remote; file: string }> {
    return { remote: await this.#createRepository('floor-traced'), file: traceFile(this.#folder) };
  }

  async #createRepository(location: string): Promise<Remote> {
    const name = `${++this.#repositories}.git`;
    const path = join(this.#folder, 'repositories', name);
    await mustGit(this.#folder, ['init', '--quiet', '--bare', '--initial-branch=main', path]);
    return { url: `${this.#base}/${location}/${name}`, path, headers: { authorization: 'Basic YmVuY2g6YmVuY2g=' } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}

/** The one setting by which a push to us is on disk when it is answered; git's own default syncs neither loose objects nor refs. */
const ourFsync = {
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'core.fsync',
  GIT_CONFIG_VALUE_0: 'loose-object,pack,pack-metadata,reference',
  GIT_CONFIG_KEY_1: 'core.fsyncMethod',
  GIT_CONFIG_VALUE_1: 'batch',
};

function environment(folder: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: join(folder, 'home'),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  };
}

function traceFile(folder: string): string {
  return join(folder, 'floor-trace.json');
}

async function answers(port: number, nginx: Daemon): Promise<void> {
  for (let tries = 0; tries < 200 && !nginx.hasEnded; tries++) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isThere) return;
    await sleep(25);
  }
  throw new Error('nginx did not start');
}
