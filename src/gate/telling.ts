import type { Intent } from '#model/intent.ts';
import { branchOf, tagOf } from '#model/ref-name.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import type { Telling } from '#model/telling.ts';

/** Of more in one push hooks hear nothing. GitHub's numbers are 5000 and 3; each branch is looked at with git of its own. */
const mostBranches = 1000;
const mostTags = 3;

/** What hooks are told of refs that moved: the facts, for whoever makes words of them later. Null: there is nothing to tell. */
export function refsTelling({ id, ownerId }: Repository, { auditNumber }: Intent, moved: readonly RefUpdate[]): Telling | null {
  const some = (kind: (refName: string) => string | null, most: number): readonly RefUpdate[] => {
    const all = moved.filter(({ refName }) => kind(refName) !== null);
    return all.length > most ? [] : all;
  };
  const told = [...some(branchOf, mostBranches), ...some(tagOf, mostTags)];
  if (told.length === 0) return null;
  const updates = told.map(({ refName, oldId, newId }) => ({ refName, oldId, newId }));
  return { repositoryId: id, ownerId, hookId: null, senderId: null, tidings: { kind: 'refs', updates, auditNumber } };
}
