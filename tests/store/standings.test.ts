import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Organization, User } from '#model/account.ts';
import type { Repository } from '#model/repository.ts';
import { databases } from '../support/databases.ts';
import { openSql } from '../support/sql.ts';
import { addOrganization, addRepository, addTeam, addUser, fresh, openTestStore, type TestStore } from '../support/store.ts';

const nothing = { isPersonalOwner: false, direct: null, organization: null, basePermission: 0, teams: [] };

for (const database of databases) {
  describe(`paths to a repository on ${database}`, () => {
    let opened: TestStore;
    let organization: Organization;
    let repository: Repository;
    before(async () => {
      opened = await openTestStore(database);
      await opened.store.write(async (tx) => {
        organization = await addOrganization(tx, 'acme', 20);
        repository = await addRepository(tx, organization.id);
      });
    });
    after(() => opened[Symbol.asyncDispose]());

    const sourcesOf = async (user: User, now = Date.now()) => {
      const read = await opened.store.read.standings.readRungSources(user.id, repository.id, now);
      return { ...read, teams: read.teams.map(({ level, grant }) => ({ level, grant })) };
    };

    test('a stranger has none', async () => {
      const user = await opened.store.write((tx) => addUser(tx));
      assert.deepEqual(await sourcesOf(user), { ...nothing, basePermission: 20 });
    });

    test('who has a row of their own, as a member or a collaborator, is told of many at once', async () => {
      const [stranger, member, collaborator, both] = await opened.store.write(async (tx) => {
        const users = [await addUser(tx), await addUser(tx), await addUser(tx), await addUser(tx)] as const;
        for (const user of [users[1], users[3]]) await tx.organizations.setMembership(organization.id, user.id, 10);
        for (const user of [users[2], users[3]]) await tx.repositories.setCollaborator(repository.id, user.id, 20);
        return users;
      });
      const ids = [stranger, member, collaborator, both].map(({ id }) => id);
      const { standings } = opened.store.read;
      const { members, collaborators } = await standings.listTies(ids, repository, Date.now());
      assert.deepEqual([[...members].sort(), [...collaborators].sort()], [[member.id, both.id].sort(), [collaborator.id, both.id].sort()]);
      const elsewhere = await standings.listTies(ids, { id: repository.id + 1000, ownerId: stranger.id }, Date.now());
      assert.deepEqual([elsewhere.members.size, elsewhere.collaborators.size], [0, 0]);
      assert.equal((await standings.listTies([], repository, Date.now())).members.size, 0);
    });

    test('the owner of a personal repository is one', async () => {
      const [user, own] = await opened.store.write(async (tx) => {
        const added = await addUser(tx);
        return [added, await addRepository(tx, added.id)] as const;
      });
      const sources = await opened.store.read.standings.readRungSources(user.id, own.id, Date.now());
      assert.deepEqual(sources, { ...nothing, isPersonalOwner: true });
    });

    test('a direct row, a level in the organization and teams are told apart', async () => {
      const user = await opened.store.write(async (tx) => {
        const added = await addUser(tx);
        await tx.repositories.setCollaborator(repository.id, added.id, 25);
        await tx.organizations.setMembership(organization.id, added.id, 10);
        const team = await addTeam(tx, organization.id);
        await tx.teams.setMembership(team.id, added.id, 40);
        await tx.teams.setGrant(team.id, repository.id, 30);
        return added;
      });
      assert.deepEqual(await sourcesOf(user), {
        isPersonalOwner: false,
        direct: 25,
        organization: 10,
        basePermission: 20,
        teams: [{ level: 40, grant: 30 }],
      });
    });

    test('a grant of a parent comes down three levels, one of a child does not go up', async () => {
      const [low, high] = await opened.store.write(async (tx) => {
        const users = [await addUser(tx), await addUser(tx)] as const;
        const top = await addTeam(tx, organization.id);
        const middle = await addTeam(tx, organization.id, fresh('team'), top.id);
        const bottom = await addTeam(tx, organization.id, fresh('team'), middle.id);
        await tx.teams.setMembership(bottom.id, users[0].id, 40);
        await tx.teams.setMembership(top.id, users[1].id, 50);
        await tx.teams.setGrant(top.id, repository.id, 35);
        await tx.teams.setGrant(bottom.id, repository.id, 40);
        return users;
      });
      assert.deepEqual(
        (await sourcesOf(low)).teams.toSorted((a, b) => a.grant - b.grant),
        [
          { level: 40, grant: 35 },
          { level: 40, grant: 40 },
        ],
      );
      assert.deepEqual((await sourcesOf(high)).teams, [{ level: 50, grant: 35 }]);
    });

    test('expired rows are left out, at the moment that was asked for', async () => {
      const user = await opened.store.write(async (tx) => {
        const added = await addUser(tx);
        const team = await addTeam(tx, organization.id);
        await tx.repositories.setCollaborator(repository.id, added.id, 40);
        await tx.organizations.setMembership(organization.id, added.id, 50);
        await tx.teams.setMembership(team.id, added.id, 40);
        await tx.teams.setGrant(team.id, repository.id, 40);
        return added;
      });
      const end = 1_800_000_000_000;
      await using sql = await openSql(opened.place);
      for (const table of ['collaborator', 'organization_member', 'team_member'])
        await sql.run(`update ${table} set expires_at = ${end} where user_id = ${user.id}`);
      const live = { isPersonalOwner: false, direct: 40, organization: 50, basePermission: 20, teams: [{ level: 40, grant: 40 }] };
      assert.deepEqual(await sourcesOf(user, end - 1), live);
      assert.deepEqual(await sourcesOf(user, end), { ...nothing, basePermission: 20 });
    });

    test('many repositories are read at once; those that are gone are left out', async () => {
      const [user, second] = await opened.store.write(async (tx) => {
        const added = await addUser(tx);
        const other = await addRepository(tx, organization.id);
        await tx.repositories.setCollaborator(other.id, added.id, 30);
        return [added, other] as const;
      });
      const { standings } = opened.store.read;
      const many = await standings.readRungSourcesOfMany(user.id, [repository.id, second.id, 999_999], Date.now());
      assert.deepEqual(
        [...many.keys()].sort((a, b) => a - b),
        [repository.id, second.id],
      );
      assert.equal(many.get(second.id)?.direct, 30);
      assert.equal(many.get(repository.id)?.direct, null);
      assert.equal((await standings.readRungSourcesOfMany(user.id, [], Date.now())).size, 0);
      await assert.rejects(standings.readRungSources(user.id, 999_999, Date.now()), /999999 is gone/);
    });
  });

  describe(`teams that count for somebody on ${database}`, () => {
    let opened: TestStore;
    before(async () => {
      opened = await openTestStore(database);
    });
    after(() => opened[Symbol.asyncDispose]());

    test('direct ones, and with all parents; those of other organizations not', async () => {
      const made = await opened.store.write(async (tx) => {
        const [organization, other] = [await addOrganization(tx), await addOrganization(tx)];
        const top = await addTeam(tx, organization.id);
        const middle = await addTeam(tx, organization.id, fresh('team'), top.id);
        const low = await addTeam(tx, organization.id, fresh('team'), middle.id);
        const away = await addTeam(tx, other.id);
        const user = await addUser(tx);
        for (const team of [low, away]) await tx.teams.setMembership(team.id, user.id, 40);
        return { organization, top, middle, low, user };
      });
      const teams = await opened.store.read.standings.readTeams(made.user.id, made.organization.id);
      assert.deepEqual(teams.direct, [made.low.id]);
      assert.deepEqual(
        teams.all.toSorted((a, b) => a - b),
        [made.top.id, made.middle.id, made.low.id],
      );
      assert.deepEqual(await opened.store.read.standings.readTeams(999_999, made.organization.id), { direct: [], all: [] });
    });

    test('an expired membership counts for nothing', async () => {
      const made = await opened.store.write(async (tx) => {
        const organization = await addOrganization(tx);
        const top = await addTeam(tx, organization.id);
        const low = await addTeam(tx, organization.id, fresh('team'), top.id);
        const user = await addUser(tx);
        await tx.teams.setMembership(low.id, user.id, 40);
        return { organization, user };
      });
      await using sql = await openSql(opened.place);
      await sql.run(`update team_member set expires_at = ${Date.now() - 1000} where user_id = ${made.user.id}`);
      assert.deepEqual(await opened.store.read.standings.readTeams(made.user.id, made.organization.id), { direct: [], all: [] });
      const locked = await opened.store.write((tx) => tx.standings.readTeams(made.user.id, made.organization.id));
      assert.deepEqual(locked, { direct: [], all: [] });
    });
  });
}
