import type { CodeOwner, CodeOwnersError } from '#model/code-owners.ts';
import { githubOwner } from './owner.ts';
import { linesOf, type Word, wordsOf } from './words.ts';

/** A line that says who owns what. Where it names nobody, what it covers has no owner. */
export interface GithubLine {
  readonly line: number;
  readonly source: string;
  readonly pattern: string;
  readonly owners: readonly { readonly owner: CodeOwner; readonly column: number }[];
}

/** A line with an error in it counts for nothing (spec/github.md 2.5 a). */
export function parseGithub(text: string): { readonly lines: readonly GithubLine[]; readonly errors: readonly CodeOwnersError[] } {
  const lines: GithubLine[] = [];
  const errors: CodeOwnersError[] = [];
  for (const [index, source] of linesOf(text).entries()) {
    const words = wordsOf(source);
    const comment = words.findIndex((word) => word.text.startsWith('#'));
    const [pattern, ...owners] = comment < 0 ? words : words.slice(0, comment);
    if (pattern === undefined) continue;
    const read = parseLine({ line: index + 1, source }, pattern, owners);
    if (Array.isArray(read)) errors.push(...read);
    else lines.push(read);
  }
  return { lines, errors };
}

type Where = Pick<GithubLine, 'line' | 'source'>;

function parseLine(where: Where, pattern: Word, words: readonly Word[]): GithubLine | CodeOwnersError[] {
  const kind = patternProblem(pattern.text);
  if (kind !== null) return [{ reason: { kind }, ...where, column: pattern.at + 1 }];
  const owners = words.map(({ text, at }) => ({ owner: githubOwner(text), column: at + 1 }));
  const errors = owners.flatMap(({ owner, column }): CodeOwnersError[] =>
    owner === null ? [{ reason: { kind: 'invalid-owner' }, ...where, column }] : [],
  );
  if (errors.length > 0) return errors;
  return {
    ...where,
    pattern: pattern.text,
    owners: owners.flatMap(({ owner, column }) => (owner === null ? [] : [{ owner, column }])),
  };
}

/** What `.gitignore` has and CODEOWNERS has not: `!`, character ranges, and a `#` behind a backslash. */
function patternProblem(pattern: string): 'invalid-pattern' | 'pattern-matches-nothing' | null {
  if (pattern === '/') return 'pattern-matches-nothing';
  const unescaped = pattern.replace(/\\./gsu, '');
  const isInvalid = pattern.startsWith('!') || pattern.startsWith('\\#') || unescaped.includes('[') || unescaped.endsWith('\\');
  return isInvalid ? 'invalid-pattern' : null;
}
