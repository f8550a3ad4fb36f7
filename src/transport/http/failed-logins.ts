const windowMilliseconds = 60_000;
const maximumFailures = 30;
const maximumAddresses = 10_000;

/** Counts refused credentials by address, so that guessing becomes slow. A good credential from the same address still works. */
export class FailedLogins {
  readonly #byAddress = new Map<string, { since: number; failures: number }>();

  /** Notes a failure. Null: go on; else the seconds after which the address may fail again. */
  note(address: string | null, now: number): number | null {
    const key = address ?? 'local';
    const present = this.#byAddress.get(key);
    const entry = present && now - present.since < windowMilliseconds ? present : { since: now, failures: 0 };
    entry.failures++;
    // Re-inserting keeps the map in order of age, so that the oldest goes when it is full.
    this.#byAddress.delete(key);
    this.#byAddress.set(key, entry);
    if (this.#byAddress.size > maximumAddresses) this.#byAddress.delete(this.#byAddress.keys().next().value!);
    return entry.failures > maximumFailures ? Math.ceil((entry.since + windowMilliseconds - now) / 1000) : null;
  }
}
