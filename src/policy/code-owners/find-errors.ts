import type { CodeOwner, CodeOwnersError } from '#model/code-owners.ts';
import { parseGithub } from './parse-github.ts';

/**
 * What is wrong in a file of GitHub's syntax, from the first line to the last. Whether an owner is somebody who may review here is for the
 * caller to say; a line with an owner who is not counts all the same.
 */
export function findErrors(text: string, mayOwn: (owner: CodeOwner) => boolean): CodeOwnersError[] {
  const { lines, errors } = parseGithub(text);
  const unknown = lines.flatMap(({ line, source, owners }) =>
    owners
      .filter(({ owner }) => !mayOwn(owner))
      .map(({ owner, column }): CodeOwnersError => ({ reason: { kind: 'unknown-owner', owner }, line, column, source })),
  );
  return [...errors, ...unknown].sort((a, b) => a.line - b.line || a.column - b.column);
}
