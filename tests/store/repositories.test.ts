import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Organization, User } from '#model/account.ts';
import { defaultSettings, type Repository } from '#model/repository.ts';
import { databases } from '../support/databases.ts';
import { openSql } from '../support/sql.ts';
import { addOrganization, addRepository, addTeam, addUser, fresh, openTestStore, type TestStore } from '../support/store.ts';

const all = { limit: 100, offset: 0 };
const ids = (items: readonly { readonly id: number }[]): number[] => items.map((item) => item.id);

for (const database of databases) {
  describe(`repositories on ${database}`, () => {
    let opened: TestStore;
    let owner: User;
    before(async () => {
      opened = await openTestStore(database);
      owner = await opened.store.write((tx) => addUser(tx));
    });
    after(() => opened[Symbol.asyncDispose]());

    test('a repository is read back as written', async () => {
      const { store } = opened;
      const made = await store.write((tx) =>
        addRepository(tx, owner.id, 'Whole.Thing', {
          description: 'a “thing”',
          homepage: 'https://example.com',
          visibility: 'internal',
          archived: true,
          objectFormat: 'sha256',
          settings: { ...defaultSettings, hasWiki: false },
        }),
      );
      assert.deepEqual(await store.read.repositories.findById(made.id), made);
      assert.equal(made.settings.hasWiki, false);
      assert.equal(made.objectFormat, 'sha256');
      assert.equal(made.archived, true);
      assert.equal(made.pushedAt, null);
    });

    test('names and owners are found without regard to case; the case is kept', async () => {
      const { store } = opened;
      const made = await store.write((tx) => addRepository(tx, owner.id, 'MixedCase'));
      assert.equal((await store.read.repositories.findByName(owner.id, 'mixedCASE'))?.name, 'MixedCase');
      assert.equal((await store.read.repositories.findByPath(owner.login.toUpperCase(), 'mixedcase'))?.id, made.id);
      assert.equal(await store.read.repositories.findByPath('nobody-here', 'MixedCase'), null);
      assert.equal(await store.read.repositories.findByPath(owner.login, 'nothing-here'), null);
      assert.equal(await store.read.repositories.findById(999_999), null);
    });

    test('a name is taken within one owner, in any case', async () => {
      const { store } = opened;
      const name = fresh('Once');
      await store.write((tx) => addRepository(tx, owner.id, name));
      await assert.rejects(store.write((tx) => addRepository(tx, owner.id, name.toLowerCase())));
      await store.write(async (tx) => addRepository(tx, (await addUser(tx)).id, name));
    });

    test('a change touches what it names; a push is not a change of the repository', async () => {
      const { store } = opened;
      const made = await store.write((tx) => addRepository(tx, owner.id));
      const name = fresh('Renamed');
      const at = await store.write(async (tx) => {
        await tx.repositories.update(made.id, { name, visibility: 'public', defaultBranch: 'trunk' });
        return tx.now;
      });
      const changed = { ...made, name, visibility: 'public', defaultBranch: 'trunk', updatedAt: at } as const;
      assert.deepEqual(await store.read.repositories.findById(made.id), changed);
      assert.equal(await store.read.repositories.findByName(owner.id, made.name), null);
      await store.write((tx) => tx.repositories.update(made.id, { pushedAt: 12_345 }));
      assert.deepEqual(await store.read.repositories.findById(made.id), { ...changed, pushedAt: 12_345 });
    });

    test('an old name leads to the repository until another one has the name', async () => {
      const { store } = opened;
      const old = fresh('Old');
      const made = await store.write(async (tx) => {
        const added = await addRepository(tx, owner.id, old);
        await tx.repositories.recordRename(owner.id, old, added.id);
        await tx.repositories.update(added.id, { name: fresh('new') });
        return added;
      });
      assert.equal(await store.read.repositories.findRenamed(owner.id, old.toUpperCase()), made.id);
      assert.equal(await store.read.repositories.findRenamed(owner.id, 'never'), null);
      const second = await store.write((tx) => addRepository(tx, owner.id, old));
      assert.equal(await store.read.repositories.findRenamed(owner.id, old), null);
      await store.write(async (tx) => {
        await tx.repositories.recordRename(owner.id, old, second.id);
        await tx.repositories.update(second.id, { name: fresh('newer') });
      });
      assert.equal(await store.read.repositories.findRenamed(owner.id, old), second.id);
    });

    test('lists keep the order asked for, pages know the total', async () => {
      const { store } = opened;
      const [someone, made] = await store.write(async (tx) => {
        const user = await addUser(tx);
        const added: Repository[] = [];
        for (let n = 0; n < 5; n++) added.push(await addRepository(tx, user.id));
        return [user, added] as const;
      });
      const [a, , c, d, e] = made as [Repository, Repository, Repository, Repository, Repository];
      assert.deepEqual(ids(await store.read.repositories.listByIds([c.id, 999_999, a.id])), [c.id, a.id]);
      assert.deepEqual(await store.read.repositories.listByIds([]), []);
      const page = await store.read.repositories.listOfUser(someone.id, 'all', { limit: 2, offset: 2 });
      assert.deepEqual(ids(page.items), [c.id, d.id]);
      assert.equal(page.total, 5);
      assert.deepEqual(await store.read.repositories.listOfUser(someone.id, 'all', { limit: 2, offset: 50 }), { items: [], total: 5 });
      await store.write((tx) => tx.repositories.update(d.id, { visibility: 'public' }));
      assert.deepEqual(ids((await store.read.repositories.listOfUser(someone.id, 'public', { limit: 9, offset: 0 })).items), [d.id]);
      const known = await store.read.repositories.listAllIds();
      assert.deepEqual(
        known.filter((id) => id >= a.id && id <= e.id),
        ids(made),
      );
    });

    test('collaborators are set, changed, listed and removed', async () => {
      const { store } = opened;
      const [repository, one, two] = await store.write(async (tx) => {
        const made = await addRepository(tx, owner.id);
        const users = [await addUser(tx), await addUser(tx)] as const;
        await tx.repositories.setCollaborator(made.id, users[0].id, 20);
        await tx.repositories.setCollaborator(made.id, users[0].id, 40);
        await tx.repositories.setCollaborator(made.id, users[1].id, 30);
        return [made, ...users] as const;
      });
      const found = await store.read.repositories.findCollaborator(repository.id, one.id);
      assert.deepEqual({ ...found }, { userId: one.id, level: 40, expiresAt: null });
      assert.equal(await store.read.repositories.findCollaborator(repository.id, owner.id), null);
      const page = await store.read.repositories.listCollaborators(repository.id, { limit: 1, offset: 1 });
      assert.deepEqual(
        page.items.map((row) => [row.user.login, row.level]),
        [[two.login, 30]],
      );
      assert.equal(page.total, 2);
      assert.deepEqual(await store.read.repositories.listCollaborators(repository.id, { limit: 1, offset: 9 }), { items: [], total: 2 });
      assert.equal(await store.write((tx) => tx.repositories.removeCollaborator(repository.id, one.id)), true);
      assert.equal(await store.write((tx) => tx.repositories.removeCollaborator(repository.id, one.id)), false);
    });

    test('a repository takes everything that is about it with it, and nothing else', async () => {
      const { store } = opened;
      const name = fresh('gone');
      const [gone, kept, user, team] = await store.write(async (tx) => {
        const organization = await addOrganization(tx);
        const [first, second] = [await addRepository(tx, organization.id, name), await addRepository(tx, organization.id)];
        const [person, group] = [await addUser(tx), await addTeam(tx, organization.id)];
        for (const each of [first, second]) {
          await tx.repositories.setCollaborator(each.id, person.id, 40);
          await tx.teams.setGrant(group.id, each.id, 30);
          await tx.branchRenames.record(each.id, 'old', 'new');
          await tx.rules.insertProtection({
            owner: { repository: each.id },
            origin: 'github',
            pattern: 'main',
            rules: [],
            enforceAdmins: true,
            manage: [],
            native: { demandsReason: false, acceptsElevated: true },
          });
          await tx.repositories.recordRename(organization.id, `${each.name}-once`, each.id);
        }
        await tx.repositories.remove(first.id);
        return [first, second, person, group] as const;
      });
      assert.equal(await store.read.repositories.findById(gone.id), null);
      for (const [repository, left] of [
        [gone, 0],
        [kept, 1],
      ] as const) {
        assert.equal((await store.read.rules.listProtections(repository.id, 0)).length, left);
        assert.equal((await store.read.repositories.listCollaborators(repository.id, all)).total, left);
        assert.equal((await store.read.teams.listOfRepository(repository.id, all)).total, left);
      }
      assert.equal((await store.read.teams.listGrants(team.id, all)).total, 1);
      assert.equal(await store.read.repositories.findCollaborator(gone.id, user.id), null);
      assert.equal(await store.read.branchRenames.findNewName(gone.id, 'old'), null);
      assert.equal(await store.read.repositories.findRenamed(gone.ownerId, `${gone.name}-once`), null);
      const again = await store.write((tx) => addRepository(tx, gone.ownerId, name));
      assert.ok(again.id > kept.id, 'the id of a repository that is gone is never given again');
    });
  });

  describe(`whose repositories somebody sees, on ${database}`, () => {
    let opened: TestStore;
    let organization: Organization;
    let visible: Record<'open' | 'inside' | 'closed' | 'granted', Repository>;
    before(async () => {
      opened = await openTestStore(database);
      await opened.store.write(async (tx) => {
        organization = await addOrganization(tx);
        visible = {
          open: await addRepository(tx, organization.id, 'open', { visibility: 'public' }),
          inside: await addRepository(tx, organization.id, 'inside', { visibility: 'internal' }),
          closed: await addRepository(tx, organization.id, 'closed'),
          granted: await addRepository(tx, organization.id, 'granted'),
        };
      });
    });
    after(() => opened[Symbol.asyncDispose]());

    const listed = async (userId: number | null, siteAdmin = false): Promise<string[]> => {
      const viewer = userId === null ? null : { userId, siteAdmin };
      return (await opened.store.read.repositories.listOfOwner(organization.id, viewer, all)).items.map((one) => one.name);
    };

    test('nobody sees what is public, everybody signed in also what is internal, a site admin all', async () => {
      const stranger = await opened.store.write((tx) => addUser(tx));
      assert.deepEqual(await listed(null), ['open']);
      assert.deepEqual(await listed(stranger.id), ['open', 'inside']);
      assert.deepEqual(await listed(stranger.id, true), ['open', 'inside', 'closed', 'granted']);
    });

    test('a collaborator sees their repository', async () => {
      const user = await opened.store.write(async (tx) => {
        const added = await addUser(tx);
        await tx.repositories.setCollaborator(visible.granted.id, added.id, 20);
        return added;
      });
      assert.deepEqual(await listed(user.id), ['open', 'inside', 'granted']);
      assert.deepEqual(ids((await opened.store.read.repositories.listOfUser(user.id, 'all', all)).items), [visible.granted.id]);
    });

    test('a member of a team three levels below the one with the grant sees it', async () => {
      const user = await opened.store.write(async (tx) => {
        const added = await addUser(tx);
        const top = await addTeam(tx, organization.id);
        const middle = await addTeam(tx, organization.id, fresh('team'), top.id);
        const low = await addTeam(tx, organization.id, fresh('team'), middle.id);
        await tx.teams.setGrant(top.id, visible.granted.id, 20);
        await tx.teams.setMembership(low.id, added.id, 40);
        return added;
      });
      assert.deepEqual(await listed(user.id), ['open', 'inside', 'granted']);
    });

    test('a plain member sees what the base permission opens, an owner everything', async () => {
      const [member, boss] = await opened.store.write(async (tx) => {
        const users = [await addUser(tx), await addUser(tx)] as const;
        await tx.organizations.setMembership(organization.id, users[0].id, 10);
        await tx.organizations.setMembership(organization.id, users[1].id, 50);
        return users;
      });
      assert.deepEqual(await listed(member.id), ['open', 'inside']);
      assert.deepEqual(await listed(boss.id), ['open', 'inside', 'closed', 'granted']);
      await opened.store.write((tx) => tx.accounts.updateOrganization(organization.id, { basePermission: 20 }));
      assert.deepEqual(await listed(member.id), ['open', 'inside', 'closed', 'granted']);
      await opened.store.write((tx) => tx.accounts.updateOrganization(organization.id, { basePermission: 0 }));
    });

    test('rows that have expired show nothing', async () => {
      const user = await opened.store.write(async (tx) => {
        const added = await addUser(tx);
        const team = await addTeam(tx, organization.id);
        await tx.repositories.setCollaborator(visible.closed.id, added.id, 40);
        await tx.organizations.setMembership(organization.id, added.id, 50);
        await tx.teams.setGrant(team.id, visible.granted.id, 40);
        await tx.teams.setMembership(team.id, added.id, 40);
        return added;
      });
      assert.deepEqual(await listed(user.id), ['open', 'inside', 'closed', 'granted']);
      await using sql = await openSql(opened.place);
      for (const table of ['collaborator', 'organization_member', 'team_member'])
        await sql.run(`update ${table} set expires_at = ${Date.now() - 1000} where user_id = ${user.id}`);
      assert.deepEqual(await listed(user.id), ['open', 'inside']);
      assert.deepEqual(await opened.store.read.repositories.listOfUser(user.id, 'all', all), { items: [], total: 0 });
    });
  });
}
