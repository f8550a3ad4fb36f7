import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process that serves while something is measured, with a group of its own, so that whatever it starts ends with it. */
export class Daemon implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly #name: string;
  readonly #closed: Promise<unknown>;
  readonly #onExit = (): void => this.#kill('SIGKILL');

  constructor(program: string, args: readonly string[], options: { env: Record<string, string>; stdio: StdioOptions; cwd?: string }) {
    this.#name = program;
    this.child = spawn(program, [...args], { ...options, detached: true });
    this.#closed = once(this.child, 'exit');
    this.#closed.catch(() => undefined);
    // Before the hooks that remove what it writes to.
    process.prependListener('exit', this.#onExit);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.#name} did not start`);
    return this.child.pid;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The leader is asked first: a server that is cut off leaves its git processes behind.
    if (!this.hasEnded) this.child.kill('SIGTERM');
    await this.#closed.catch(() => undefined);
    this.#kill('SIGKILL');
    process.off('exit', this.#onExit);
  }

  /** The whole group. It may be gone already. */
  #kill(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
