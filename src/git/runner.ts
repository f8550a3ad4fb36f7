import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { type News, type Opening, type Order, streams } from './runner-process.ts';

/** A process with pipes on all three sides, wherever it was started. */
export interface Started {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Its exit code; null when a signal ended it, or nobody knows. */
  readonly ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

type Place = Readonly<Record<(typeof streams)[number], Socket>>;

interface Running extends PromiseWithResolvers<number | null> {
  /** What the process holds the other end of until it has ended. */
  readonly outputs: readonly Socket[];
}

const places = 16;

/**
 * Starts git through a small process of its own. A process is started by copying the page tables of the one that starts it: the more
 * memory that has, the longer it does nothing else, milliseconds here and a fraction of one there (spec/push-path.md section 3). What git
 * reads and writes goes between it and the server directly.
 */
export class Runner implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #listener: Server;
  readonly #arriving = new Map<number, Partial<Place>>();
  readonly #ready: [number, Place][] = [];
  readonly #running = new Map<number, Running>();

  private constructor(environment: Opening['environment'], address: string, listener: Server) {
    this.#listener = listener;
    const program = join(import.meta.dirname, 'runner-process.ts');
    this.#child = spawn(process.execPath, [program], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: {} });
    this.#child.on('message', (news: News) => this.#hear(news));
    for (const loss of ['exit', 'error']) this.#child.on(loss, () => this.#lose());
    this.#child.send({ address, environment, places } satisfies Opening);
    listener.on('connection', (socket) => this.#admit(socket));
    // A server that has nothing else to do may end.
    for (const one of [listener, this.#child, this.#child.channel]) one?.unref();
  }

  /** The folder of its address is open to nobody else; nothing but its own process ever connects. */
  static async open(environment: Opening['environment']): Promise<Runner> {
    const address = join(await mkdtemp(join(tmpdir(), 'sallyport-')), 'runner');
    const listener = createServer().listen(address);
    await once(listener, 'listening');
    return new Runner(environment, address, listener);
  }

  /** Null when no place is ready, or the process is gone: then whoever asks does it without. */
  start(args: readonly string[], environment: Readonly<Record<string, string>>): Started | null {
    const next = this.#child.connected ? this.#ready.shift() : undefined;
    if (next === undefined) return null;
    const [place, { stdin, stdout, stderr }] = next;
    for (const stream of [stdin, stdout, stderr]) stream.ref();
    const running = { ...Promise.withResolvers<number | null>(), outputs: [stdout, stderr] };
    this.#running.set(place, running);
    // How it ended is news, and worth staying for.
    this.#child.channel?.ref();
    this.#child.send({ place, args, environment } satisfies Order);
    // What it says is read and never answered; what it is told is written to the end, or until it has ended.
    for (const stream of [stdout, stderr]) stream.end();
    const ended = running.promise.finally(() => stdin.destroy());
    return { stdin, stdout, stderr, ended, kill: (signal) => this.#signal(place, signal) };
  }

  /** Processes that still run stay: whoever started them ends them. */
  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    child.ref();
    const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
    if (child.connected) child.disconnect();
    for (const [, place] of this.#ready.splice(0)) for (const stream of streams) place[stream].destroy();
    this.#listener.close();
    await gone;
  }

  /** A connection first says what it is for, before there is anything at its other end. */
  #admit(socket: Socket): void {
    let said = '';
    // Nor must it be kept by places that nobody has asked for.
    socket.unref();
    const listen = (): void => {
      said += (socket.read() as Buffer | null)?.toString('latin1') ?? '';
      if (!said.endsWith('\n')) return;
      // Without a listener for that event it is as good as new, and may be read in any way.
      socket.off('readable', listen);
      const [place, stream] = said.trimEnd().split(' ');
      this.#arrive(Number(place), { [stream!]: socket });
    };
    socket.on('readable', listen);
    socket.on('error', () => socket.destroy());
  }

  #arrive(number: number, connection: Partial<Place>): void {
    const place = { ...this.#arriving.get(number), ...connection };
    this.#arriving.set(number, place);
    if (streams.some((stream) => place[stream] === undefined)) return;
    this.#arriving.delete(number);
    this.#ready.push([number, place as Place]);
  }

  #hear(news: News): void {
    const running = this.#running.get(news.place);
    this.#running.delete(news.place);
    if (this.#running.size === 0) this.#child.channel?.unref();
    if ('failure' in news) running?.reject(new Error(`git could not be started: ${news.failure}`));
    else running?.resolve(news.code);
  }

  #signal(place: number, signal: NodeJS.Signals): void {
    if (this.#child.connected && this.#running.has(place)) this.#child.send({ place, signal } satisfies Order);
  }

  /**
   * How the processes end that run now, nobody will know; but not before they have: one that moves refs must not be taken for gone while it
   * still may. A process that has ended has let go of its outputs.
   */
  #lose(): void {
    this.#ready.length = 0;
    for (const { outputs, resolve } of this.#running.values()) {
      const closed = outputs.map((output) => (output.closed ? null : once(output, 'close')));
      for (const output of outputs) output.resume();
      void Promise.all(closed).then(() => resolve(null));
    }
    this.#running.clear();
  }
}
