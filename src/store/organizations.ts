import type { Organizations } from '#model/ports/store-accounts.ts';
import { toOrganization, toUser } from './accounts.ts';
import { type Executor, page } from './rows.ts';

export function organizations(db: Executor): Organizations {
  return {
    async findMembership(organizationId, userId) {
      const row = await db
        .selectFrom('organization_member')
        .select(['user_id as userId', 'level', 'expires_at as expiresAt'])
        .where('organization_id', '=', organizationId)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return row ?? null;
    },

    listMembers(organizationId, minimumLevel, request) {
      const query = db
        .selectFrom('organization_member')
        .innerJoin('account', 'account.id', 'organization_member.user_id')
        .selectAll('account')
        .select(['organization_member.level', 'organization_member.expires_at'])
        .where('organization_id', '=', organizationId)
        .where('level', '>=', minimumLevel)
        .orderBy('account.id');
      return page(query, request, (row) => ({ userId: row.id, level: row.level, expiresAt: row.expires_at, user: toUser(row) }));
    },

    async listOfUser(userId) {
      const rows = await db
        .selectFrom('organization_member')
        .innerJoin('account', 'account.id', 'organization_member.organization_id')
        .selectAll('account')
        .where('user_id', '=', userId)
        .orderBy('account.id')
        .execute();
      return rows.map(toOrganization);
    },

    async setMembership(organizationId, userId, level) {
      await db
        .insertInto('organization_member')
        .values({ organization_id: organizationId, user_id: userId, level, expires_at: null })
        .onConflict((conflict) => conflict.columns(['organization_id', 'user_id']).doUpdateSet({ level, expires_at: null }))
        .execute();
    },

    async removeMembership(organizationId, userId) {
      const { numDeletedRows } = await db
        .deleteFrom('organization_member')
        .where('organization_id', '=', organizationId)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}
