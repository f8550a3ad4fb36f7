import type { RefUpdate } from '#model/ref-update.ts';

/**
 * The default branch after the first branches arrive in an empty repository: the one it has, if it is among them; else `main`,
 * else `master`, else the first by name, so that the order in the push does not matter. Null: it stays what it is.
 */
export function defaultBranchAfter(
  landing: readonly RefUpdate[],
  repository: { readonly isEmpty: boolean; readonly defaultBranch: string },
): string | null {
  if (!repository.isEmpty) return null;
  const born = landing.filter((update) => update.oldId === null && update.newId !== null).map((update) => update.refName);
  if (born.length === 0 || born.includes(repository.defaultBranch)) return null;
  return ['refs/heads/main', 'refs/heads/master'].find((usual) => born.includes(usual)) ?? born.toSorted()[0]!;
}
