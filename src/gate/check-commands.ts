import type { RefTable } from '#git/ref-table.ts';
import { branchOf, isRefName, isReservedRef } from '#model/ref-name.ts';
import { changeOf, type RefUpdate } from '#model/ref-update.ts';

/** Why git's own rules refuse an update, before any rule of ours; null: they do not. In the order of the updates. */
export type CommandProblem = string | null;

/**
 * The verdicts of `git receive-pack` on the commands alone (spec/push-path.md, Command checks), with two differences: a ref named
 * twice refuses both, and a moved ref is told apart from a broken push.
 */
export function checkCommands(updates: readonly RefUpdate[], table: RefTable, { atomic }: { readonly atomic: boolean }): CommandProblem[] {
  const times = Map.groupBy(updates, (update) => update.refName);
  const problems = updates.map((update): CommandProblem => {
    if (!isRefName(update.refName)) return 'funny refname';
    if (isReservedRef(update.refName)) return 'deny updating a hidden ref';
    if ((times.get(update.refName)?.length ?? 0) > 1) return 'the same ref is named more than once in this push';
    return checkOldValue(update, table);
  });
  const clashes = clashingNames(updates, table, atomic);
  return problems.map(
    (problem, index) => problem ?? (clashes.has(updates[index]!.refName) ? 'another ref has a name above or below this one' : null),
  );
}

/** Compared again under the lock, right before anything moves. */
export function checkOldValue({ refName, oldId, newId }: RefUpdate, table: RefTable): CommandProblem {
  const present = table.refs.get(refName);
  if (present?.symbolic === true) return 'this ref points to another ref';
  if (oldId === null && newId === null) return null;
  if (oldId === null) return present === undefined ? null : 'already exists (stale info, fetch first)';
  if (present === undefined) return 'does not exist (stale info, fetch first)';
  return present.id === oldId ? null : 'stale info, fetch first';
}

/**
 * git cannot have `a` and `a/b` at once. A deletion in the same push makes room, except in an atomic one, where nothing goes before
 * everything may come.
 */
function clashingNames(updates: readonly RefUpdate[], table: RefTable, atomic: boolean): ReadonlySet<string> {
  const born = updates.filter((update) => changeOf(update) === 'create');
  if (born.length === 0) return new Set();
  const gone = new Set(atomic ? [] : updates.filter((update) => changeOf(update) === 'delete').map((update) => update.refName));
  const bornNames = new Set(born.map((update) => update.refName));
  const exists = (name: string): boolean => bornNames.has(name) || (table.refs.get(name) !== undefined && !gone.has(name));
  const clashing = new Set<string>();
  for (const { refName } of born) {
    const parts = refName.split('/');
    for (let length = 3; length < parts.length; length++) if (exists(parts.slice(0, length).join('/'))) clashing.add(refName);
    for (const below of table.refs.startingWith(`${refName}/`)) if (!gone.has(below.name)) clashing.add(refName);
  }
  return clashing;
}

/** The first push into an empty repository decides what its default branch is. */
export function hasBranches(table: RefTable): boolean {
  for (const ref of table.refs.startingWith('refs/heads/')) return branchOf(ref.name) !== null;
  return false;
}
