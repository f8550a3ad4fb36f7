import type { CodeOwner } from '#model/code-owners.ts';

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const ROLE = /^@@(developer|maintainer|owner)s?$/i;

/** GitHub: `@user`, `@org/team`, an e-mail address. Null: none of them. */
export function githubOwner(word: string): CodeOwner | null {
  return mentioned(word, 2) ?? emailed(word);
}

/** GitLab: `@user` or `@group`, `@group/subgroup/…`, an e-mail address, `@@role`. Null: none of them. */
export function gitlabOwner(word: string): CodeOwner | null {
  const role = ROLE.exec(word)?.[1];
  if (role !== undefined) return { kind: 'role', name: `@@${role.toLowerCase()}` };
  return mentioned(word, Number.POSITIVE_INFINITY) ?? emailed(word);
}

function mentioned(word: string, depth: number): CodeOwner | null {
  if (!word.startsWith('@')) return null;
  const names = word.slice(1).split('/');
  if (names.length > depth || !names.every((name) => NAME.test(name))) return null;
  return { kind: names.length === 1 ? 'account' : 'team', name: word };
}

/** Two mentions without a gap pass for an address, as with GitHub: it belongs to nobody, and the line keeps its other owners. */
function emailed(word: string): CodeOwner | null {
  const at = word.lastIndexOf('@');
  return at > 0 && at < word.length - 1 && !word.startsWith('@@') ? { kind: 'email', name: word } : null;
}
