import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { User } from '#model/account.ts';
import type { Transaction } from '#model/ports/store.ts';
import { defaultSettings, type Repository } from '#model/repository.ts';
import { migrations } from '#store/migrations/index.ts';
import { databases } from '../support/databases.ts';
import { addOrganization, addRepository, addUser, fresh, openTestStore, type TestStore } from '../support/store.ts';

const all = { limit: 100, offset: 0 };

/** Somebody's fork of a repository. */
async function addFork(tx: Transaction, parent: Repository, changes: { ownerId?: number } = {}): Promise<Repository> {
  const { description, homepage, visibility, defaultBranch, archived, objectFormat, settings } = parent;
  const ownerId = changes.ownerId ?? (await addUser(tx)).id;
  return tx.repositories.insert(
    { ownerId, name: fresh('fork'), description, homepage, visibility, defaultBranch, archived, objectFormat, settings },
    {
      ...{ parentId: parent.id, sourceId: parent.sourceId ?? parent.id, visibilityLimit: visibility === 'public' ? null : visibility },
      ...{ pushedAt: 12_345, making: fresh('making') },
    },
  );
}

for (const database of databases) {
  describe(`forks on ${database}`, () => {
    let opened: TestStore;
    let owner: User;
    before(async () => {
      opened = await openTestStore(database);
      owner = await opened.store.write((tx) => addUser(tx));
    });
    after(() => opened[Symbol.asyncDispose]());

    const places = async (...repositories: readonly Repository[]) => {
      const found = await opened.store.read.repositories.listByIds(repositories.map(({ id }) => id));
      return found.map(({ parentId, sourceId }) => [parentId, sourceId]);
    };

    /** A root with two forks, and a fork of the first of them. */
    const family = () =>
      opened.store.write(async (tx) => {
        const root = await addRepository(tx, owner.id, fresh('root'), { visibility: 'public' });
        const [older, younger] = [await addFork(tx, root), await addFork(tx, root)];
        return { root, older, younger, grandchild: await addFork(tx, older) };
      });

    test('a fork is read back as written, and knows where it was made', async () => {
      const { store } = opened;
      const [root, fork] = await store.write(async (tx) => {
        const parent = await addRepository(tx, owner.id);
        return [parent, await addFork(tx, parent)] as const;
      });
      assert.deepEqual(await store.read.repositories.findById(fork.id), fork);
      assert.deepEqual([fork.parentId, fork.sourceId, fork.visibilityLimit, fork.pushedAt], [root.id, root.id, 'private', 12_345]);
      assert.match((await store.read.repositories.findMaking(fork.id))!, /^making\d+$/);
      assert.deepEqual([root.parentId, root.sourceId, root.visibilityLimit], [null, null, null]);
      assert.equal(await store.read.repositories.findMaking(root.id), null);
      assert.equal(await store.read.repositories.findMaking(999_999), null);
    });

    test('forks are counted, those of forks in the network only', async () => {
      const { root, older, younger, grandchild } = await family();
      const { repositories } = opened.store.read;
      const counts = await repositories.countForks([root.id, older.id, younger.id, grandchild.id]);
      assert.deepEqual(
        [...counts].sort(([a], [b]) => a - b),
        [
          [root.id, 2],
          [older.id, 1],
        ],
      );
      assert.deepEqual(await repositories.countForks([]), new Map());
      assert.equal(await repositories.countNetwork(root.id), 3);
      assert.equal(await repositories.countNetwork(younger.id), 0);
    });

    test('what an account has of a network is found, be it the root, a fork or a fork of one', async () => {
      const { root, older, grandchild } = await family();
      const { repositories } = opened.store.read;
      assert.equal((await repositories.findInNetwork(owner.id, root.id))?.id, root.id);
      assert.equal((await repositories.findInNetwork(older.ownerId, root.id))?.id, older.id);
      assert.equal((await repositories.findInNetwork(grandchild.ownerId, root.id))?.id, grandchild.id);
      const { id: stranger } = await opened.store.write((tx) => addUser(tx));
      assert.equal(await repositories.findInNetwork(stranger, root.id), null);
      assert.equal(await repositories.findInNetwork(grandchild.ownerId, older.id), null, 'not by a repository that is no root');
    });

    test('forks are listed in the order that is asked for, page by page', async () => {
      const { root, older, younger } = await family();
      const { repositories } = opened.store.read;
      const list = async (order: 'newest' | 'oldest', page = all) =>
        (await repositories.listForks(root.id, null, order, page)).items.map(({ id }) => id);
      assert.deepEqual(await list('newest'), [younger.id, older.id]);
      assert.deepEqual(await list('oldest'), [older.id, younger.id]);
      assert.deepEqual(await list('oldest', { limit: 1, offset: 1 }), [younger.id]);
      assert.equal((await repositories.listForks(root.id, null, 'newest', { limit: 1, offset: 0 })).total, 2);
    });

    test('private forks are listed for those who reach them', async () => {
      const [parent, mine, theirs] = await opened.store.write(async (tx) => {
        const root = await addRepository(tx, owner.id);
        return [root, await addFork(tx, root), await addFork(tx, root)] as const;
      });
      const seenBy = async (userId: number | null, siteAdmin = false) => {
        const viewer = userId === null ? null : { userId, siteAdmin };
        return (await opened.store.read.repositories.listForks(parent.id, viewer, 'oldest', all)).items.map(({ id }) => id);
      };
      assert.deepEqual(await seenBy(null), []);
      assert.deepEqual(await seenBy(mine.ownerId), [mine.id]);
      assert.deepEqual(await seenBy(owner.id), [], 'not even for the owner of what they were made of');
      assert.deepEqual(await seenBy(owner.id, true), [mine.id, theirs.id]);
    });

    test('forks of a root that is deleted are roots of what was made of them', async () => {
      const { root, older, younger, grandchild } = await family();
      await opened.store.write((tx) => tx.repositories.remove(root.id));
      assert.deepEqual(await places(older, younger, grandchild), [
        [null, null],
        [null, null],
        [older.id, older.id],
      ]);
    });

    test('forks of a fork that is deleted are forks of nothing, and what was made of them stays theirs', async () => {
      const { root, older, younger, grandchild } = await family();
      const great = await opened.store.write((tx) => addFork(tx, grandchild));
      const greater = await opened.store.write((tx) => addFork(tx, great));
      await opened.store.write((tx) => tx.repositories.remove(older.id));
      assert.deepEqual(await places(root, younger, grandchild, great, greater), [
        [null, null],
        [root.id, root.id],
        [null, null],
        [grandchild.id, grandchild.id],
        [great.id, grandchild.id],
      ]);
      assert.equal(await opened.store.read.repositories.countNetwork(root.id), 1);
    });

    test('a repository that leaves its network is there, and a fork of nothing', async () => {
      const { root, older, younger, grandchild } = await family();
      await opened.store.write((tx) => tx.repositories.leaveNetwork(root.id));
      assert.deepEqual(await places(root, older, younger, grandchild), [
        [null, null],
        [null, null],
        [null, null],
        [older.id, older.id],
      ]);
      await opened.store.write((tx) => tx.repositories.leaveNetwork(grandchild.id));
      assert.deepEqual(await places(older, younger, grandchild), [
        [null, null],
        [null, null],
        [null, null],
      ]);
    });

    test('leaving a network of one changes nothing', async () => {
      const alone = await opened.store.write((tx) => addRepository(tx, owner.id));
      await opened.store.write((tx) => tx.repositories.leaveNetwork(alone.id));
      assert.deepEqual(await opened.store.read.repositories.findById(alone.id), alone);
    });

    test('the limit of a fork stays when its parent goes', async () => {
      const [parent, fork] = await opened.store.write(async (tx) => {
        const root = await addRepository(tx, owner.id);
        return [root, await addFork(tx, root)] as const;
      });
      await opened.store.write((tx) => tx.repositories.remove(parent.id));
      assert.deepEqual(await opened.store.read.repositories.findById(fork.id), { ...fork, parentId: null, sourceId: null });
    });
  });

  test(`on ${database}, forking that nobody has switched on is off for what an organization keeps to itself`, async () => {
    await using opened = await openTestStore(database);
    const made = await opened.store.write(async (tx) => {
      const organization = await addOrganization(tx);
      const person = await addUser(tx);
      return {
        closed: await addRepository(tx, organization.id),
        inside: await addRepository(tx, organization.id, fresh('r'), { visibility: 'internal' }),
        open: await addRepository(tx, organization.id, fresh('r'), { visibility: 'public' }),
        personal: await addRepository(tx, person.id, fresh('r'), { settings: { ...defaultSettings, allowForking: true } }),
      };
    });
    const again = migrations(opened.engine.columns)['0007-forks']!;
    await opened.engine.transaction(async (db) => {
      for (const index of ['repository_parent', 'repository_source']) await db.schema.dropIndex(index).execute();
      for (const column of ['parent_id', 'source_id', 'visibility_limit', 'making'])
        await db.schema.alterTable('repository').dropColumn(column).execute();
      await again.up(db);
    });
    const allowed = async ({ id }: Repository) => (await opened.store.read.repositories.findById(id))?.settings.allowForking;
    assert.deepEqual(await Promise.all([made.closed, made.inside, made.open, made.personal].map(allowed)), [false, false, true, true]);
  });
}
