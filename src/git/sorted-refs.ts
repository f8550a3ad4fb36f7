import type { ObjectId } from '#model/ref-update.ts';

export interface Ref {
  readonly name: string;
  readonly id: ObjectId;
  /** What an annotated tag stands for in the end. */
  readonly peeled: ObjectId | null;
  /** It points to another ref; nothing here makes such a ref, and none is ever written through. */
  readonly symbolic: boolean;
}

/** Turns a ref into the bytes of one answer. Its name is what a rendering is remembered by. */
export interface Renderer {
  readonly name: string;
  render(ref: Ref): string;
}

interface Segment {
  names: string[];
  rendered: Map<string, Buffer>;
}

const segmentSize = 1000;

/**
 * Refs by name, in git's order, in segments. The bytes that a segment gives in an answer are kept until one of its refs
 * changes, so that a push to a repository of 100,000 refs redoes a thousandth of its advertisement.
 */
export class SortedRefs {
  readonly #byName = new Map<string, Ref>();
  readonly #segments: Segment[] = [];

  constructor(refs: Iterable<Ref>) {
    for (const ref of refs) this.#byName.set(ref.name, ref);
    const names = [...this.#byName.keys()].sort(compareNames);
    for (let at = 0; at < names.length; at += segmentSize)
      this.#segments.push({ names: names.slice(at, at + segmentSize), rendered: new Map() });
  }

  get size(): number {
    return this.#byName.size;
  }

  get(name: string): Ref | undefined {
    return this.#byName.get(name);
  }

  first(): Ref | undefined {
    const name = this.#segments[0]?.names[0];
    return name === undefined ? undefined : this.#byName.get(name);
  }

  *[Symbol.iterator](): Generator<Ref> {
    for (const segment of this.#segments) for (const name of segment.names) yield this.#byName.get(name)!;
  }

  /** Refs whose name begins with a prefix, in order. */
  *startingWith(prefix: string): Generator<Ref> {
    for (const segment of this.#segments) {
      if (compareNames(segment.names.at(-1)!, prefix) < 0) continue;
      if (compareNames(segment.names[0]!, prefix) > 0 && !segment.names[0]!.startsWith(prefix)) return;
      for (const name of segment.names) if (name.startsWith(prefix)) yield this.#byName.get(name)!;
    }
  }

  set(ref: Ref): void {
    const isNew = !this.#byName.has(ref.name);
    this.#byName.set(ref.name, ref);
    const segment = this.#segmentFor(ref.name);
    segment.rendered.clear();
    if (!isNew) return;
    const at = segment.names.findIndex((name) => compareNames(name, ref.name) > 0);
    segment.names.splice(at < 0 ? segment.names.length : at, 0, ref.name);
    if (segment.names.length > 2 * segmentSize) this.#split(segment);
  }

  delete(name: string): void {
    if (!this.#byName.delete(name)) return;
    const segment = this.#segmentFor(name);
    segment.rendered.clear();
    segment.names.splice(segment.names.indexOf(name), 1);
    if (segment.names.length === 0) this.#segments.splice(this.#segments.indexOf(segment), 1);
  }

  /** The bytes of all refs, or of those that begin with one of the prefixes, one buffer for each segment. */
  *render(renderer: Renderer, prefixes: readonly string[] = []): Generator<Buffer> {
    for (const segment of this.#segments) {
      const [first, last] = [segment.names[0]!, segment.names.at(-1)!];
      const whole = prefixes.length === 0 || prefixes.some((prefix) => first.startsWith(prefix) && last.startsWith(prefix));
      if (whole) yield this.#renderedSegment(segment, renderer);
      else {
        const wanted = segment.names.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
        if (wanted.length > 0) yield Buffer.from(wanted.map((name) => renderer.render(this.#byName.get(name)!)).join(''));
      }
    }
  }

  #renderedSegment(segment: Segment, renderer: Renderer): Buffer {
    let bytes = segment.rendered.get(renderer.name);
    if (bytes === undefined) {
      bytes = Buffer.from(segment.names.map((name) => renderer.render(this.#byName.get(name)!)).join(''));
      segment.rendered.set(renderer.name, bytes);
    }
    return bytes;
  }

  #segmentFor(name: string): Segment {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (compareNames(this.#segments[middle]!.names[0]!, name) <= 0) low = middle;
      else high = middle - 1;
    }
    const found = this.#segments[low];
    if (found) return found;
    const created: Segment = { names: [], rendered: new Map() };
    this.#segments.push(created);
    return created;
  }

  #split(segment: Segment): void {
    const second: Segment = { names: segment.names.splice(segmentSize), rendered: new Map() };
    this.#segments.splice(this.#segments.indexOf(segment) + 1, 0, second);
  }
}

/** git sorts the bytes of UTF-8, which JavaScript's order of UTF-16 units is but for characters beyond the basic plane. */
function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  if (/[\ud800-\udfff]/.test(a + b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}
