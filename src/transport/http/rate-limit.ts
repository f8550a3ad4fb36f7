import type { RateState } from '#api/route.ts';
import type { Caller, RequestOrigin } from '#model/caller.ts';

const anHour = 60 * 60 * 1000;
const maximumCallers = 50_000;

/** A fixed hour per caller, as GitHub has it. With a limit of 0 nothing is counted. */
export class RateLimit {
  readonly #limit: number;
  readonly #byCaller = new Map<string, { since: number; used: number }>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Counts one request. Null: there is no limit. */
  take(caller: string, now: number): RateState | null {
    return this.#state(caller, now, 1);
  }

  /** Where the caller stands, without counting. */
  look(caller: string, now: number): RateState | null {
    return this.#state(caller, now, 0);
  }

  #state(caller: string, now: number, cost: number): RateState | null {
    if (this.#limit === 0) return null;
    const present = this.#byCaller.get(caller);
    const entry = present && now - present.since < anHour ? present : { since: now, used: 0 };
    entry.used += cost;
    if (entry !== present) {
      this.#byCaller.delete(caller);
      this.#byCaller.set(caller, entry);
      if (this.#byCaller.size > maximumCallers) this.#byCaller.delete(this.#byCaller.keys().next().value!);
    }
    const used = Math.min(entry.used, this.#limit);
    return {
      limit: this.#limit,
      remaining: this.#limit - used,
      used,
      reset: Math.ceil((entry.since + anHour) / 1000),
      exceeded: entry.used > this.#limit,
    };
  }
}

/** Under what a caller's requests are counted. */
export function rateKey(caller: Caller, origin: RequestOrigin): string {
  if (caller.kind === 'actor') return `user ${caller.user.id}`;
  return caller.kind === 'app' ? `app ${caller.app.id}` : `address ${origin.address}`;
}
