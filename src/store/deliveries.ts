import { type Selectable, sql } from 'kysely';
import type { Delivery, DeliveryOutcome } from '#model/hook.ts';
import type { Deliveries, NewDelivery } from '#model/ports/store-hooks.ts';
import { type Executor, flag, parseJson } from './rows.ts';
import type { Schema } from './schema.ts';

const columns = [
  ...(['id', 'hook_id', 'guid', 'event', 'action', 'repository_id', 'redelivery', 'state', 'attempts', 'outcome'] as const),
  ...(['created_at', 'due_at', 'claimed_until'] as const),
];

/** Several at once, because everybody who wants to write waits meanwhile. */
const rowsPerStatement = 200;

export function deliveries(db: Executor, now: () => number): Deliveries {
  /** Those that are due and whose hook nobody is at. A claim that ran out is none: whoever had it is gone. */
  const due = (at: number) =>
    db
      .selectFrom('hook_delivery as one')
      .where('one.due_at', '<=', at)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('hook_delivery as other')
              .select('other.id')
              .whereRef('other.hook_id', '=', 'one.hook_id')
              .where('other.claimed_until', '>', at),
          ),
        ),
      );

  return {
    async insertDeliveries(all) {
      const inserted: Delivery[] = [];
      for (let from = 0; from < all.length; from += rowsPerStatement) {
        const rows = all.slice(from, from + rowsPerStatement).map((one) => toRow(one, now()));
        inserted.push(...(await db.insertInto('hook_delivery').values(rows).returningAll().execute()).map(toDelivery));
      }
      return inserted.sort((a, b) => a.id - b.id);
    },

    async findDelivery(hookId, id) {
      const row = await db.selectFrom('hook_delivery').selectAll().where('id', '=', id).where('hook_id', '=', hookId).executeTakeFirst();
      return row ? toDelivery(row) : null;
    },

    async listAttempted(hookId, { before, isRedelivery, state, limit }) {
      let query = db
        .selectFrom('hook_delivery')
        // A list shows none, and a page of them may be a gigabyte.
        .select([...columns, sql<string>`''`.as('payload')])
        .where('hook_id', '=', hookId)
        .where('outcome', 'is not', null)
        .orderBy('id', 'desc')
        .limit(limit);
      if (before !== null) query = query.where('id', '<', before);
      if (isRedelivery !== null) query = query.where('redelivery', '=', flag(isRedelivery));
      if (state !== null) query = state === 'delivered' ? query.where('state', '=', state) : query.where('state', '<>', 'delivered');
      return (await query.execute()).map(toDelivery);
    },

    async countRedelivered(hookId) {
      const { bytes } = await db
        .selectFrom('hook_delivery')
        .select(sql<number>`coalesce(sum(length(payload)), 0)`.as('bytes'))
        .where('hook_id', '=', hookId)
        .where('redelivery', '=', 1)
        .executeTakeFirstOrThrow();
      return Number(bytes);
    },

    async hasDue(at) {
      return (await due(at).select('one.id').limit(1).executeTakeFirst()) !== undefined;
    },

    async claim(at, until, limit) {
      const oldest = due(at)
        .select((expression) => expression.fn.min('one.id').as('id'))
        .groupBy('one.hook_id')
        .orderBy('id')
        .limit(limit);
      // Two servers cannot claim the same: every writing transaction holds the audit-chain lock.
      const rows = await db.updateTable('hook_delivery').set({ claimed_until: until }).where('id', 'in', oldest).returningAll().execute();
      return rows.map(toDelivery).sort((a, b) => a.id - b.id);
    },

    async settleAttempt(id, state, outcome, again) {
      const row = await db
        .updateTable('hook_delivery')
        .set({
          state,
          outcome: JSON.stringify(outcome),
          due_at: again,
          claimed_until: null,
          attempts: sql<number>`attempts + 1`,
        })
        .where('id', '=', id)
        .returning('hook_id')
        .executeTakeFirst();
      if (row === undefined) return;
      await db.updateTable('hook').set({ last_code: outcome.code, last_status: outcome.status }).where('id', '=', row.hook_id).execute();
    },

    async hasClaims() {
      const row = await db.selectFrom('hook_delivery').select('id').where('claimed_until', 'is not', null).limit(1).executeTakeFirst();
      return row !== undefined;
    },

    async releaseClaims() {
      await db.updateTable('hook_delivery').set({ claimed_until: null }).where('claimed_until', 'is not', null).execute();
    },

    async removeOld(at) {
      await db.deleteFrom('outbox').where('at', '<', at).execute();
      const { numDeletedRows } = await db.deleteFrom('hook_delivery').where('created_at', '<', at).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

function toRow({ hookId, guid, event, action, repositoryId, payload, isRedelivery }: NewDelivery, now: number) {
  return {
    ...{ hook_id: hookId, guid, event, action, repository_id: repositoryId, payload, redelivery: flag(isRedelivery) },
    ...{ state: 'waiting' as const, attempts: 0, created_at: now, due_at: now, claimed_until: null, outcome: null },
  };
}

function toDelivery(row: Selectable<Schema['hook_delivery']>): Delivery {
  return {
    id: row.id,
    hookId: row.hook_id,
    guid: row.guid,
    event: row.event,
    action: row.action,
    repositoryId: row.repository_id,
    payload: row.payload,
    isRedelivery: row.redelivery === 1,
    state: row.state,
    attempts: row.attempts,
    outcome: row.outcome === null ? null : parseJson<DeliveryOutcome>(row.outcome),
  };
}
