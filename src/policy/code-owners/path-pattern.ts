import { isDoubleStar, type Segment, segmentsOf } from '../patterns/fnmatch.ts';

/** A pattern of either syntax, ready to be matched name by name from the root of the repository. */
export interface PathPattern {
  /** A string is exactly this name; null any number of directories, none too. */
  readonly steps: readonly (string | Glob | null)[];
  /** Whether it covers the path that the steps lead to, and all that is below. */
  readonly covers: { readonly here: boolean; readonly below: boolean };
}

/** One name with wildcards. */
export interface Glob {
  readonly segment: Segment;
  /** What every name that matches begins and ends with. */
  readonly head: string;
  readonly tail: string;
  /** No shorter name matches. */
  readonly shortest: number;
}

/**
 * GitHub's patterns (spec/github.md 2.5 a) are those of `.gitignore`: a slash anywhere but at the end ties the pattern to the root, one at
 * the end asks for a directory, and a directory stands for all that is in it. The exception is a last name of `*`: `docs/*` covers the files
 * in `docs` and nothing deeper. The caller refuses what GitHub does not take over.
 */
export function githubPattern(pattern: string): PathPattern {
  // For git, more than two stars are two.
  const names = segmentsOf([...pattern]).map((name) => (isStar(name) ? name.slice(0, 2) : name));
  const onlyDirectory = names.length > 1 && names.at(-1)!.length === 0;
  if (onlyDirectory) names.pop();
  if (names.length === 1) names.unshift(['*', '*']);
  else if (names[0]!.length === 0) names.shift();
  const last = names.at(-1)!;
  // A `**` that is a whole last name means all that is inside; a pattern of nothing else means the same as `*`.
  if (isDoubleStar(last) && !onlyDirectory && (names.length === 1 || !isDoubleStar(names.at(-2)!))) {
    return { steps: stepsOf(names.slice(0, -1)), covers: { here: false, below: true } };
  }
  return { steps: stepsOf(names), covers: { here: !onlyDirectory, below: onlyDirectory || !isStar(last) } };
}

/**
 * GitLab's patterns are those of Ruby's `File.fnmatch` with leading dots like any other character. Without a slash in front they match at
 * every depth; with one at the end they cover all that is in a directory, without one only files.
 */
export function gitlabPattern(pattern: string): PathPattern {
  const names = segmentsOf([...pattern]);
  if (names[0]!.length === 0 && names.length > 1) names.shift();
  else names.unshift(['*', '*']);
  const onlyDirectory = names.at(-1)!.length === 0;
  if (onlyDirectory) names.pop();
  return { steps: stepsOf(names, !onlyDirectory), covers: { here: !onlyDirectory, below: onlyDirectory } };
}

/** Where a path has to end with the last name, a `**` there is a `*`. */
function stepsOf(names: readonly Segment[], endsWithName = true): PathPattern['steps'] {
  return names.map((name, index) => {
    if (isDoubleStar(name) && (!endsWithName || index < names.length - 1)) return null;
    return literalOf(name) ?? globOf(name);
  });
}

function isStar(name: Segment): boolean {
  return name.length > 0 && name.every((character) => character === '*');
}

function literalOf(name: Segment): string | null {
  const { text, length } = literalFrom(name);
  return length === name.length ? text : null;
}

function globOf(segment: Segment): Glob {
  const head = literalFrom(segment).text;
  const simple = !segment.includes('[') && !segment.includes('\\');
  const tail = simple ? segment.slice(Math.max(segment.lastIndexOf('*'), segment.lastIndexOf('?')) + 1).join('') : '';
  return { segment, head, tail, shortest: simple ? segment.filter((character) => character !== '*').length : 0 };
}

/** The characters in front of the first wildcard, and how many characters of the pattern they take. */
function literalFrom(name: Segment): { text: string; length: number } {
  let text = '';
  let at = 0;
  while (at < name.length && !['*', '?', '['].includes(name[at]!)) {
    if (name[at] === '\\') at++;
    text += name[at] ?? '';
    at++;
  }
  return { text, length: at };
}
