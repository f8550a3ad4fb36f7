import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Config } from '#config.ts';
import type { Order } from './server-process.ts';

/** A server that can be killed without killing the test. */
export class ChildServer implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
    this.#ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
  }

  /** Answers when it listens. */
  static async start(
    config: Config,
    { fault = null, silence = null, hooks = null }: Partial<Omit<Order, 'config'>> = {},
  ): Promise<ChildServer> {
    const order: Order = { config: { ...config, logLevel: 'error' }, fault, silence, hooks };
    const program = new URL('server-process.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [program, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'pipe'] });
    const errors: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    for await (const line of createInterface(child.stdout)) return new ChildServer(child, line);
    throw new Error(`the server ended before it listened: ${Buffer.concat(errors).toString()}`);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** As by `kill -9`; answers when it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended();
  }

  async ended(): Promise<void> {
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGCONT');
    await this.kill();
  }
}
