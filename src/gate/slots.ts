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
  /** How much of it for one account, or for one address without an account: one that sends slowly, or much, must not keep out the others. */
  readonly perAccount: number;
  /** How long one waits for a turn before `TooBusy` is thrown. */
  readonly patienceMilliseconds: number;
}

type Account = number | string;

interface Waiting {
  readonly account: Account;
  readonly start: () => void;
}

/** Bounds how much is done at once of what costs a process, such as taking in a push. Turns are given in the order they were asked for. */
export class Slots {
  readonly #limits: SlotLimits;
  readonly #used = new Map<Account, number>();
  #waiting: Waiting[] = [];
  #total = 0;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /** Waits for a turn; disposing of the answer gives it back. */
  async take(account: Account): Promise<Disposable> {
    if (!this.#isFree(account)) await this.#wait(account);
    else this.#count(account, 1);
    let isOurs = true;
    return {
      [Symbol.dispose]: () => {
        if (!isOurs) return;
        isOurs = false;
        this.#count(account, -1);
        this.#startNext();
      },
    };
  }

  async #wait(account: Account): Promise<void> {
    const { promise: turn, resolve: start } = Promise.withResolvers<void>();
    const one = { account, start };
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
    const index = this.#waiting.findIndex(({ account }) => this.#isFree(account));
    const [next] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (next === undefined) return;
    this.#count(next.account, 1);
    next.start();
  }

  #isFree(account: Account): boolean {
    return this.#total < this.#limits.total && (this.#used.get(account) ?? 0) < this.#limits.perAccount;
  }

  #count(account: Account, by: 1 | -1): void {
    this.#total += by;
    const used = (this.#used.get(account) ?? 0) + by;
    if (used === 0) this.#used.delete(account);
    else this.#used.set(account, used);
  }
}
