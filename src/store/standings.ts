import { sql } from 'kysely';
import type { Standings } from '#model/ports/store-repositories.ts';
import type { Executor } from './rows.ts';
import { teamsOf } from './team-ancestors.ts';

export function standings(db: Executor): Standings {
  return {
    async readRungSources(userId, repositoryId, now) {
      const live = sql<boolean>`(expires_at is null or expires_at > ${now})`;
      const row = await db
        .selectFrom('repository')
        .innerJoin('account as owner', 'owner.id', 'repository.owner_id')
        .select(['repository.owner_id', 'owner.base_permission'])
        .select((expression) => [
          expression
            .selectFrom('collaborator')
            .select('collaborator.level')
            .whereRef('collaborator.repository_id', '=', 'repository.id')
            .where('collaborator.user_id', '=', userId)
            .where(live)
            .as('direct'),
          expression
            .selectFrom('organization_member')
            .select('organization_member.level')
            .whereRef('organization_member.organization_id', '=', 'repository.owner_id')
            .where('organization_member.user_id', '=', userId)
            .where(live)
            .as('organization'),
        ])
        .where('repository.id', '=', repositoryId)
        .executeTakeFirstOrThrow();
      const teams = await teamLevels(db, userId, repositoryId, now);
      return {
        isPersonalOwner: row.owner_id === userId,
        direct: row.direct,
        organization: row.organization,
        basePermission: row.base_permission,
        teams,
      };
    },

    async readTeams(userId, organizationId) {
      const rows = await db
        .selectFrom('team')
        .select('team.id')
        .select((expression) =>
          expression
            .selectFrom('team_member')
            .select('team_member.user_id')
            .whereRef('team_member.team_id', '=', 'team.id')
            .where('team_member.user_id', '=', userId)
            .as('member'),
        )
        .where('team.organization_id', '=', organizationId)
        .where('team.id', 'in', teamsOf(db, userId))
        .execute();
      return { direct: rows.filter((row) => row.member !== null).map((row) => row.id), all: rows.map((row) => row.id) };
    },
  };
}

/**
 * Every team that leads the user to the repository: the level in the team the user is in, and what that team or one of its
 * parents is granted there. Levels come down unchanged: a child team's members have their level in the parents too.
 */
async function teamLevels(db: Executor, userId: number, repositoryId: number, now: number): Promise<{ level: number; grant: number }[]> {
  const rows = await db
    .withRecursive('reach(id, parent_id, level)', (recursive) =>
      recursive
        .selectFrom('team')
        .innerJoin('team_member', 'team_member.team_id', 'team.id')
        .select(['team.id', 'team.parent_id', 'team_member.level'])
        .where('team_member.user_id', '=', userId)
        .where((expression) =>
          expression.or([expression('team_member.expires_at', 'is', null), expression('team_member.expires_at', '>', now)]),
        )
        .union((up) =>
          up.selectFrom('team').innerJoin('reach', 'reach.parent_id', 'team.id').select(['team.id', 'team.parent_id', 'reach.level']),
        ),
    )
    .selectFrom('reach')
    .innerJoin('team_grant', 'team_grant.team_id', 'reach.id')
    .select(['reach.level', 'team_grant.level as grant'])
    .where('team_grant.repository_id', '=', repositoryId)
    .execute();
  return rows.map(({ level, grant }) => ({ level, grant }));
}
