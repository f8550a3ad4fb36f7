import type { OwnedPaths, OwnedSection } from '#model/code-owners.ts';
import type { Fact } from '#model/facts.ts';
import type { Origin } from '#model/protection.ts';
import { parseGithub } from './parse-github.ts';
import { parseGitlab } from './parse-gitlab.ts';
import { PathIndex } from './path-index.ts';
import { githubPattern, gitlabPattern } from './path-pattern.ts';
import { TooMuchWork, Work } from './work.ts';

/** Where the file may be, in the order in which the origin looks; the first that exists counts (spec/github.md 2.5 a, spec/gitlab.md 2.10). */
export const codeOwnersPlaces: Readonly<Record<Origin, readonly string[]>> = {
  github: ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'],
  gitlab: ['CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS'],
};

/** GitHub does not read larger files. */
export const CODE_OWNERS_LIMIT = 3 * 1024 * 1024;

/**
 * Who owns the changed paths, by a CODEOWNERS file in the syntax of the protection that demands their review. Within a section the last line
 * that covers a path counts, alone. A path that nobody owns is in no section. What is too large, or too much work, is not known: a change
 * is not free of owners because somebody made the file unreadable (decision 4).
 */
export function codeOwnersOf(origin: Origin, text: string, paths: readonly string[]): Fact<readonly OwnedSection[]> {
  if (new TextEncoder().encode(text).length >= CODE_OWNERS_LIMIT) return { unknown: 'the CODEOWNERS file has 3 MB or more' };
  try {
    return { known: ownedSections(origin, origin === 'github' ? githubFile(text) : parseGitlab(text), paths) };
  } catch (error) {
    if (error instanceof TooMuchWork) return { unknown: 'the patterns of the CODEOWNERS file take too much work' };
    throw error;
  }
}

interface Line extends Omit<OwnedPaths, 'paths'> {
  /** Index of its section. */
  readonly section: number;
  readonly excludes: boolean;
}

interface CodeOwnersFile {
  readonly sections: readonly Omit<OwnedSection, 'owned'>[];
  readonly lines: readonly Line[];
}

/** One section without a name, in which a line without owners takes them away. */
function githubFile(text: string): CodeOwnersFile {
  const lines = parseGithub(text).lines.map((line) => ({
    ...line,
    owners: line.owners.map(({ owner }) => owner),
    section: 0,
    excludes: false,
  }));
  return { sections: [{ name: null, optional: false, approvals: 1 }], lines };
}

function ownedSections(origin: Origin, { sections, lines }: CodeOwnersFile, paths: readonly string[]): OwnedSection[] {
  const ownedBySection = new Map<number, OwnedPaths[]>();
  for (const [at, owned] of pathsByLine(origin, lines, paths)) {
    const { line, pattern, owners, section } = lines[at]!;
    if (origin === 'github' && owners.length === 0) continue;
    add(ownedBySection, section, { line, pattern, owners, paths: owned });
  }
  return [...ownedBySection].sort(([a], [b]) => a - b).map(([section, owned]) => ({ ...sections[section]!, owned }));
}

/** The lines that count for a path, by index, from the first to the last, each with its paths in the order in which they were asked. */
function pathsByLine(origin: Origin, lines: readonly Line[], paths: readonly string[]): [number, string[]][] {
  const work = new Work();
  const index = new PathIndex(work);
  for (const [at, { pattern, section, excludes }] of lines.entries()) {
    work.spend(costOfReading(pattern));
    index.add(origin === 'github' ? githubPattern(pattern) : gitlabPattern(pattern), slotOf(section, excludes), at);
  }
  const pathsOf = new Map<number, string[]>();
  for (const path of new Set(paths)) {
    const found = index.lookUp(path);
    for (const at of found.values()) {
      // An exclusion finds itself here.
      if (!found.has(slotOf(lines[at]!.section, true))) add(pathsOf, at, path);
    }
  }
  return [...pathsOf].sort(([a], [b]) => a - b);
}

/** Two for each section: what is owned, and what is excluded whatever else the section says. */
function slotOf(section: number, excludes: boolean): number {
  return 2 * section + (excludes ? 1 : 0);
}

/** Every bracket may be looked for an end of. */
function costOfReading(pattern: string): number {
  return pattern.length * pattern.split('[').length;
}

function add<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
