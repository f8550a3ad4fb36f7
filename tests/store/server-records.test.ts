import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { databases } from '../support/databases.ts';
import { fresh, openTestStore, type TestStore } from '../support/store.ts';

for (const database of databases) {
  describe(`settings, keys and nodes on ${database}`, () => {
    let opened: TestStore;
    before(async () => {
      opened = await openTestStore(database);
    });
    after(() => opened[Symbol.asyncDispose]());

    test('a setting is absent, written, and written over', async () => {
      const { store } = opened;
      assert.equal(await store.read.settings.readSetting('colour'), null);
      await store.write((tx) => tx.settings.writeSetting('colour', 'red'));
      await store.write((tx) => tx.settings.writeSetting('colour', 'gr’ün'));
      assert.equal(await store.read.settings.readSetting('colour'), 'gr’ün');
    });

    test('a key is written once and never over', async () => {
      const { store } = opened;
      const [name, key] = [fresh('key'), { publicKey: 'PUBLIC', sealedPrivateKey: 'SEALED' }];
      assert.equal(await store.read.serverKeys.findKey(name), null);
      await store.write((tx) => tx.serverKeys.insertKey(name, key));
      await assert.rejects(store.write((tx) => tx.serverKeys.insertKey(name, { publicKey: 'X', sealedPrivateKey: 'Y' })));
      assert.deepEqual(await store.read.serverKeys.findKey(name), key);
    });

    test('a node that beats is alive, one that stopped is silent, one that is gone is neither', async () => {
      const { store } = opened;
      await store.write(async (tx) => {
        await tx.nodes.beat('b', 100);
        await tx.nodes.beat('a', 100);
        await tx.nodes.beat('c', 100);
        await tx.nodes.beat('c', 200);
      });
      assert.deepEqual(await store.read.nodes.listSilentSince(200), ['a', 'b']);
      assert.deepEqual(await store.read.nodes.listSilentSince(100), []);
      await store.write((tx) => tx.nodes.remove('a'));
      await store.write((tx) => tx.nodes.remove('unknown'));
      assert.deepEqual(await store.read.nodes.listSilentSince(201), ['b', 'c']);
      assert.deepEqual(await store.read.nodes.listAliveSince(200), ['c']);
      assert.deepEqual(await store.read.nodes.listAliveSince(100), ['b', 'c']);
    });
  });
}
