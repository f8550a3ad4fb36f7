import type { Fixtures } from './fixtures.ts';
import type { Floor } from './floor.ts';
import type { HttpClient } from './http-client.ts';
import { median, type Samples } from './measure.ts';
import type { Ours, OursSettings } from './ours.ts';
import { sendPush } from './send-push.ts';
import type { Remote, Target, TargetName } from './target.ts';

/** Everything that a row works with. */
export interface Bench {
  /** The floor as installed, the floor with our `core.fsync`, this server: where objects or refs are written. */
  readonly writers: readonly Target[];
  /** Without the second, which reads as the first does. */
  readonly readers: readonly Target[];
  readonly floor: Floor;
  readonly ours: Ours;
  readonly fixtures: Fixtures;
  readonly client: HttpClient;
  readonly rounds: number;
  /** For what belongs to one row alone. */
  readonly folder: string;
  /** Another server like the one that is measured. */
  startAnother(settings: Pick<OursSettings, 'path'>): Promise<Ours>;
}

export interface Figure {
  readonly title: string;
  readonly unit: 'ms' | 'MB/s' | 'pushes/s' | 'processes';
  readonly better: 'less' | 'more';
  /** Null: not measured there. */
  readonly values: Readonly<Record<TargetName, number | null>>;
  /** What is to be reached: a ratio to the floor or, where that means nothing, an amount. */
  readonly goal: { readonly ratio: number } | { readonly amount: number } | null;
  /** What a reader has to know beside. */
  readonly note?: string;
}

export interface Row {
  /** For `--rows`. */
  readonly name: string;
  measure(bench: Bench): Promise<Figure[]>;
}

/** The same repository, so to speak, on each of some servers. */
export async function onEach(targets: readonly Target[], make: (target: Target) => Promise<Remote>): Promise<(target: Target) => Remote> {
  const remotes = new Map<TargetName, Remote>();
  for (const target of targets) remotes.set(target.name, await make(target));
  return ({ name }) => remotes.get(name)!;
}

/** Figures of the targets that were measured. */
export function valuesOf(of: (name: TargetName) => number | undefined): Figure['values'] {
  return { floor: of('floor') ?? null, synced: of('synced') ?? null, ours: of('ours') ?? null };
}

export function medians(samples: Samples): Figure['values'] {
  return valuesOf((name) => (samples.has(name) ? median(samples.get(name)!) : undefined));
}

/** A new repository with the base under some branches. */
export async function seeded({ fixtures, client }: Bench, target: Target, ...branches: readonly string[]): Promise<Remote> {
  const remote = await target.createRepository();
  await sendPush(client, remote, await fixtures.seed(...branches));
  return remote;
}
