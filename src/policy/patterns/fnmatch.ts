/**
 * Ruby's `File.fnmatch(pattern, text, FNM_PATHNAME)`, which is what GitHub documents for branch and path patterns
 * (spec/github.md 2.1): `*` and `?` stop at `/`, `**` + `/` spans segments, `[a-z]`, `[!x]`, `[^x]`, `\` escapes, no braces;
 * a leading dot needs a literal dot.
 *
 * Polynomial for every pattern, because patterns are user input: within a segment the last `*` is retried, across segments
 * every pair (pattern segment, text segment) is tried once.
 */
export function fnmatch(pattern: string, text: string): boolean {
  return matchSegments(pattern.split('/'), text.split('/'));
}

function matchSegments(patterns: readonly string[], texts: readonly string[]): boolean {
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
    const spansSegments = patterns[p] === '**' && p < patterns.length - 1;
    if (spansSegments) return from(p + 1, t) || (t < texts.length - 1 && !texts[t]!.startsWith('.') && from(p, t + 1));
    return t < texts.length && matchSegment([...patterns[p]!], [...texts[t]!]) && from(p + 1, t + 1);
  }
}

function matchSegment(pattern: readonly string[], text: readonly string[]): boolean {
  if (text[0] === '.' && !beginsWithLiteralDot(pattern)) return false;
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

function beginsWithLiteralDot(pattern: readonly string[]): boolean {
  return pattern[pattern[0] === '\\' ? 1 : 0] === '.';
}

/** How many pattern characters match this one text character; 0: it does not match. */
function matchOne(pattern: readonly string[], at: number, character: string): number {
  const token = pattern[at];
  if (token === undefined) return 0;
  if (token === '?') return 1;
  if (token === '[') return matchClass(pattern, at, character);
  if (token === '\\' && at + 1 < pattern.length) return pattern[at + 1] === character ? 2 : 0;
  return token === character ? 1 : 0;
}

/** As `matchOne` for a bracket expression. One that is not closed matches nothing, as in Ruby. */
function matchClass(pattern: readonly string[], open: number, character: string): number {
  let at = open + 1;
  const negated = pattern[at] === '!' || pattern[at] === '^';
  if (negated) at++;
  let within = false;
  while (pattern[at] !== ']') {
    const low = literalAt(pattern, at);
    if (low === null) return 0;
    at = low.next;
    let high = low;
    if (pattern[at] === '-' && pattern[at + 1] !== ']') {
      const end = literalAt(pattern, at + 1);
      if (end === null) return 0;
      high = end;
      at = end.next;
    }
    if (low.character <= character && character <= high.character) within = true;
    if (at >= pattern.length) return 0;
  }
  return within === negated ? 0 : at + 1 - open;
}

function literalAt(pattern: readonly string[], at: number): { character: string; next: number } | null {
  const escaped = pattern[at] === '\\' && at + 1 < pattern.length;
  const character = pattern[escaped ? at + 1 : at];
  return character === undefined ? null : { character, next: at + (escaped ? 2 : 1) };
}
