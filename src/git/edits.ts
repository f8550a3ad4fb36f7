/** A place where lines of a file are replaced. */
export interface Edit {
  /** Three lines before, the lines that go, three lines after; beyond the file's ends: null. */
  readonly around: readonly (string | null)[];
  readonly added: readonly string[];
}

const context = 3;
/** How many places are looked at to find out whether those of the edits are the only ones of their kind. */
const maximumLooks = 200_000;

/**
 * What the only hunk of a diff with the whole file as context changes. Null where the lines around an edit do not tell its place, because they
 * stand in the old file twice, or where to find that out takes too long.
 */
export function editsIn(hunk: string): Edit[] | null {
  const { old, places } = read(hunk);
  const standing = Map.groupBy(old.keys(), (at) => old[at]!);
  const line = (at: number): string | null => (at < 0 ? null : (old[at] ?? null));
  let looks = 0;
  const edits: Edit[] = [];
  for (const { at, removed, added } of places) {
    const first = at - context;
    const around = Array.from({ length: removed + 2 * context }, (_, index) => line(first + index));
    const { index: rarest, where } = rarestOf(around, standing);
    looks += where.length;
    if (looks > maximumLooks) return null;
    const isHere = (start: number): boolean => around.every((text, index) => text === line(start + index));
    if (where.some((place) => place - rarest !== first && isHere(place - rarest))) return null;
    edits.push({ around, added });
  }
  return edits;
}

/** The line that stands in the fewest places, and these. An empty file has none. */
function rarestOf(around: readonly (string | null)[], standing: ReadonlyMap<string, readonly number[]>) {
  let rarest: { index: number; where: readonly number[] } | null = null;
  for (const [index, text] of around.entries()) {
    const where = text === null ? undefined : standing.get(text);
    if (where !== undefined && (rarest === null || where.length < rarest.where.length)) rarest = { index, where };
  }
  return rarest ?? { index: 0, where: [] };
}

interface Place {
  readonly at: number;
  removed: number;
  readonly added: string[];
}

function read(hunk: string): { old: string[]; places: Place[] } {
  const old: string[] = [];
  const places: Place[] = [];
  let open: Place | null = null;
  let last: string[] = old;
  // What begins with @@ is no line of the file, and behind the last newline there is nothing.
  for (const line of hunk.split('\n').slice(1, -1)) {
    const [kind, text] = [line[0], line.slice(1)];
    // A last line without its newline is another line than with it.
    if (kind === '\\') last.push(`${last.pop()}\n`);
    else if (kind === ' ') {
      open = null;
      last = old;
      old.push(text);
    } else {
      if (open === null) {
        open = { at: old.length, removed: 0, added: [] };
        places.push(open);
      }
      if (kind === '-') open.removed++;
      last = kind === '-' ? old : open.added;
      last.push(text);
    }
  }
  return { old, places };
}
