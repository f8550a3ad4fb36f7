import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { DataLocked, lockData } from '#store/data-lock.ts';
import { databases } from '../support/databases.ts';
import { temporaryFolder } from '../support/folders.ts';
import { openEngine, openTestStore } from '../support/store.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A process that holds the lock of a folder until it is killed. */
async function lockElsewhere(folder: string) {
  const source = `import { lockData } from '#store/data-lock.ts'; lockData(process.argv[1]); console.log('locked'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, folder], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

describe('the data folder', () => {
  test('is one process’s: a second is refused by name, until the first lets go', async () => {
    await using folder = await temporaryFolder();
    const lock = lockData(folder.path);
    assert.throws(
      () => lockData(folder.path),
      (error) => error instanceof DataLocked && error.message.includes(folder.path),
    );
    lock.release();
    lockData(folder.path).release();
  });

  test('is refused while another process has it, and free once that is killed', async () => {
    await using folder = await temporaryFolder();
    const child = await lockElsewhere(folder.path);
    assert.throws(() => lockData(folder.path), DataLocked);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    lockData(folder.path).release();
  });
});

for (const database of databases) {
  test(`a repository's lock answers what the work answers, and is held, on ${database}`, async () => {
    await using opened = await openTestStore(database);
    assert.equal(await opened.store.withRepositoryLock(1, async (isHeld) => `held: ${await isHeld()}`), 'held: true');
    await assert.rejects(
      opened.store.withRepositoryLock(1, () => Promise.reject(new Error('no'))),
      /^Error: no$/,
    );
    assert.equal(opened.store.isShared, database === 'postgres');
  });
}

if (databases.includes('postgres')) {
  describe('between servers on one PostgreSQL', () => {
    test('a repository is locked by one at a time, others wait; other repositories do not', async () => {
      await using opened = await openTestStore('postgres');
      const second = await openEngine('postgres', opened.place);
      const order: string[] = [];
      const [taken, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const first = opened.engine.withRepositoryLock(1, async () => {
        taken.resolve();
        await release.promise;
        order.push('first');
      });
      await taken.promise;
      const waiting = second.withRepositoryLock(1, async () => void order.push('second'));
      await second.withRepositoryLock(2, async () => void order.push('other'));
      await sleep(30);
      release.resolve();
      await Promise.all([first, waiting]);
      assert.deepEqual(order, ['other', 'first', 'second']);
      await second.close();
    });

    test('writers of two servers take turns, and each sees what the other committed', async () => {
      await using opened = await openTestStore('postgres');
      const second = await openEngine('postgres', opened.place);
      const raise = (engine: typeof second) =>
        engine.transaction(async (db) => {
          const row = await db.selectFrom('setting').select('value').where('name', '=', 'n').executeTakeFirst();
          await sleep(1);
          const value = String(Number(row?.value ?? 0) + 1);
          await db
            .insertInto('setting')
            .values({ name: 'n', value })
            .onConflict((c) => c.column('name').doUpdateSet({ value }))
            .execute();
        });
      await Promise.all(Array.from({ length: 40 }, (_, index) => raise(index % 2 === 0 ? opened.engine : second)));
      assert.equal(await opened.store.read.settings.readSetting('n'), '40');
      await second.close();
    });

    test('whoever lost the connection that held the lock is told, and the next one gets it', async () => {
      await using opened = await openTestStore('postgres');
      const held: boolean[] = [];
      await opened.engine.withRepositoryLock(7, async (isHeld) => {
        held.push(await isHeld());
        await opened.engine.transaction(async (db) => {
          await sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 7`.execute(db);
        });
        await sleep(50);
        held.push(await isHeld());
      });
      assert.deepEqual(held, [true, false]);
      assert.equal(await opened.engine.withRepositoryLock(7, (isHeld) => isHeld()), true);
    });
  });
}
