import { sql } from 'kysely';
import type { Outbox } from '#model/ports/store-hooks.ts';
import type { Tidings } from '#model/telling.ts';
import { type Executor, parseJson } from './rows.ts';

export function outbox(db: Executor, now: () => number): Outbox {
  return {
    async tell({ repositoryId, ownerId, hookId, senderId, tidings }) {
      const listening =
        hookId !== null
          ? sql`id = ${hookId}`
          : sql`active = 1 and (organization_id = ${ownerId}${repositoryId === null ? sql`` : sql` or repository_id = ${repositoryId}`})`;
      // The types are said because in a list to select from PostgreSQL would take every parameter for text.
      await sql`
        insert into outbox (at, repository_id, owner_id, hook_id, sender_id, tidings)
        select cast(${now()} as bigint), cast(${repositoryId} as bigint), cast(${ownerId} as bigint), cast(${hookId} as bigint),
          cast(${senderId} as bigint), cast(${JSON.stringify(tidings)} as text)
        where exists (select 1 from hook where ${listening})`.execute(db);
    },

    async listTold(limit) {
      const rows = await db.selectFrom('outbox').selectAll().orderBy('id').limit(limit).execute();
      return rows.map((row) => ({
        id: row.id,
        at: row.at,
        repositoryId: row.repository_id,
        ownerId: row.owner_id,
        hookId: row.hook_id,
        senderId: row.sender_id,
        tidings: parseJson<Tidings>(row.tidings),
      }));
    },

    async takeOut(id) {
      const { numDeletedRows } = await db.deleteFrom('outbox').where('id', '=', id).executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}
