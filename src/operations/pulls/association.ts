import type { Reads } from '#model/ports/store.ts';
import type { Reached } from '../access.ts';

/** What somebody is to a repository, in the words in which it stands beside what they say there. */
export type Association = 'OWNER' | 'MEMBER' | 'COLLABORATOR' | 'NONE';

export async function readAssociations(
  reads: Reads,
  { repository, owner }: Pick<Reached, 'repository' | 'owner'>,
  userIds: ReadonlySet<number>,
): Promise<ReadonlyMap<number, Association>> {
  const { members, collaborators } = await reads.standings.listTies([...userIds], repository, Date.now());
  const one = (id: number): Association => {
    if (id === owner.id) return 'OWNER';
    if (members.has(id)) return 'MEMBER';
    return collaborators.has(id) ? 'COLLABORATOR' : 'NONE';
  };
  return new Map([...userIds].map((id) => [id, one(id)]));
}
