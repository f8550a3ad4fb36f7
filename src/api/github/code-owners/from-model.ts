import type { CodeOwner, CodeOwnersError } from '#model/code-owners.ts';

const longestSource = 1000;

/** One row of `GET /repos/{o}/{r}/codeowners/errors`; `path` is where the file was found. */
export function codeOwnersErrorObject(error: CodeOwnersError, path: string) {
  const { line, column } = error;
  const source = error.source.slice(0, longestSource);
  const kind = kindOf(error);
  const suggestion = suggestionFor(error);
  const pointer = `  ${source}\n  ${' '.repeat(Math.min(column - 1, longestSource))}^`;
  const message = `${kind} on line ${line}:${suggestion === null ? '' : ` ${suggestion}`}\n\n${pointer}`;
  return { line, column, kind, source, suggestion, message, path };
}

function kindOf({ reason }: CodeOwnersError): string {
  switch (reason.kind) {
    case 'invalid-pattern':
    case 'pattern-matches-nothing':
      return 'Invalid pattern';
    case 'invalid-owner':
      return 'Invalid owner';
    case 'unknown-owner':
      return 'Unknown owner';
    default:
      return reason satisfies never;
  }
}

function suggestionFor({ reason }: CodeOwnersError): string | null {
  if (reason.kind === 'pattern-matches-nothing') return 'The pattern `/` will never match anything, did you mean `*` instead?';
  return reason.kind === 'unknown-owner' ? adviceOn(reason.owner) : null;
}

function adviceOn({ kind, name }: CodeOwner): string {
  const who = kind === 'team' ? `the team ${name} exists, is publicly visible,` : `${name} exists`;
  return `make sure ${who} and has write access to the repository`;
}
