import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createPostgresDatabase, databases } from '../support/databases.ts';
import { temporaryFolder } from '../support/folders.ts';
import { openSql } from '../support/sql.ts';
import { addUser, openEngine, openTestStore } from '../support/store.ts';

for (const database of databases) {
  describe(`the schema on ${database}`, () => {
    test('is brought up to date once; opening again changes nothing', async () => {
      await using opened = await openTestStore(database);
      const user = await opened.store.write((tx) => addUser(tx));
      const applied = () =>
        opened.engine.db
          .selectFrom('kysely_migration' as never)
          .selectAll()
          .execute();
      const before = await applied();
      assert.ok(before.length >= 4);
      const again = await openEngine(database, opened.place);
      await again.close();
      assert.deepEqual(await applied(), before);
      assert.equal((await opened.store.read.accounts.findById(user.id))?.login, user.login);
    });

    test('of a newer server is left alone, and the older server does not start', async () => {
      await using opened = await openTestStore(database);
      await using sql = await openSql(opened.place);
      await sql.run(`insert into kysely_migration (name, timestamp) values ('9999-from-the-future', 'later')`);
      await assert.rejects(
        openEngine(database, opened.place),
        /the database schema could not be brought up to date .*9999-from-the-future/,
      );
    });

    test('has the same tables and columns on every engine', async () => {
      await using opened = await openTestStore(database);
      await using sqlite = await openTestStore('sqlite');
      const shape = async ({ engine }: typeof opened) =>
        (await engine.db.introspection.getTables())
          .filter((table) => !table.name.startsWith('kysely') && !table.name.startsWith('sqlite'))
          .map((table) => `${table.name}(${table.columns.map((column) => `${column.name}${column.isNullable ? '?' : ''}`).sort()})`)
          .sort();
      const tables = await shape(opened);
      assert.ok(tables.length > 20);
      assert.deepEqual(tables.map(withoutKeyNullability), (await shape(sqlite)).map(withoutKeyNullability));
    });
  });
}

/** A text primary key of SQLite may be null by its own account; nothing of ours writes one. */
function withoutKeyNullability(table: string): string {
  return table.replace(/(?<=[(,])(id|name|number)\?/g, '$1');
}

test('a file that is no database is refused', async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'sallyport.db'), 'this is no database, but a text of some length'.repeat(100));
  await assert.rejects(openEngine('sqlite', folder.path), /could not be brought up to date .*file is not a database/);
});

if (databases.includes('postgres')) {
  test('several servers that start at once on an empty PostgreSQL all find the whole schema', async () => {
    for (let round = 0; round < 3; round++) {
      const { url, drop } = await createPostgresDatabase();
      const engines = await Promise.all(Array.from({ length: 6 }, () => openEngine('postgres', url)));
      for (const engine of engines) {
        assert.deepEqual(await engine.db.selectFrom('account').selectAll().execute(), []);
        await engine.close();
      }
      await drop();
    }
  });
}
