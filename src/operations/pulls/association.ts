import { liveLevel } from '#model/account.ts';
import type { Reads } from '#model/ports/store.ts';
import type { Reached } from '../access.ts';

/** What somebody is to a repository, in the words in which it stands beside what they say there. */
export type Association = 'OWNER' | 'MEMBER' | 'COLLABORATOR' | 'NONE';

export async function readAssociations(
  reads: Reads,
  { repository, owner }: Pick<Reached, 'repository' | 'owner'>,
  userIds: ReadonlySet<number>,
): Promise<ReadonlyMap<number, Association>> {
  const now = Date.now();
  const found = [...userIds].map(async (id): Promise<readonly [number, Association]> => {
    if (id === owner.id) return [id, 'OWNER'];
    const [member, collaborator] = await Promise.all([
      owner.kind === 'organization' ? reads.organizations.findMembership(owner.id, id) : null,
      reads.repositories.findCollaborator(repository.id, id),
    ]);
    if (liveLevel(member, now) > 0) return [id, 'MEMBER'];
    return [id, liveLevel(collaborator, now) > 0 ? 'COLLABORATOR' : 'NONE'];
  });
  return new Map(await Promise.all(found));
}
