import { type Selectable, sql } from 'kysely';
import type { Team } from '#model/account.ts';
import type { Teams } from '#model/ports/store-accounts.ts';
import { toUser } from './accounts.ts';
import { type Executor, inOrderOf, page } from './rows.ts';
import type { Schema } from './schema.ts';

export function teams(db: Executor, now: () => number): Teams {
  const select = () => db.selectFrom('team').selectAll('team');

  return {
    async findById(id) {
      const row = await select().where('id', '=', id).executeTakeFirst();
      return row ? toTeam(row) : null;
    },

    async findBySlug(organizationId, slug) {
      const row = await select().where('organization_id', '=', organizationId).where('slug', '=', slug.toLowerCase()).executeTakeFirst();
      return row ? toTeam(row) : null;
    },

    async listByIds(ids) {
      if (ids.length === 0) return [];
      const rows = await select()
        .where('id', 'in', [...ids])
        .execute();
      return inOrderOf(ids, rows.map(toTeam), (team) => team.id);
    },

    async listBySlugs(organizationId, slugs) {
      if (slugs.length === 0) return [];
      const keys = slugs.map((slug) => slug.toLowerCase());
      const rows = await select().where('organization_id', '=', organizationId).where('slug', 'in', keys).execute();
      return inOrderOf(keys, rows.map(toTeam), (team) => team.slug);
    },

    listOfOrganization: (organizationId, request) =>
      page(select().where('organization_id', '=', organizationId).orderBy('id'), request, toTeam),

    async listOfUser(userId) {
      const query = select().innerJoin('team_member', 'team_member.team_id', 'team.id').where('team_member.user_id', '=', userId);
      return (await query.orderBy('team.id').execute()).map(toTeam);
    },

    listOfRepository(repositoryId, request) {
      const query = select()
        .innerJoin('team_grant', 'team_grant.team_id', 'team.id')
        .select('team_grant.level')
        .where('team_grant.repository_id', '=', repositoryId)
        .orderBy('team.id');
      return page(query, request, (row) => ({ ...toTeam(row), level: row.level }));
    },

    async insert(team) {
      const { id } = await db.insertInto('principal').values({ kind: 'team' }).returning('id').executeTakeFirstOrThrow();
      const at = now();
      const row = { id, ...toColumns(team), created_at: at, updated_at: at } as Schema['team'];
      return toTeam(await db.insertInto('team').values(row).returningAll().executeTakeFirstOrThrow());
    },

    async update(id, changes) {
      await db
        .updateTable('team')
        .set({ ...toColumns(changes), updated_at: now() })
        .where('id', '=', id)
        .execute();
    },

    async remove(id) {
      const parent = await db.selectFrom('team').select('parent_id').where('id', '=', id).executeTakeFirst();
      await db
        .updateTable('team')
        .set({ parent_id: parent?.parent_id ?? null })
        .where('parent_id', '=', id)
        .execute();
      await db.deleteFrom('team').where('id', '=', id).execute();
    },

    async findMembership(teamId, userId) {
      const row = await db
        .selectFrom('team_member')
        .select(['user_id as userId', 'level', 'expires_at as expiresAt'])
        .where('team_id', '=', teamId)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return row ?? null;
    },

    listMembers(teamId, request) {
      const query = db
        .withRecursive('descendant', (recursive) =>
          recursive
            .selectFrom('team')
            .select('team.id')
            .where('team.id', '=', teamId)
            .union((inner) => inner.selectFrom('team').innerJoin('descendant', 'descendant.id', 'team.parent_id').select('team.id')),
        )
        .selectFrom('team_member')
        .innerJoin('account', 'account.id', 'team_member.user_id')
        .selectAll('account')
        .select([
          sql<number>`max(team_member.level)`.as('level'),
          sql<number>`max(case when team_member.team_id = ${teamId} then 1 else 0 end)`.as('direct'),
        ])
        .where('team_member.team_id', 'in', (inner) => inner.selectFrom('descendant').select('descendant.id'))
        .groupBy('account.id')
        .orderBy('account.id');
      return page(query, request, (row) => ({
        userId: row.id,
        level: row.level,
        expiresAt: null,
        user: toUser(row),
        direct: row.direct === 1,
      }));
    },

    async setMembership(teamId, userId, level) {
      await db
        .insertInto('team_member')
        .values({ team_id: teamId, user_id: userId, level, expires_at: null })
        .onConflict((conflict) => conflict.columns(['team_id', 'user_id']).doUpdateSet({ level, expires_at: null }))
        .execute();
    },

    async removeMembership(teamId, userId) {
      const { numDeletedRows } = await db
        .deleteFrom('team_member')
        .where('team_id', '=', teamId)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },

    async removeFromOrganization(organizationId, userId) {
      await db
        .deleteFrom('team_member')
        .where('user_id', '=', userId)
        .where('team_id', 'in', (inner) => inner.selectFrom('team').select('id').where('organization_id', '=', organizationId))
        .execute();
    },

    async findGrant(teamId, repositoryId) {
      const row = await db
        .selectFrom('team_grant')
        .select('level')
        .where('team_id', '=', teamId)
        .where('repository_id', '=', repositoryId)
        .executeTakeFirst();
      return row?.level ?? null;
    },

    listGrants(teamId, request) {
      const query = db.selectFrom('team_grant').select(['repository_id', 'level']).where('team_id', '=', teamId).orderBy('repository_id');
      return page(query, request, (row) => ({ repositoryId: row.repository_id, level: row.level }));
    },

    async countMembersAndGrants(teamId) {
      const row = await db
        .selectNoFrom((expression) => [
          expression
            .selectFrom('team_member')
            .select((inner) => inner.fn.countAll<number>().as('n'))
            .where('team_id', '=', teamId)
            .as('members'),
          expression
            .selectFrom('team_grant')
            .select((inner) => inner.fn.countAll<number>().as('n'))
            .where('team_id', '=', teamId)
            .as('repositories'),
        ])
        .executeTakeFirstOrThrow();
      return { members: Number(row.members), repositories: Number(row.repositories) };
    },

    async setGrant(teamId, repositoryId, level) {
      await db
        .insertInto('team_grant')
        .values({ team_id: teamId, repository_id: repositoryId, level })
        .onConflict((conflict) => conflict.columns(['team_id', 'repository_id']).doUpdateSet({ level }))
        .execute();
    },

    async removeGrant(teamId, repositoryId) {
      const { numDeletedRows } = await db
        .deleteFrom('team_grant')
        .where('team_id', '=', teamId)
        .where('repository_id', '=', repositoryId)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

function toTeam(row: Selectable<Schema['team']>): Team {
  return {
    id: row.id,
    organizationId: row.organization_id,
    slug: row.slug,
    name: row.name,
    description: row.description,
    privacy: row.privacy,
    notificationSetting: row.notification_setting,
    defaultRung: row.default_rung,
    parentId: row.parent_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function toColumns(team: Partial<Omit<Team, 'id' | 'createdAt' | 'updatedAt'>>): Partial<Schema['team']> {
  return {
    ...(team.organizationId !== undefined && { organization_id: team.organizationId }),
    ...(team.slug !== undefined && { slug: team.slug }),
    ...(team.name !== undefined && { name: team.name }),
    ...(team.description !== undefined && { description: team.description }),
    ...(team.privacy !== undefined && { privacy: team.privacy }),
    ...(team.notificationSetting !== undefined && { notification_setting: team.notificationSetting }),
    ...(team.defaultRung !== undefined && { default_rung: team.defaultRung }),
    ...(team.parentId !== undefined && { parent_id: team.parentId }),
  };
}
