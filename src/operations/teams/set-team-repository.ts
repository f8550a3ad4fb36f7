import type { Caller } from '#model/caller.ts';
import { repositorySubject } from '#model/caller.ts';
import { forbidden, invalid } from '#model/problem.ts';
import { ADMIN } from '#model/rung.ts';
import { inRepository } from '#model/telling.ts';
import { asRung } from '#policy/effective-rung.ts';
import { mayChangeMembership } from '#policy/permissions.ts';
import { type RepositoryKey, reachRepository, requireInRepository, rungToGive } from '../access.ts';
import { change, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';
import { reachTeam, type TeamKey, teamSubject } from './team-access.ts';

/** Grants a team a rung in a repository of its organization; null takes the grant away. Needs rung 40 there, and never gives more than one has. */
export function setTeamRepository(
  context: Context,
  caller: Caller,
  key: TeamKey,
  repositoryKey: RepositoryKey,
  wanted: number | null,
): Promise<void> {
  return change<void>(
    context,
    caller,
    async (tx, record, as) => {
      const reached = await reachTeam(tx, as, key, tx.now);
      const target = await reachRepository(tx, as, repositoryKey, tx.now);
      if (target.repository.ownerId !== reached.organization.id)
        throw invalid('repository', 'the repository belongs to somebody else', 'invalid', 'Team');
      requireInRepository(as, target, { rung: ADMIN, capability: 'repository:administer', siteAdminMay: true });
      const present = await tx.teams.findGrant(reached.team.id, target.repository.id);
      const level = wanted ?? 0;
      if (present === wanted) return new Unchanged(undefined);
      const own = rungToGive(as, target);
      if (!mayChangeMembership(own, asRung(present ?? 0), asRung(level))) throw forbidden('a rung no lower than what is granted or taken');
      if (wanted === null) await tx.teams.removeGrant(reached.team.id, target.repository.id);
      else await tx.teams.setGrant(reached.team.id, target.repository.id, wanted);
      const action =
        wanted === null ? 'team.remove_repository' : present === null ? 'team.add_repository' : 'team.update_repository_permission';
      const operation = wanted === null ? 'remove' : present === null ? 'create' : 'modify';
      record({
        action,
        operation,
        ...teamSubject(reached),
        ...repositorySubject(target.repository, target.owner),
        data: { level: wanted, old_level: present },
        tells: [
          inRepository(target, {
            kind: 'team-repository',
            action: wanted === null ? 'removed_from_repository' : present === null ? 'added_to_repository' : 'edited',
            organization: reached.organization,
            team: reached.team,
            rung: wanted,
            oldRung: present,
          }),
        ],
      });
    },
    () => 'everywhere',
  );
}
