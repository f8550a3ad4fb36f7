import type { Target, TargetName } from './target.ts';

/** Milliseconds, or whatever the work counts, for each target. */
export type Samples = ReadonlyMap<TargetName, readonly number[]>;

const warmUpRounds = 3;

/**
 * Does the same work on every target, one after the other, round after round, so that whatever else the machine does falls on all of them. Who goes
 * first changes with every round. The first rounds are not counted.
 */
export async function interleaved(
  targets: readonly Target[],
  rounds: number,
  work: (target: Target, round: number) => Promise<number>,
): Promise<Samples> {
  const samples = new Map<TargetName, number[]>(targets.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds + warmUpRounds; round++) {
    const first = round % targets.length;
    for (const target of [...targets.slice(first), ...targets.slice(0, first)]) {
      const value = await work(target, round);
      if (round >= warmUpRounds) samples.get(target.name)!.push(value);
    }
  }
  return samples;
}

/** How many times the work of `interleaved` is done on each target. */
export function timesFor(rounds: number): number {
  return rounds + warmUpRounds;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Between two neighbours it is what lies between them in proportion. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new Error('there is nothing to take a percentile of');
  const sorted = [...values].sort((a, b) => a - b);
  const at = ((sorted.length - 1) * percent) / 100;
  const [below, above] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return below + (above - below) * (at - Math.floor(at));
}
