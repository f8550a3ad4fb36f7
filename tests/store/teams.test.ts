import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Organization, Team, User } from '#model/account.ts';
import type { Repository } from '#model/repository.ts';
import { databases } from '../support/databases.ts';
import { addOrganization, addRepository, addTeam, addUser, fresh, openTestStore, type TestStore } from '../support/store.ts';

const all = { limit: 100, offset: 0 };
const ids = (items: readonly { readonly id: number }[]): number[] => items.map((item) => item.id);

for (const database of databases) {
  describe(`teams on ${database}`, () => {
    let opened: TestStore;
    let organization: Organization;
    let other: Organization;
    /** `top` has the child `middle`, which has the child `low`. */
    let top: Team;
    let middle: Team;
    let low: Team;
    let boss: User;
    let worker: User;
    let repository: Repository;
    before(async () => {
      opened = await openTestStore(database);
      await opened.store.write(async (tx) => {
        organization = await addOrganization(tx);
        other = await addOrganization(tx);
        top = await addTeam(tx, organization.id, 'top');
        middle = await addTeam(tx, organization.id, 'middle', top.id);
        low = await addTeam(tx, organization.id, 'low', middle.id);
        boss = await addUser(tx);
        worker = await addUser(tx);
        repository = await addRepository(tx, organization.id);
      });
    });
    after(() => opened[Symbol.asyncDispose]());

    test('a team is read back as written, by id and by slug in any case', async () => {
      const { teams } = opened.store.read;
      assert.deepEqual(await teams.findById(top.id), top);
      assert.deepEqual(await teams.findBySlug(organization.id, 'TOP'), top);
      assert.equal(await teams.findBySlug(other.id, 'top'), null);
      assert.equal(await teams.findById(999_999), null);
      assert.equal(await teams.findById(organization.id), null);
    });

    test('lists follow the order asked for and leave out what is unknown', async () => {
      const { teams } = opened.store.read;
      assert.deepEqual(ids(await teams.listByIds([low.id, 999_999, top.id])), [low.id, top.id]);
      assert.deepEqual(ids(await teams.listBySlugs(organization.id, ['LOW', 'nope', 'top'])), [low.id, top.id]);
      assert.deepEqual(await teams.listByIds([]), []);
      assert.deepEqual(await teams.listBySlugs(organization.id, []), []);
      assert.deepEqual(await teams.listBySlugs(other.id, ['top']), []);
    });

    test('teams of an organization come in pages that know the total', async () => {
      const { teams } = opened.store.read;
      const page = await teams.listOfOrganization(organization.id, { limit: 2, offset: 1 });
      assert.deepEqual(ids(page.items), [middle.id, low.id]);
      assert.equal(page.total, 3);
      assert.deepEqual(await teams.listOfOrganization(organization.id, { limit: 2, offset: 9 }), { items: [], total: 3 });
    });

    test('a slug is taken within one organization only', async () => {
      await assert.rejects(opened.store.write((tx) => addTeam(tx, organization.id, 'top')));
      const twin = await opened.store.write((tx) => addTeam(tx, other.id, 'top'));
      assert.equal((await opened.store.read.teams.findBySlug(other.id, 'top'))?.id, twin.id);
    });

    test('accounts and teams share one sequence of ids', async () => {
      const made = await opened.store.write(async (tx) => [
        (await addUser(tx)).id,
        (await addTeam(tx, other.id)).id,
        (await addUser(tx)).id,
      ]);
      assert.equal(new Set(made).size, 3);
      assert.equal(await opened.store.read.accounts.findById(made[1]!), null);
    });

    test('members of child teams are members, each once, with the highest level', async () => {
      const { store } = opened;
      await store.write(async (tx) => {
        await tx.teams.setMembership(top.id, boss.id, 40);
        await tx.teams.setMembership(middle.id, boss.id, 50);
        await tx.teams.setMembership(low.id, worker.id, 40);
      });
      const members = await store.read.teams.listMembers(top.id, all);
      assert.deepEqual(
        members.items.map(({ userId, level, direct, user }) => [userId, Number(level), direct, user.login]),
        [
          [boss.id, 50, true, boss.login],
          [worker.id, 40, false, worker.login],
        ],
      );
      assert.equal(members.total, 2);
      assert.deepEqual(
        (await store.read.teams.listMembers(low.id, all)).items.map((member) => [member.userId, member.direct]),
        [[worker.id, true]],
      );
      assert.deepEqual(
        (await store.read.teams.listMembers(top.id, { limit: 1, offset: 1 })).items.map((one) => one.userId),
        [worker.id],
      );
      assert.deepEqual(await store.read.teams.listMembers(top.id, { limit: 1, offset: 7 }), { items: [], total: 2 });
      assert.deepEqual(ids(await store.read.teams.listOfUser(boss.id)), [top.id, middle.id]);
    });

    test('a membership is set, changed and removed', async () => {
      const { store } = opened;
      const user = await store.write(async (tx) => {
        const added = await addUser(tx);
        await tx.teams.setMembership(low.id, added.id, 40);
        await tx.teams.setMembership(low.id, added.id, 50);
        return added;
      });
      assert.deepEqual({ ...(await store.read.teams.findMembership(low.id, user.id)) }, { userId: user.id, level: 50, expiresAt: null });
      assert.equal(await store.read.teams.findMembership(top.id, user.id), null);
      assert.equal(await store.write((tx) => tx.teams.removeMembership(low.id, user.id)), true);
      assert.equal(await store.write((tx) => tx.teams.removeMembership(low.id, user.id)), false);
      assert.equal(await store.read.teams.findMembership(low.id, user.id), null);
    });

    test('leaving an organization ends its team memberships and no others', async () => {
      const { store } = opened;
      const { user, elsewhere } = await store.write(async (tx) => {
        const added = await addUser(tx);
        const away = await addTeam(tx, other.id);
        for (const team of [top, low, away]) await tx.teams.setMembership(team.id, added.id, 40);
        await tx.teams.removeFromOrganization(organization.id, added.id);
        return { user: added, elsewhere: away };
      });
      assert.deepEqual(ids(await store.read.teams.listOfUser(user.id)), [elsewhere.id]);
    });

    test('grants are set, changed, counted, listed from both ends and removed', async () => {
      const { store } = opened;
      const second = await store.write(async (tx) => {
        const added = await addRepository(tx, organization.id);
        await tx.teams.setGrant(top.id, repository.id, 20);
        await tx.teams.setGrant(top.id, repository.id, 30);
        await tx.teams.setGrant(top.id, added.id, 40);
        await tx.teams.setGrant(middle.id, repository.id, 25);
        return added;
      });
      const { teams } = store.read;
      assert.equal(await teams.findGrant(top.id, repository.id), 30);
      assert.equal(await teams.findGrant(low.id, repository.id), null);
      assert.deepEqual(await teams.listGrants(top.id, all), {
        items: [
          { repositoryId: repository.id, level: 30 },
          { repositoryId: second.id, level: 40 },
        ],
        total: 2,
      });
      assert.deepEqual(await teams.listGrants(top.id, { limit: 1, offset: 5 }), { items: [], total: 2 });
      const granted = await teams.listOfRepository(repository.id, { limit: 1, offset: 1 });
      assert.deepEqual(
        granted.items.map((team) => [team.id, team.level]),
        [[middle.id, 25]],
      );
      assert.equal(granted.total, 2);
      assert.deepEqual(await teams.countMembersAndGrants(top.id), { members: 1, repositories: 2 });
      assert.equal(await store.write((tx) => tx.teams.removeGrant(top.id, second.id)), true);
      assert.equal(await store.write((tx) => tx.teams.removeGrant(top.id, second.id)), false);
      assert.deepEqual(await teams.countMembersAndGrants(top.id), { members: 1, repositories: 1 });
    });

    test('a change touches what it names', async () => {
      const { store } = opened;
      const team = await store.write((tx) => addTeam(tx, other.id));
      const slug = fresh('renamed');
      await store.write((tx) => tx.teams.update(team.id, { slug, name: 'Renamed', privacy: 'secret', description: 'why' }));
      const present = await store.read.teams.findById(team.id);
      assert.deepEqual(
        { ...present, updatedAt: 0 },
        { ...team, slug, name: 'Renamed', privacy: 'secret', description: 'why', updatedAt: 0 },
      );
    });

    test('when a team goes, its children move up to its parent and its rows go with it', async () => {
      const { store } = opened;
      const [root, gone, child, user] = await store.write(async (tx) => {
        const first = await addTeam(tx, organization.id);
        const second = await addTeam(tx, organization.id, fresh('team'), first.id);
        const third = await addTeam(tx, organization.id, fresh('team'), second.id);
        const member = await addUser(tx);
        await tx.teams.setMembership(second.id, member.id, 40);
        await tx.teams.setGrant(second.id, repository.id, 40);
        await tx.teams.remove(second.id);
        return [first, second, third, member] as const;
      });
      assert.equal(await store.read.teams.findById(gone.id), null);
      assert.equal((await store.read.teams.findById(child.id))?.parentId, root.id);
      assert.equal(await store.read.teams.findMembership(gone.id, user.id), null);
      assert.equal(await store.read.teams.findGrant(gone.id, repository.id), null);
      await store.write((tx) => tx.teams.remove(root.id));
      assert.equal((await store.read.teams.findById(child.id))?.parentId, null);
    });
  });
}
