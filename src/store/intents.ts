import type { Selectable } from 'kysely';
import type { IntendedUpdate, Intent } from '#model/intent.ts';
import type { Intents } from '#model/ports/store-server.ts';
import type { Effect } from '#model/verdict.ts';
import { type Executor, parseJson } from './rows.ts';
import type { Schema } from './schema.ts';

export function intents(db: Executor, now: () => number): Intents {
  return {
    async open({ pushId, repositoryId, nodeId, updates, effects, reserved, auditNumber }) {
      const row = {
        push_id: pushId,
        repository_id: repositoryId,
        node_id: nodeId,
        updates: JSON.stringify(updates),
        effects: JSON.stringify(effects),
        token_id: reserved?.tokenId ?? null,
        uses: reserved?.uses ?? 0,
        audit_number: auditNumber,
        created_at: now(),
        outcome: null,
      };
      return toIntent(await db.insertInto('intent').values(row).returningAll().executeTakeFirstOrThrow());
    },

    async settle(id, outcome) {
      const { numUpdatedRows } = await db
        .updateTable('intent')
        .set({ outcome })
        .where('id', '=', id)
        .where('outcome', 'is', null)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },

    async listOpen({ repositoryId, nodeId }) {
      let query = db.selectFrom('intent').selectAll().where('outcome', 'is', null).orderBy('id');
      if (repositoryId !== undefined) query = query.where('repository_id', '=', repositoryId);
      if (nodeId !== undefined) query = query.where('node_id', '=', nodeId);
      return (await query.execute()).map(toIntent);
    },

    async readLast(repositoryId) {
      const row = await db
        .selectFrom('intent')
        .select((expression) => expression.fn.max('id').as('last'))
        .where('repository_id', '=', repositoryId)
        .executeTakeFirst();
      return row?.last ?? 0;
    },

    async countOpenBefore(auditNumber, repositoryIds) {
      if (repositoryIds?.length === 0) return 0;
      let query = db
        .selectFrom('intent')
        .select((expression) => expression.fn.countAll<number>().as('open'))
        .where('outcome', 'is', null)
        .where('audit_number', '<', auditNumber);
      if (repositoryIds !== null) query = query.where('repository_id', 'in', [...repositoryIds]);
      return Number((await query.executeTakeFirstOrThrow()).open);
    },
  };
}

function toIntent(row: Selectable<Schema['intent']>): Intent {
  return {
    id: row.id,
    pushId: row.push_id,
    repositoryId: row.repository_id,
    nodeId: row.node_id,
    updates: parseJson<IntendedUpdate[]>(row.updates),
    effects: parseJson<Effect[]>(row.effects),
    reserved: row.token_id === null ? null : { tokenId: row.token_id, uses: row.uses },
    auditNumber: row.audit_number,
    createdAt: row.created_at,
  };
}
