import { sql } from 'kysely';
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
      await sql`
        with recursive below(id, root) as (
          select id, id from repository where parent_id = ${id}
          union
          select fork.id, below.root from repository as fork join below on fork.parent_id = below.id
        )
        update repository set source_id = (select below.root from below where below.id = repository.id)
        where id in (select below.id from below where below.id <> below.root)`.execute(db);
      await db
        .updateTable('repository')
        .set({ parent_id: null, source_id: null })
        .where(({ or, eb }) => or([eb('parent_id', '=', id), eb('id', '=', id)]))
        .execute();
    },
  };
}
