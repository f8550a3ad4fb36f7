import type { RungSources, Standings } from '#model/ports/store-repositories.ts';
import { first, prepared } from './prepared.ts';
import { type Executor, live } from './rows.ts';
import { reachOfTeams, teamsOf } from './team-ancestors.ts';

interface Asked {
  readonly userId: number;
  readonly repositoryId: number;
  readonly now: number;
}

export function standings(db: Executor, clock: () => number): Standings {
  return {
    async readRungSourcesOfMany(userId, repositoryIds, now) {
      if (repositoryIds.length === 0) return new Map();
      const [rows, levels] = await Promise.all([
        selectSources(db, userId, repositoryIds, now).execute(),
        selectTeamLevels(db, userId, repositoryIds, now).execute(),
      ]);
      const teams = Map.groupBy(levels, (row) => row.repositoryId);
      return new Map(rows.map((row) => [row.id, toSources(row, userId, teams.get(row.id) ?? [])]));
    },

    async readRungSources(userId, repositoryId, now) {
      const asked = { userId, repositoryId, now };
      const [sources, { rows: teams }] = await Promise.all([first(sourcesOfOne(db, asked)), teamLevelsOfOne(db, asked)]);
      if (sources === null) throw new Error(`repository ${repositoryId} is gone`);
      return toSources(sources, userId, teams);
    },

    async listTies(userIds, { id, ownerId }, now) {
      if (userIds.length === 0) return { members: new Set(), collaborators: new Set() };
      const [members, collaborators] = await Promise.all([
        db
          .selectFrom('organization_member')
          .select('organization_member.user_id')
          .where('organization_member.organization_id', '=', ownerId)
          .where('organization_member.user_id', 'in', [...userIds])
          .where(live('organization_member', now))
          .execute(),
        db
          .selectFrom('collaborator')
          .select('collaborator.user_id')
          .where('collaborator.repository_id', '=', id)
          .where('collaborator.user_id', 'in', [...userIds])
          .where(live('collaborator', now))
          .execute(),
      ]);
      return {
        members: new Set(members.map((row) => row.user_id)),
        collaborators: new Set(collaborators.map((row) => row.user_id)),
      };
    },

    async readTeams(userId, organizationId) {
      const { rows } = await teamsOfUser(db, { userId, organizationId, now: clock() });
      return { direct: rows.filter((row) => row.member !== null).map((row) => row.id), all: rows.map((row) => row.id) };
    },
  };
}

const sourcesOfOne = prepared((db, { userId, repositoryId, now }: Asked) => selectSources(db, userId, [repositoryId], now));

const teamLevelsOfOne = prepared((db, { userId, repositoryId, now }: Asked) => selectTeamLevels(db, userId, [repositoryId], now));

const teamsOfUser = prepared((db, { userId, organizationId, now }: Omit<Asked, 'repositoryId'> & { readonly organizationId: number }) =>
  db
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
    .where('team.id', 'in', teamsOf(db, userId, now)),
);

function toSources(
  row: { owner_id: number; direct: number | null; organization: number | null; base_permission: number },
  userId: number,
  teams: RungSources['teams'],
): RungSources {
  return {
    isPersonalOwner: row.owner_id === userId,
    direct: row.direct,
    organization: row.organization,
    basePermission: row.base_permission,
    teams,
  };
}

function selectSources(db: Executor, userId: number, repositoryIds: readonly number[], now: number) {
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
    .where('repository.id', 'in', [...repositoryIds]);
}

/**
 * Every team that leads the user to a repository: the level in the team the user is in, and what that team or one of its parents is
 * granted there.
 */
function selectTeamLevels(db: Executor, userId: number, repositoryIds: readonly number[], now: number) {
  return reachOfTeams(db, userId, now)
    .innerJoin('team_grant', 'team_grant.team_id', 'reach.id')
    .select(['team_grant.repository_id as repositoryId', 'reach.level', 'team_grant.level as grant'])
    .where('team_grant.repository_id', 'in', [...repositoryIds]);
}
