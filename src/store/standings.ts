import type { RungSources, Standings } from '#model/ports/store-repositories.ts';
import { type Executor, live } from './rows.ts';
import { teamsOf } from './team-ancestors.ts';

export function standings(db: Executor, clock: () => number): Standings {
  const readMany = async (userId: number, repositoryIds: readonly number[], now: number): Promise<Map<number, RungSources>> => {
    if (repositoryIds.length === 0) return new Map();
    const rows = await readRows(db, userId, repositoryIds, now);
    const teams = Map.groupBy(await readTeamLevels(db, userId, repositoryIds, now), (row) => row.repositoryId);
    return new Map(
      rows.map((row) => [
        row.id,
        {
          isPersonalOwner: row.owner_id === userId,
          direct: row.direct,
          organization: row.organization,
          basePermission: row.base_permission,
          teams: teams.get(row.id) ?? [],
        },
      ]),
    );
  };

  return {
    readRungSourcesOfMany: readMany,

    async readRungSources(userId, repositoryId, now) {
      const sources = (await readMany(userId, [repositoryId], now)).get(repositoryId);
      if (sources === undefined) throw new Error(`repository ${repositoryId} is gone`);
      return sources;
    },

    async readTeams(userId, organizationId) {
      const now = clock();
      const rows = await db
        .selectFrom('team')
        .select('team.id')
        .select((expression) =>
          expression
            .selectFrom('team_member')
            .select('team_member.user_id')
            .whereRef('team_member.team_id', '=', 'team.id')
            .where('team_member.user_id', '=', userId)
            .where(live('team_member', now))
            .as('member'),
        )
        .where('team.organization_id', '=', organizationId)
        .where('team.id', 'in', teamsOf(db, userId, now))
        .execute();
      return { direct: rows.filter((row) => row.member !== null).map((row) => row.id), all: rows.map((row) => row.id) };
    },
  };
}

function readRows(db: Executor, userId: number, repositoryIds: readonly number[], now: number) {
  return db
    .selectFrom('repository')
    .innerJoin('account as owner', 'owner.id', 'repository.owner_id')
    .select(['repository.id', 'repository.owner_id', 'owner.base_permission'])
    .select((expression) => [
      expression
        .selectFrom('collaborator')
        .select('collaborator.level')
        .whereRef('collaborator.repository_id', '=', 'repository.id')
        .where('collaborator.user_id', '=', userId)
        .where(live('collaborator', now))
        .as('direct'),
      expression
        .selectFrom('organization_member')
        .select('organization_member.level')
        .whereRef('organization_member.organization_id', '=', 'repository.owner_id')
        .where('organization_member.user_id', '=', userId)
        .where(live('organization_member', now))
        .as('organization'),
    ])
    .where('repository.id', 'in', [...repositoryIds])
    .execute();
}

/**
 * Every team that leads the user to a repository: the level in the team the user is in, and what that team or one of its parents is
 * granted there. Levels come down unchanged: a child team's members have their level in the parents too.
 */
async function readTeamLevels(db: Executor, userId: number, repositoryIds: readonly number[], now: number) {
  return db
    .withRecursive('reach(id, parent_id, level)', (recursive) =>
      recursive
        .selectFrom('team')
        .innerJoin('team_member', 'team_member.team_id', 'team.id')
        .select(['team.id', 'team.parent_id', 'team_member.level'])
        .where('team_member.user_id', '=', userId)
        .where(live('team_member', now))
        .union((up) =>
          up.selectFrom('team').innerJoin('reach', 'reach.parent_id', 'team.id').select(['team.id', 'team.parent_id', 'reach.level']),
        ),
    )
    .selectFrom('reach')
    .innerJoin('team_grant', 'team_grant.team_id', 'reach.id')
    .select(['team_grant.repository_id as repositoryId', 'reach.level', 'team_grant.level as grant'])
    .where('team_grant.repository_id', 'in', [...repositoryIds])
    .execute();
}
