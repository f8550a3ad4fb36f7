import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Transaction } from '#model/ports/store.ts';
import { databases } from '../support/databases.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

for (const database of databases) {
  describe(`statements that come when their transaction has ended, on ${database}`, () => {
    let opened: TestStore;
    before(async () => {
      opened = await openTestStore(database);
    });
    after(() => opened[Symbol.asyncDispose]());

    test('what was asked beside something that failed at once is not done', async () => {
      const { store } = opened;
      const both = (tx: Transaction) => Promise.all([tx.settings.writeSetting('beside', 'written'), Promise.reject(new Error('no'))]);
      await assert.rejects(store.write(both), /^Error: no$/);
      // Another transaction begins at once: what is late must not end up in that one either.
      await store.write((tx) => tx.settings.writeSetting('after', 'written'));
      assert.equal(await store.read.settings.readSetting('beside'), null);
      assert.equal(await store.read.settings.readSetting('after'), 'written');
    });

    test('whoever keeps a transaction can do nothing with it', async () => {
      const { store } = opened;
      const kept = await store.write((tx) => Promise.resolve(tx));
      await assert.rejects(kept.settings.writeSetting('kept', 'written'), /transaction (has ended|is already committed)/i);
      assert.equal(await store.read.settings.readSetting('kept'), null);
    });
  });
}
