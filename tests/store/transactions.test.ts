import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Transaction } from '#model/ports/store.ts';
import { databases } from '../support/databases.ts';
import { addUser, auditEntry, fresh, openTestStore, type TestStore } from '../support/store.ts';

for (const database of databases) {
  describe(`writing on ${database}`, () => {
    let opened: TestStore;
    before(async () => {
      opened = await openTestStore(database);
    });
    after(() => opened[Symbol.asyncDispose]());

    const setting = (name: string) => opened.store.read.settings.readSetting(name);

    /** A transaction that has begun and stays open until it is released. */
    const hold = async (work: (tx: Transaction) => Promise<void>) => {
      const [started, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const held = opened.store.write(async (tx) => {
        await work(tx);
        started.resolve();
        await released.promise;
      });
      await started.promise;
      return { held, release: released.resolve };
    };

    test('what the work throws is thrown on, and nothing of the work stays', async () => {
      const { store, heads } = opened;
      const login = fresh('gone');
      const announced = heads.length;
      const failure = new Error('changed my mind');
      const attempt = store.write(async (tx) => {
        await addUser(tx, login);
        await tx.settings.writeSetting('half', 'done');
        await tx.audit.append(auditEntry());
        throw failure;
      });
      await assert.rejects(attempt, (error) => error === failure);
      assert.equal(await store.read.accounts.findByLogin(login), null);
      assert.equal(await setting('half'), null);
      assert.equal(await store.read.audit.readHead(), null);
      assert.equal(heads.length, announced);
    });

    test('a statement that the database refuses undoes the whole transaction', async () => {
      const { store } = opened;
      const login = fresh('twice');
      const attempt = store.write(async (tx) => {
        await tx.settings.writeSetting('before', login);
        await addUser(tx, login);
        await addUser(tx, login);
      });
      await assert.rejects(attempt);
      assert.equal(await setting('before'), null);
      assert.equal(await store.read.accounts.findByLogin(login), null);
    });

    test('a refused transaction between others leaves them whole', async () => {
      const { store } = opened;
      const attempts = Array.from({ length: 30 }, (_, index) =>
        store.write(async (tx) => {
          await tx.settings.writeSetting(`mixed ${index}`, 'written');
          if (index % 3 === 0) throw new Error(`no ${index}`);
          return index;
        }),
      );
      const settled = await Promise.allSettled(attempts);
      for (const [index, one] of settled.entries()) {
        assert.equal(one.status, index % 3 === 0 ? 'rejected' : 'fulfilled');
        assert.equal(await setting(`mixed ${index}`), index % 3 === 0 ? null : 'written');
      }
    });

    test('what is read inside is what was committed before, and what this transaction wrote', async () => {
      const { store } = opened;
      const name = fresh('counter');
      await store.write((tx) => tx.settings.writeSetting(name, '0'));
      await Promise.all(
        Array.from({ length: 50 }, () =>
          store.write(async (tx) => {
            const count = Number(await tx.settings.readSetting(name));
            await sleep(0);
            await tx.settings.writeSetting(name, String(count + 1));
            assert.equal(await tx.settings.readSetting(name), String(count + 1));
          }),
        ),
      );
      assert.equal(await setting(name), '50');
    });

    test('reads show what is committed and never wait for writers, however many there are', async () => {
      const { store } = opened;
      const name = fresh('open');
      await store.write((tx) => tx.settings.writeSetting(name, 'before'));
      const { held, release } = await hold((tx) => tx.settings.writeSetting(name, 'after'));
      const waiting = Array.from({ length: 40 }, (_, index) => store.write((tx) => tx.settings.writeSetting(`${name} ${index}`, 'x')));
      // Give every waiting writer the time to take what it takes.
      await sleep(50);
      const reads = Promise.all(Array.from({ length: 30 }, () => setting(name)));
      const late = sleep(3000).then(() => 'the reads waited for the writers');
      const first = await Promise.race([reads, late]);
      release();
      await Promise.all([held, ...waiting]);
      assert.deepEqual(first, Array(30).fill('before'));
      assert.equal(await setting(name), 'after');
    });

    test('the clock is read once, after the lock was granted', async () => {
      const { store } = opened;
      const { held, release } = await hold(() => Promise.resolve());
      const waiting = store.write(async (tx) => {
        const user = await addUser(tx);
        await sleep(20);
        const later = await addUser(tx);
        assert.equal(later.createdAt, user.createdAt);
        assert.equal(later.createdAt, tx.now);
        return tx.now;
      });
      await sleep(60);
      const released = Date.now();
      release();
      await held;
      assert.ok((await waiting) >= released - 1, 'a writer that waited has the time at which its turn came');
    });

    test('the answer comes when the write can be read', async () => {
      const { store } = opened;
      for (let index = 0; index < 20; index++) {
        await store.write((tx) => tx.settings.writeSetting('latest', String(index)));
        assert.equal(await setting('latest'), String(index));
      }
    });

    test('the audit head is announced once it is durable, and only the last of a transaction', async () => {
      const { store, heads } = opened;
      const before = heads.length;
      await store.write(async (tx) => {
        await tx.audit.append(auditEntry());
        await tx.audit.append(auditEntry(), auditEntry());
        assert.equal(heads.length, before);
      });
      assert.equal(heads.length, before + 1);
      assert.deepEqual(heads.at(-1), await store.read.audit.readHead());
    });
  });
}
