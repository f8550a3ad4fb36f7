import { sql } from 'kysely';
import type { Outbox } from '#model/ports/store-hooks.ts';
import type { Tidings } from '#model/telling.ts';
import { prepared } from './prepared.ts';
import { type Executor, parseJson } from './rows.ts';

export function outbox(db: Executor, now: () => number): Outbox {
  return {
    async tell({ repositoryId, ownerId, hookId, senderId, tidings }) {
      const row = { at: now(), repositoryId, ownerId, hookId, senderId, tidings: JSON.stringify(tidings) };
      await (hookId === null ? insertIfHeard : insertForOne)(db, row);
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

interface Row {
  readonly at: number;
  readonly repositoryId: number | null;
  readonly ownerId: number;
  readonly hookId: number | null;
  readonly senderId: number | null;
  readonly tidings: string;
}

/** The types are said because in a list to select from PostgreSQL would take every parameter for text. */
const insert = ({ at, repositoryId, ownerId, hookId, senderId, tidings }: Row) => sql`
  insert into outbox (at, repository_id, owner_id, hook_id, sender_id, tidings)
  select cast(${at} as bigint), cast(${repositoryId} as bigint), cast(${ownerId} as bigint), cast(${hookId} as bigint),
    cast(${senderId} as bigint), cast(${tidings} as text)`;

const insertIfHeard = prepared((db, row: Row) => {
  const { ownerId, repositoryId } = row;
  const hooks = sql`select 1 from hook where active = 1 and (organization_id = ${ownerId} or repository_id = ${repositoryId})`;
  return { compile: () => sql<never>`${insert(row)} where exists (${hooks})`.compile(db) };
});

const insertForOne = prepared((db, row: Row) => ({
  compile: () => sql<never>`${insert(row)} where exists (select 1 from hook where id = ${row.hookId})`.compile(db),
}));
