import type { CodeOwner, OwnedSection } from '#model/code-owners.ts';
import { gitlabOwner } from './owner.ts';
import { linesOf, wordsOf } from './words.ts';

export interface GitlabLine {
  readonly line: number;
  readonly pattern: string;
  /** Index of its section. */
  readonly section: number;
  /** `!`: what it covers has no owner in its section, whatever other lines say. */
  readonly excludes: boolean;
  readonly owners: readonly CodeOwner[];
}

type Heading = Omit<OwnedSection, 'owned'>;

/**
 * Sections count each for itself. Those of one name, whatever the case, are one: it is optional where every heading says so, and needs the
 * most approvals that a heading asks for. The default owners are those of the heading above the line. Nothing in such a file is an error:
 * a heading that cannot be read is a line like any other, and a word that names nobody is passed over.
 */
export function parseGitlab(text: string): { readonly sections: readonly Heading[]; readonly lines: readonly GitlabLine[] } {
  const sections: Heading[] = [{ name: null, optional: false, approvals: 1 }];
  const indexOf = new Map<string, number>();
  const lines: GitlabLine[] = [];
  let section = 0;
  let defaults: readonly CodeOwner[] = [];
  for (const [index, source] of linesOf(text).entries()) {
    const content = source.trimStart();
    if (content === '' || content.startsWith('#')) continue;
    const heading = headingOf(content);
    if (heading === null) {
      const entry = entryOf(content, defaults);
      if (entry !== null) lines.push({ line: index + 1, section, ...entry });
      continue;
    }
    const key = heading.name.toLowerCase();
    section = indexOf.get(key) ?? sections.length;
    indexOf.set(key, section);
    sections[section] = joined(sections[section], heading);
    defaults = heading.owners;
  }
  return { sections, lines };
}

function joined(earlier: Heading | undefined, { name, optional, approvals }: Heading): Heading {
  if (earlier === undefined) return { name, optional, approvals };
  return { ...earlier, optional: earlier.optional && optional, approvals: Math.max(earlier.approvals, approvals) };
}

/** `^[Name][2] @owner …`: optional, a name, a number of approvals, default owners. Null: not a heading. */
function headingOf(line: string): { name: string; optional: boolean; approvals: number; owners: readonly CodeOwner[] } | null {
  const optional = line.startsWith('^');
  const begin = optional ? 1 : 0;
  const end = line.indexOf(']', begin);
  if (line[begin] !== '[' || end < 0) return null;
  const rest = line.slice(end + 1);
  const numberEnd = rest.startsWith('[') ? rest.indexOf(']') : -1;
  return {
    name: line.slice(begin + 1, end).trim(),
    optional,
    approvals: numberEnd < 0 ? 1 : approvalsOf(rest.slice(1, numberEnd)),
    owners: ownersOf(wordsOf(rest.slice(numberEnd + 1)).map((word) => word.text)),
  };
}

/** A number that cannot be read, and none at all, is 1. */
function approvalsOf(text: string): number {
  const digits = /^[\s\d]*$/.test(text) ? /\d+/.exec(text)?.[0] : undefined;
  return digits === undefined ? 1 : Math.min(Math.max(Number(digits), 1), Number.MAX_SAFE_INTEGER);
}

function entryOf(line: string, defaults: readonly CodeOwner[]): Omit<GitlabLine, 'line' | 'section'> | null {
  const excludes = line.startsWith('!');
  const [pattern, ...words] = wordsOf(excludes ? line.slice(1) : line).map((word) => word.text);
  if (pattern === undefined) return null;
  const owners = ownersOf(words);
  return { pattern, excludes, owners: owners.length > 0 ? owners : defaults };
}

function ownersOf(words: readonly string[]): CodeOwner[] {
  return words.flatMap((word) => gitlabOwner(word) ?? []);
}
