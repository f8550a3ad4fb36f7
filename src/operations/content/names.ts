import type { Gate } from '#gate/gate.ts';
import { notFound } from '#model/problem.ts';
import { branchRef } from '#model/ref-name.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';

/** The repository's files and processes, as the gate keeps them. */
export function onDisk(gate: Gate, repository: Repository) {
  return gate.repositories.open(repository.id, repository.objectFormat);
}

/**
 * The commit that a name stands for: a branch, a tag, a full or shortened ref name, an object id or the beginning of one. Nothing of git's
 * revision syntax: `main~3` or `:/text` would make the server search for strangers.
 */
export async function findCommit(gate: Gate, repository: Repository, name: string): Promise<ObjectId | null> {
  const disk = onDisk(gate, repository);
  const { refs, head } = await disk.refs.table();
  const candidates = name === 'HEAD' ? [head] : [branchRef(name), `refs/tags/${name}`, `refs/${name}`, name];
  const ref = candidates.map((candidate) => refs.get(candidate)).find((found) => found !== undefined);
  if (ref === undefined && !/^[0-9a-f]{4,64}$/.test(name)) return null;
  const found = await disk.objects.info(`${ref?.id ?? name}^{commit}`);
  return found?.id ?? null;
}

export async function requireCommit(gate: Gate, repository: Repository, name: string): Promise<ObjectId> {
  const id = await findCommit(gate, repository, name);
  if (id === null) throw notFound('commit', name);
  return id;
}
