import { setTimeout as sleep } from 'node:timers/promises';

/** Nobody's turn came in time. */
export class TooBusy extends Error {
  constructor() {
    super('the server is busy, try again');
    this.name = 'TooBusy';
  }
}

export interface SlotLimits {
  /** How much work is done at once. */
  readonly total: number;
  /** How much of it for one account: one that sends slowly, or much, must not keep out the others. */
  readonly perAccount: number;
  /** How long one waits for a turn before `TooBusy` is thrown. */
  readonly patienceMilliseconds: number;
}

interface Waiting {
  readonly accountId: number;
  readonly start: () => void;
}

/** Bounds how many pushes are taken in at once, since each costs a process. Turns are given in the order they were asked for. */
export class Slots {
  readonly #limits: SlotLimits;
  readonly #used = new Map<number, number>();
  #waiting: Waiting[] = [];
  #total = 0;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /** Waits for a turn; disposing of the answer gives it back. */
  async take(accountId: number): Promise<Disposable> {
    if (!this.#isFree(accountId)) await this.#wait(accountId);
    else this.#count(accountId, 1);
    let isOurs = true;
    return {
      [Symbol.dispose]: () => {
        if (!isOurs) return;
        isOurs = false;
        this.#count(accountId, -1);
        this.#startNext();
      },
    };
  }

  async #wait(accountId: number): Promise<void> {
    const { promise: turn, resolve: start } = Promise.withResolvers<void>();
    const one = { accountId, start };
    this.#waiting.push(one);
    const inTime = new AbortController();
    const late = sleep(this.#limits.patienceMilliseconds, 'late' as const, { signal: inTime.signal }).catch(() => 'aborted' as const);
    const first = await Promise.race([turn, late]);
    inTime.abort();
    // Counted by whoever gave the turn away; nobody gives one to somebody who has left.
    if (first !== 'late') return;
    this.#waiting = this.#waiting.filter((other) => other !== one);
    throw new TooBusy();
  }

  #startNext(): void {
    const index = this.#waiting.findIndex(({ accountId }) => this.#isFree(accountId));
    const [next] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (next === undefined) return;
    this.#count(next.accountId, 1);
    next.start();
  }

  #isFree(accountId: number): boolean {
    return this.#total < this.#limits.total && (this.#used.get(accountId) ?? 0) < this.#limits.perAccount;
  }

  #count(accountId: number, by: 1 | -1): void {
    this.#total += by;
    const used = (this.#used.get(accountId) ?? 0) + by;
    if (used === 0) this.#used.delete(accountId);
    else this.#used.set(accountId, used);
  }
}
