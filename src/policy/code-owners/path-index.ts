import { Globs } from './globs.ts';
import type { PathPattern } from './path-pattern.ts';
import type { Work } from './work.ts';

/** One place that patterns lead to: a tree, because most of them begin alike. */
interface Place {
  names: Map<string, Place> | null;
  globs: { readonly bySpelling: Map<string, Place>; readonly all: Globs<Place> } | null;
  /** Where `**` leads to; it stays there whatever name follows. */
  deep: Place | null;
  readonly staysOn: boolean;
  /** By slot, the last line that covers a path that ends here, and one that goes on. */
  here: Map<number, number> | null;
  below: Map<number, number> | null;
}

const PLACE_COSTS = 300;
const VISIT_COSTS = 20;
const FIND_COSTS = 100;

/**
 * Many patterns, asked for many paths. A path is read once, name by name, along all patterns at the same time, so that the size of
 * the file matters little to what a path costs.
 */
export class PathIndex {
  readonly #root = place(false);
  readonly #work: Work;

  constructor(work: Work) {
    this.#work = work;
  }

  /** Of the patterns in one slot, the one with the highest line counts. They are added from the first line to the last. */
  add({ steps, covers }: PathPattern, slot: number, line: number): void {
    let at = this.#root;
    for (const step of steps) at = this.#child(at, step);
    if (covers.here) {
      at.here ??= new Map();
      at.here.set(slot, line);
    }
    if (covers.below) {
      at.below ??= new Map();
      at.below.set(slot, line);
    }
  }

  /** By slot, the last line with a pattern that covers the path. */
  lookUp(path: string): Map<number, number> {
    const found = new Map<number, number>();
    const names = path.split('/');
    let at = this.#withDeep([this.#root]);
    for (const name of names) {
      for (const { below } of at) this.#collect(below, found);
      at = this.#withDeep(this.#next(at, name));
    }
    for (const { here } of at) this.#collect(here, found);
    return found;
  }

  #child(from: Place, step: PathPattern['steps'][number]): Place {
    if (step === null) {
      from.deep ??= this.#newPlace(true);
      return from.deep;
    }
    if (typeof step === 'string') {
      from.names ??= new Map();
      return from.names.get(step) ?? this.#kept(from.names, step);
    }
    from.globs ??= { bySpelling: new Map(), all: new Globs() };
    const spelling = step.segment.join('');
    const known = from.globs.bySpelling.get(spelling);
    if (known !== undefined) return known;
    const next = this.#kept(from.globs.bySpelling, spelling);
    from.globs.all.add(step, next);
    return next;
  }

  #kept(children: Map<string, Place>, name: string): Place {
    const next = this.#newPlace(false);
    children.set(name, next);
    return next;
  }

  #newPlace(staysOn: boolean): Place {
    this.#work.spend(PLACE_COSTS);
    return place(staysOn);
  }

  #next(from: ReadonlySet<Place>, name: string): Place[] {
    const next: Place[] = [];
    for (const one of from) {
      this.#work.spend(VISIT_COSTS);
      if (one.staysOn) next.push(one);
      const named = one.names?.get(name);
      if (named !== undefined) next.push(named);
      if (one.globs !== null) next.push(...one.globs.all.matching(name, this.#work));
    }
    return next;
  }

  #withDeep(places: Iterable<Place>): Set<Place> {
    const all = new Set(places);
    // What is added while the set is read is read too.
    for (const { deep } of all) if (deep !== null) all.add(deep);
    return all;
  }

  #collect(lines: ReadonlyMap<number, number> | null, found: Map<number, number>): void {
    if (lines === null) return;
    this.#work.spend(FIND_COSTS * lines.size);
    for (const [slot, line] of lines) if (line > (found.get(slot) ?? -1)) found.set(slot, line);
  }
}

function place(staysOn: boolean): Place {
  return { names: null, globs: null, deep: null, staysOn, here: null, below: null };
}
