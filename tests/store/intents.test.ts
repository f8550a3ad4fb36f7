import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Intent } from '#model/intent.ts';
import { databases } from '../support/databases.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

type NewIntent = Omit<Intent, 'id' | 'createdAt'>;

for (const database of databases) {
  describe(`intents on ${database}`, () => {
    let opened: TestStore;
    before(async () => {
      opened = await openTestStore(database);
    });
    after(() => opened[Symbol.asyncDispose]());

    const open = (changes: Partial<NewIntent> = {}) =>
      opened.store.write((tx) =>
        tx.intents.open({
          pushId: 'p',
          repositoryId: 1,
          nodeId: 'n',
          updates: [],
          effects: [],
          reserved: null,
          auditNumber: 1,
          ...changes,
        }),
      );

    test('one is read back as written', async () => {
      const updates = [{ refName: 'refs/heads/main', oldId: null, newId: 'a'.repeat(40), usesToken: true }];
      const made = await open({ repositoryId: 77, updates, reserved: { tokenId: 5, uses: 1 }, auditNumber: 12 });
      assert.deepEqual(await opened.store.read.intents.listOpen({ repositoryId: 77 }), [made]);
      assert.deepEqual(made.updates, updates);
      assert.deepEqual(made.reserved, { tokenId: 5, uses: 1 });
    });

    test('open ones are listed by repository and by node, oldest first, until they are settled', async () => {
      const [one, two, three] = [
        await open({ repositoryId: 10, nodeId: 'x' }),
        await open({ repositoryId: 11, nodeId: 'x' }),
        await open({ repositoryId: 10, nodeId: 'y' }),
      ];
      const { intents } = opened.store.read;
      const listed = async (of: { repositoryId?: number; nodeId?: string }) => (await intents.listOpen(of)).map((intent) => intent.id);
      assert.deepEqual(await listed({ repositoryId: 10 }), [one.id, three.id]);
      assert.deepEqual(await listed({ nodeId: 'x' }), [one.id, two.id]);
      assert.deepEqual(await listed({ nodeId: 'x', repositoryId: 10 }), [one.id]);
      assert.deepEqual(await listed({ nodeId: 'nobody' }), []);
      assert.equal(await opened.store.write((tx) => tx.intents.settle(one.id, 'committed')), true);
      assert.deepEqual(await listed({ repositoryId: 10 }), [three.id]);
    });

    test('one is settled once: who comes second is told', async () => {
      const made = await open({ repositoryId: 20 });
      const settled = await Promise.all(
        ['committed', 'aborted', 'failed'].map((outcome) => opened.store.write((tx) => tx.intents.settle(made.id, outcome as 'committed'))),
      );
      assert.equal(settled.filter(Boolean).length, 1);
      assert.equal(await opened.store.write((tx) => tx.intents.settle(999_999, 'aborted')), false);
    });

    test('those announced before an audit number are counted, in named repositories or anywhere', async () => {
      const [first] = [await open({ repositoryId: 30, auditNumber: 1000 }), await open({ repositoryId: 31, auditNumber: 1001 })];
      const { intents } = opened.store.read;
      const before = await intents.countOpenBefore(1000, null);
      assert.equal(await intents.countOpenBefore(1001, null), before + 1);
      assert.equal(await intents.countOpenBefore(1002, null), before + 2);
      assert.equal(await intents.countOpenBefore(1001, [30]), 1);
      assert.equal(await intents.countOpenBefore(1002, [31]), 1);
      assert.equal(await intents.countOpenBefore(1002, [30, 31]), 2);
      assert.equal(await intents.countOpenBefore(1002, [99]), 0);
      assert.equal(await intents.countOpenBefore(1002, []), 0);
      await opened.store.write((tx) => tx.intents.settle(first!.id, 'aborted'));
      assert.equal(await intents.countOpenBefore(1002, [30, 31]), 1);
    });
  });
}
