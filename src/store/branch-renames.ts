import type { BranchRenames } from '#model/ports/store-repositories.ts';
import type { Executor } from './rows.ts';

/** A push may bring more branches than a statement takes parameters: SQLite 32,766, PostgreSQL 65,535. */
const namesPerStatement = 10_000;

export function branchRenames(db: Executor): BranchRenames {
  return {
    async findNewName(repositoryId, oldName) {
      const row = await db
        .selectFrom('branch_rename')
        .select('new_name')
        .where('repository_id', '=', repositoryId)
        .where('old_name', '=', oldName)
        .executeTakeFirst();
      return row?.new_name ?? null;
    },

    async record(repositoryId, oldName, newName) {
      // What led to the old name leads to the new one now; a chain would have to be walked by every reader.
      await db
        .updateTable('branch_rename')
        .set({ new_name: newName })
        .where('repository_id', '=', repositoryId)
        .where('new_name', '=', oldName)
        .execute();
      await db.deleteFrom('branch_rename').where('repository_id', '=', repositoryId).where('old_name', '=', newName).execute();
      await db
        .insertInto('branch_rename')
        .values({ repository_id: repositoryId, old_name: oldName, new_name: newName })
        .onConflict((conflict) => conflict.columns(['repository_id', 'old_name']).doUpdateSet({ new_name: newName }))
        .execute();
    },

    async forget(repositoryId, names) {
      for (let from = 0; from < names.length; from += namesPerStatement) {
        await db
          .deleteFrom('branch_rename')
          .where('repository_id', '=', repositoryId)
          .where('old_name', 'in', names.slice(from, from + namesPerStatement))
          .execute();
      }
    },
  };
}
