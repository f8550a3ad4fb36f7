import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { type GitFolders, gitEnvironment } from './environment.ts';
import { Runner, type Started } from './runner.ts';

/** A git process with pipes on all three sides. */
export interface GitProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Closes its input, then asks it to end, then insists: signals at once would leave temporary folders behind. */
  stop(): void;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** What a process may see beside the repository. */
export interface Surroundings {
  /** The quarantine whose objects it reads, and writes new ones to. */
  readonly quarantine?: string;
  readonly protocol?: string | undefined;
}

/** A git process failed where nothing but a fault of ours or of the disk explains it. */
export class GitFailed extends Error {
  constructor(args: readonly string[], { code, stderr }: Finished) {
    super(`git ${args[0] ?? ''} ended with ${code ?? 'a signal'}: ${stderr.trim().slice(0, 2000)}`);
    this.name = 'GitFailed';
  }
}

const maximumStderr = 64 * 1024;
const secondsUntilTerm = 5;
const secondsUntilKill = 10;

/** From so many on, a process that starts them pays for itself; commands, and most tests, end before. */
const worthARunner = 20;

/** Starts git, with a fixed environment and nothing else. Object ids and ref names go in on standard input, never as arguments. */
export class Git {
  readonly #environment: Record<string, string>;
  readonly #running = new Set<GitProcess>();
  /** Null until there is one, and where there can be none. */
  #runner: Runner | null = null;
  #opening: Promise<void> = Promise.resolve();
  /** How many processes were started, for the metrics. */
  started = 0;

  constructor(folders: GitFolders) {
    this.#environment = gitEnvironment(folders);
  }

  /** `repository` is the bare repository's folder; null for commands that need none. */
  start(repository: string | null, args: readonly string[], around: Surroundings = {}): GitProcess {
    if (++this.started === worthARunner) this.#opening = this.#openRunner();
    const all = repository === null ? args : [`--git-dir=${repository}`, ...args];
    const environment = surroundings(repository, around);
    const { kill, ...process } = this.#runner?.start(all, environment) ?? startHere(all, { ...this.#environment, ...environment });
    const started: GitProcess = { ...process, stop: () => stop(process, kill) };
    this.#running.add(started);
    // A reader that ends early breaks the pipe; the exit code tells what happened.
    process.stdin.on('error', ignoreBrokenPipe);
    process.ended.then(
      () => this.#running.delete(started),
      () => this.#running.delete(started),
    );
    return started;
  }

  /** Runs to the end and keeps the output. For answers that are known to be small. */
  async run(
    repository: string | null,
    args: readonly string[],
    around: Surroundings & { readonly input?: string | Buffer } = {},
  ): Promise<Finished> {
    const child = this.start(repository, args, around);
    child.stdin.end(around.input ?? '');
    const [stdout, stderr, code] = await Promise.all([collect(child.stdout), collectSome(child.stderr), child.ended]);
    return { code, stdout, stderr };
  }

  /** As `run`; anything but exit code 0 is thrown. */
  async must(
    repository: string | null,
    args: readonly string[],
    around: Surroundings & { readonly input?: string | Buffer } = {},
  ): Promise<Buffer> {
    const finished = await this.run(repository, args, around);
    if (finished.code !== 0) throw new GitFailed(args, finished);
    return finished.stdout;
  }

  /** Ends every process that still runs, and what started them. */
  async stopAll(): Promise<void> {
    const running = [...this.#running];
    for (const process of running) process.stop();
    await Promise.allSettled(running.map(({ ended }) => ended));
    await this.#opening;
    await this.#runner?.[Symbol.asyncDispose]();
  }

  async #openRunner(): Promise<void> {
    this.#runner = await Runner.open(this.#environment).catch(() => null);
  }
}

function startHere(args: readonly string[], env: Record<string, string>): Started {
  const child = spawn('git', [...args], { stdio: ['pipe', 'pipe', 'pipe'], env });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
  const { stdin, stdout, stderr } = child;
  return { stdin, stdout, stderr, ended, kill: (signal) => void child.kill(signal) };
}

function surroundings(repository: string | null, { quarantine, protocol }: Surroundings): Record<string, string> {
  return {
    ...(quarantine !== undefined && {
      GIT_OBJECT_DIRECTORY: quarantine,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: `${repository}/objects`,
      // git refuses to update refs while this is set: a second lock on the quarantine's door.
      GIT_QUARANTINE_PATH: quarantine,
    }),
    ...(protocol !== undefined && { GIT_PROTOCOL: protocol }),
  };
}

function stop({ stdin, ended }: Pick<GitProcess, 'stdin' | 'ended'>, kill: Started['kill']): void {
  stdin.destroy();
  const timers = [setTimeout(() => kill('SIGTERM'), secondsUntilTerm * 1000), setTimeout(() => kill('SIGKILL'), secondsUntilKill * 1000)];
  const clear = (): void => timers.forEach(clearTimeout);
  ended.then(clear, clear);
}

export async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The beginning of a stream as text; the rest is read and dropped, so that the writer does not block. */
export async function collectSome(stream: Readable, onChunk?: (chunk: Buffer) => void): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    onChunk?.(chunk as Buffer);
    if (size < maximumStderr) chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return Buffer.concat(chunks).subarray(0, maximumStderr).toString('utf8');
}

/** A process that ends before it has read everything resets the connection that its input is. */
const brokenPipe = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'];

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (!brokenPipe.includes(error.code ?? '')) throw error;
}
