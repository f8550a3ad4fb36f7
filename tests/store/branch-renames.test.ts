import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { databases } from '../support/databases.ts';
import { addRepository, addUser, openTestStore, type TestStore } from '../support/store.ts';

for (const database of databases) {
  describe(`renamed branches on ${database}`, () => {
    let opened: TestStore;
    before(async () => {
      opened = await openTestStore(database);
    });
    after(() => opened[Symbol.asyncDispose]());

    /** Renames one after the other; answers where each of the names leads. */
    const led = async (...renames: readonly (readonly [from: string, to: string])[]) => {
      const repository = await opened.store.write(async (tx) => {
        const made = await addRepository(tx, (await addUser(tx)).id);
        for (const [from, to] of renames) await tx.branchRenames.record(made.id, from, to);
        return made;
      });
      return (name: string) => opened.store.read.branchRenames.findNewName(repository.id, name);
    };

    test('an old name leads to the new one, the new one nowhere', async () => {
      const leads = await led(['master', 'main']);
      assert.equal(await leads('master'), 'main');
      assert.equal(await leads('main'), null);
      assert.equal(await leads('Master'), null);
    });

    test('a chain leads to its end in one step, from every link', async () => {
      const leads = await led(['a', 'b'], ['b', 'c'], ['c', 'd']);
      for (const name of ['a', 'b', 'c']) assert.equal(await leads(name), 'd');
      assert.equal(await leads('d'), null);
    });

    test('renaming back leads nowhere in circles', async () => {
      const leads = await led(['a', 'b'], ['b', 'a']);
      assert.equal(await leads('b'), 'a');
      assert.equal(await leads('a'), null);
    });

    test('another repository’s renames are its own', async () => {
      await led(['one', 'two']);
      assert.equal(await (await led())('one'), null);
    });

    test('a branch that is created with the name leads elsewhere no longer', async () => {
      const repository = await opened.store.write(async (tx) => {
        const made = await addRepository(tx, (await addUser(tx)).id);
        await tx.branchRenames.record(made.id, 'a', 'b');
        await tx.branchRenames.record(made.id, 'x', 'b');
        await tx.branchRenames.forget(made.id, ['a', 'unknown']);
        await tx.branchRenames.forget(made.id, []);
        return made;
      });
      assert.equal(await opened.store.read.branchRenames.findNewName(repository.id, 'a'), null);
      assert.equal(await opened.store.read.branchRenames.findNewName(repository.id, 'x'), 'b');
    });
  });
}
