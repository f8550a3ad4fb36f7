/** Something to do again and again. */
export interface Job {
  readonly name: string;
  readonly everyMilliseconds: number;
  readonly run: () => Promise<void>;
}

interface Log {
  error(fields: Record<string, unknown>, message: string): void;
}

/** Runs jobs by the clock. One that takes longer than its interval is not started again before it has ended; one that fails is tried next time. */
export class Scheduler {
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(jobs: readonly Job[], log: Log) {
    for (const job of jobs) this.#timers.push(this.#schedule(job, log));
  }

  #schedule({ name, everyMilliseconds, run }: Job, log: Log): NodeJS.Timeout {
    let busy = false;
    const tick = async (): Promise<void> => {
      if (busy) return;
      busy = true;
      try {
        await run();
      } catch (error) {
        log.error({ job: name, error }, 'a job failed and will be tried again');
      } finally {
        busy = false;
      }
    };
    return setInterval(() => {
      const running = tick().finally(() => this.#running.delete(running));
      this.#running.add(running);
    }, everyMilliseconds).unref();
  }

  /** Starts nothing any more and waits for what is running. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#running);
  }
}
