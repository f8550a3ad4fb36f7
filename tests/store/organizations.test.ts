import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Organization, User } from '#model/account.ts';
import { databases } from '../support/databases.ts';
import { addOrganization, addUser, openTestStore, type TestStore } from '../support/store.ts';

for (const database of databases) {
  describe(`organizations on ${database}`, () => {
    let opened: TestStore;
    let organization: Organization;
    let people: User[];
    before(async () => {
      opened = await openTestStore(database);
      await opened.store.write(async (tx) => {
        organization = await addOrganization(tx);
        people = [];
        for (const level of [50, 10, 50, 10, 10]) {
          const user = await addUser(tx);
          people.push(user);
          await tx.organizations.setMembership(organization.id, user.id, level);
        }
      });
    });
    after(() => opened[Symbol.asyncDispose]());

    const ids = (from: number, to?: number): number[] => people.slice(from, to).map((user) => user.id);

    test('a membership is found, and nobody else’s', async () => {
      const { organizations } = opened.store.read;
      assert.deepEqual(
        { ...(await organizations.findMembership(organization.id, people[0]!.id)) },
        {
          userId: people[0]!.id,
          level: 50,
          expiresAt: null,
        },
      );
      assert.equal(await organizations.findMembership(organization.id, 999_999), null);
      assert.equal(await organizations.findMembership(999_999, people[0]!.id), null);
    });

    test('members come in the order of ids, in pages that know the total', async () => {
      const { organizations } = opened.store.read;
      const first = await organizations.listMembers(organization.id, 0, { limit: 2, offset: 0 });
      assert.deepEqual(
        first.items.map((member) => member.user.id),
        ids(0, 2),
      );
      assert.equal(first.total, 5);
      assert.equal(first.items[0]!.user.login, people[0]!.login);
      assert.equal(first.items[0]!.level, 50);
      const last = await organizations.listMembers(organization.id, 0, { limit: 2, offset: 4 });
      assert.deepEqual(
        last.items.map((member) => member.userId),
        ids(4),
      );
      assert.equal(last.total, 5);
    });

    test('a page beyond the end is empty and still knows the total', async () => {
      const beyond = await opened.store.read.organizations.listMembers(organization.id, 0, { limit: 2, offset: 100 });
      assert.deepEqual(beyond, { items: [], total: 5 });
      const nowhere = await opened.store.read.organizations.listMembers(999_999, 0, { limit: 2, offset: 100 });
      assert.deepEqual(nowhere, { items: [], total: 0 });
    });

    test('a minimum level narrows the list and its total', async () => {
      const owners = await opened.store.read.organizations.listMembers(organization.id, 50, { limit: 10, offset: 0 });
      assert.deepEqual(
        owners.items.map((member) => member.userId),
        [people[0]!.id, people[2]!.id],
      );
      assert.equal(owners.total, 2);
    });

    test('setting a membership again replaces the level', async () => {
      const { store } = opened;
      const user = await store.write(async (tx) => {
        const added = await addUser(tx);
        await tx.organizations.setMembership(organization.id, added.id, 10);
        await tx.organizations.setMembership(organization.id, added.id, 50);
        return added;
      });
      assert.equal((await store.read.organizations.findMembership(organization.id, user.id))?.level, 50);
      assert.deepEqual(
        (await store.read.organizations.listOfUser(user.id)).map((one) => one.id),
        [organization.id],
      );
      assert.equal(await store.write((tx) => tx.organizations.removeMembership(organization.id, user.id)), true);
      assert.equal(await store.write((tx) => tx.organizations.removeMembership(organization.id, user.id)), false);
      assert.deepEqual(await store.read.organizations.listOfUser(user.id), []);
    });

    test('a membership of nobody is refused', async () => {
      await assert.rejects(opened.store.write((tx) => tx.organizations.setMembership(organization.id, 999_999, 10)));
    });
  });
}
