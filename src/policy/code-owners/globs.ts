import { matchSegment, type Segment } from '../patterns/fnmatch.ts';
import type { Glob } from './path-pattern.ts';
import type { Work } from './work.ts';

/** Names with wildcards, each with what it leads to, kept by how they end, else by how they begin: `*.js` is not tried on `a.md`. */
export class Globs<T> {
  readonly #byTail = new Map<number, Map<string, [Glob, T][]>>();
  readonly #byHead = new Map<number, Map<string, [Glob, T][]>>();

  add(glob: Glob, leadsTo: T): void {
    const [sizes, key] = glob.tail === '' ? [this.#byHead, glob.head] : [this.#byTail, glob.tail];
    const keys = sizes.get(key.length) ?? new Map<string, [Glob, T][]>();
    sizes.set(key.length, keys);
    const same = keys.get(key);
    if (same === undefined) keys.set(key, [[glob, leadsTo]]);
    else same.push([glob, leadsTo]);
  }

  /** What every glob that matches the name leads to. */
  *matching(name: string, work: Work): Generator<T> {
    const characters = [...name];
    for (const [size, keys] of this.#byTail) {
      work.spend(1);
      if (size <= name.length) yield* tried(keys.get(name.slice(name.length - size)), name, characters, work);
    }
    for (const [size, keys] of this.#byHead) {
      work.spend(1);
      if (size <= name.length) yield* tried(keys.get(name.slice(0, size)), name, characters, work);
    }
  }
}

function* tried<T>(globs: readonly [Glob, T][] | undefined, name: string, characters: readonly string[], work: Work): Generator<T> {
  for (const [{ segment, head, shortest }, leadsTo] of globs ?? []) {
    work.spend(1);
    if (name.length < shortest || !name.startsWith(head)) continue;
    work.spend(costOfMatching(segment, characters));
    if (matchSegment(segment, characters)) yield leadsTo;
  }
}

/** The most comparisons that it can take; a bracket expression is read anew for each. */
function costOfMatching(segment: Segment, characters: readonly string[]): number {
  return segment.length * characters.length * (segment.includes('[') ? segment.length : 1);
}
