import type { Insertable, Selectable } from 'kysely';
import type { IntendedUpdate, Intent, Outcome } from '#model/intent.ts';
import type { Intents } from '#model/ports/store-server.ts';
import type { Effect } from '#model/verdict.ts';
import { first, prepared } from './prepared.ts';
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
      };
      const { id } = (await first(insertIntent(db, row)))!;
      return { id, pushId, repositoryId, nodeId, updates, effects, reserved, auditNumber, createdAt: row.created_at };
    },

    async settle(id, outcome) {
      return ((await settleIntent(db, { id, outcome })).numAffectedRows ?? 0n) > 0n;
    },

    async listOpen({ repositoryId, nodeId }) {
      if (repositoryId !== undefined && nodeId === undefined) return (await selectOpenIn(db, { repositoryId })).rows.map(toIntent);
      let query = selectOpen(db);
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

const insertIntent = prepared((db, row: Omit<Insertable<Schema['intent']>, 'id' | 'outcome'>) =>
  db
    .insertInto('intent')
    .values({
      push_id: row.push_id,
      repository_id: row.repository_id,
      node_id: row.node_id,
      updates: row.updates,
      effects: row.effects,
      token_id: row.token_id,
      uses: row.uses,
      audit_number: row.audit_number,
      created_at: row.created_at,
      outcome: null,
    })
    .returning('id'),
);

const settleIntent = prepared((db, { id, outcome }: { readonly id: number; readonly outcome: Outcome }) =>
  db.updateTable('intent').set({ outcome }).where('id', '=', id).where('outcome', 'is', null),
);

function selectOpen(db: Executor) {
  return db.selectFrom('intent').selectAll().where('outcome', 'is', null).orderBy('id');
}

const selectOpenIn = prepared((db, { repositoryId }: { readonly repositoryId: number }) =>
  selectOpen(db).where('repository_id', '=', repositoryId),
);

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
