/**
 * Ruby's `File.fnmatch(pattern, text, FNM_PATHNAME)`, which is what GitHub documents for branch and path patterns
 * (spec/github.md 2.1): `*` and `?` stop at `/`, `**` + `/` spans segments, `[a-z]`, `[!x]`, `[^x]`, `\` escapes, no braces;
 * a leading dot needs a literal dot. The corners are Ruby's too: an escaped slash is a slash, a backslash at the end says nothing,
 * a slash in a bracket expression ends no segment, and both ends of a range match whatever their order.
 *
 * Polynomial for every pattern, because patterns are user input: within a segment the last `*` is retried, across segments
 * every pair (pattern segment, text segment) is tried once.
 */
export function fnmatch(pattern: string, text: string): boolean {
  return matchSegments(segmentsOf([...pattern]), text.split('/'));
}

/** The characters of a pattern between two slashes, wildcards, brackets and escapes among them. */
export type Segment = readonly string[];

export function segmentsOf(pattern: readonly string[]): Segment[] {
  const segments: string[][] = [[]];
  for (let at = 0, length: number; at < pattern.length; at += length) {
    const last = segments.at(-1)!;
    const isEscape = pattern[at] === '\\';
    length = isEscape ? 2 : pattern[at] === '[' ? (bracketAt(pattern, at)?.length ?? 1) : 1;
    if (pattern[isEscape ? at + 1 : at] === '/') {
      // An escaped slash does not make `**` span segments.
      if (isEscape && isDoubleStar(last)) last.pop();
      segments.push([]);
    } else if (!isEscape || at + 1 < pattern.length) last.push(...pattern.slice(at, at + length));
  }
  return segments;
}

export function isDoubleStar(segment: Segment): boolean {
  return segment.length === 2 && segment[0] === '*' && segment[1] === '*';
}

function matchSegments(patterns: readonly Segment[], texts: readonly string[]): boolean {
  const tried = new Map<number, boolean>();
  return from(0, 0);

  function from(p: number, t: number): boolean {
    const key = p * (texts.length + 1) + t;
    let matches = tried.get(key);
    if (matches === undefined) {
      matches = decideAt(p, t);
      tried.set(key, matches);
    }
    return matches;
  }

  function decideAt(p: number, t: number): boolean {
    if (p === patterns.length) return t === texts.length;
    const spansSegments = p < patterns.length - 1 && isDoubleStar(patterns[p]!);
    if (spansSegments) return from(p + 1, t) || (t < texts.length - 1 && !texts[t]!.startsWith('.') && from(p, t + 1));
    return t < texts.length && mayBeginLike(patterns[p]!, texts[t]!) && matchSegment(patterns[p]!, [...texts[t]!]) && from(p + 1, t + 1);
  }
}

/** Leading dots are nothing special here. At most as many steps as the product of the lengths. */
export function matchSegment(pattern: Segment, text: readonly string[]): boolean {
  let p = 0;
  let t = 0;
  let afterStar = -1;
  let starTook = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      while (pattern[p] === '*') p++;
      afterStar = p;
      starTook = t;
      continue;
    }
    const consumed = matchOne(pattern, p, text[t]!);
    if (consumed > 0) {
      p += consumed;
      t++;
    } else if (afterStar >= 0) {
      p = afterStar;
      t = ++starTook;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

function mayBeginLike(pattern: Segment, text: string): boolean {
  return !text.startsWith('.') || pattern[pattern[0] === '\\' ? 1 : 0] === '.';
}

/** How many pattern characters match this one text character; 0: it does not match. */
function matchOne(pattern: readonly string[], at: number, character: string): number {
  const token = pattern[at];
  if (token === undefined) return 0;
  if (token === '?') return 1;
  if (token === '[') {
    const bracket = bracketAt(pattern, at);
    return bracket?.matches(character) ? bracket.length : 0;
  }
  if (token === '\\') return pattern[at + 1] === character ? 2 : 0;
  return token === character ? 1 : 0;
}

interface Bracket {
  readonly length: number;
  readonly matches: (character: string) => boolean;
}

/** The bracket expression that begins here. Null: it is not closed and matches nothing, as in Ruby. */
function bracketAt(pattern: readonly string[], open: number): Bracket | null {
  const negated = pattern[open + 1] === '!' || pattern[open + 1] === '^';
  const ranges: (readonly [string, string])[] = [];
  let at = open + (negated ? 2 : 1);
  while (pattern[at] !== ']') {
    const first = literalAt(pattern, at);
    const isRange = first !== null && pattern[first.next] === '-' && pattern[first.next + 1] !== ']';
    const last = isRange ? literalAt(pattern, first.next + 1) : first;
    if (first === null || last === null) return null;
    ranges.push([first.character, last.character]);
    at = last.next;
  }
  return { length: at + 1 - open, matches: (character) => ranges.some((range) => isWithin(range, character)) !== negated };
}

function isWithin([first, last]: readonly [string, string], character: string): boolean {
  if (character === first || character === last) return true;
  const point = character.codePointAt(0)!;
  return first.codePointAt(0)! <= point && point <= last.codePointAt(0)!;
}

function literalAt(pattern: readonly string[], at: number): { character: string; next: number } | null {
  const escaped = pattern[at] === '\\';
  const character = pattern[escaped ? at + 1 : at];
  return character === undefined ? null : { character, next: at + (escaped ? 2 : 1) };
}
