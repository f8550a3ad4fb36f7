import assert from 'node:assert/strict';
import type { Verdict } from '#model/verdict.ts';

/** Counts what a property has seen, so that it can say that it was about something. */
export class Tally {
  private readonly seen = new Map<string, number>();
  private total = 0;

  count(...kinds: readonly string[]): void {
    this.total++;
    for (const kind of new Set(kinds)) this.seen.set(kind, (this.seen.get(kind) ?? 0) + 1);
  }

  /** One for each ref, by its result. */
  countRefs({ refs }: Verdict): void {
    for (const { result } of refs) this.count(result);
  }

  /** Fails when one of these was seen in less than its share of everything that was counted. */
  require(shares: Readonly<Record<string, number>>): void {
    for (const [kind, share] of Object.entries(shares)) {
      const found = (this.seen.get(kind) ?? 0) / this.total;
      assert.ok(found >= share, `${kind}: in ${(found * 100).toFixed(1)} % of ${this.total}, at least ${share * 100} % expected`);
    }
  }
}
