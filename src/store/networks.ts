import type { Repositories } from '#model/ports/store-repositories.ts';
import type { Executor } from './rows.ts';

type Networks = Pick<Repositories, 'countForks' | 'countNetwork' | 'leaveNetwork'>;

/** What is a fork of what. */
export function networks(db: Executor): Networks {
  return {
    async countForks(ids) {
      if (ids.length === 0) return new Map();
      const rows = await db
        .selectFrom('repository')
        .select(({ fn }) => ['parent_id', fn.countAll<number>().as('forks')])
        .where('parent_id', 'in', [...ids])
        .groupBy('parent_id')
        .execute();
      return new Map(rows.map((row) => [row.parent_id!, Number(row.forks)]));
    },

    async countNetwork(rootId) {
      const row = await db
        .selectFrom('repository')
        .select(({ fn }) => fn.countAll<number>().as('forks'))
        .where('source_id', '=', rootId)
        .executeTakeFirst();
      return Number(row?.forks ?? 0);
    },

    async leaveNetwork(id) {
      const leaving = await db.selectFrom('repository').select('parent_id').where('id', '=', id).executeTakeFirst();
      const children = await db.selectFrom('repository').select('id').where('parent_id', '=', id).orderBy('id').execute();
      const isRoot = leaving?.parent_id == null;
      const heir = leaving?.parent_id ?? children[0]?.id;
      if (heir !== undefined) await db.updateTable('repository').set({ parent_id: heir }).where('parent_id', '=', id).execute();
      if (heir !== undefined && isRoot) {
        await db.updateTable('repository').set({ source_id: heir }).where('source_id', '=', id).execute();
        await db.updateTable('repository').set({ parent_id: null, source_id: null }).where('id', '=', heir).execute();
      }
      await db.updateTable('repository').set({ parent_id: null, source_id: null }).where('id', '=', id).execute();
    },
  };
}
