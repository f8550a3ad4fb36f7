import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installedApp } from './support/app.ts';
import { refused } from './support/refusals.ts';
import { allOff } from './support/settings.ts';
import { here, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename, async (ready) => {
  const { cast, as } = ready;
  const { teams } = as(cast.owner).rest;
  for (const [name, permission] of [
    ['core', 'push'],
    ['ops', 'admin'],
  ] as const) {
    await teams.create({ org: 'acme', name, privacy: 'closed' });
    await teams.addOrUpdateRepoPermissionsInOrg({ org: 'acme', team_slug: name, ...here, permission });
  }
  for (const slug of ['relbot', 'depbot']) await installedApp(ready, cast.owner, 'acme', slug, { contents: 'write' });
});
const admin = () => stage.as(stage.cast.maintainer).rest.repos;
type At = typeof here & { readonly branch: string };
type Shown = Promise<{ readonly status: number; readonly data: readonly unknown[] }>;

/** One of the three lists, by Octokit's own methods. */
interface List {
  readonly name: 'users' | 'teams' | 'apps';
  readonly key: 'login' | 'slug';
  readonly members: readonly [string, string];
  readonly get: (at: At) => Shown;
  readonly add: (at: At, names: string[]) => Shown;
  readonly set: (at: At, names: string[]) => Shown;
  readonly remove: (at: At, names: string[]) => Shown;
}

const lists: readonly List[] = [
  {
    name: 'users',
    key: 'login',
    members: ['dev', 'mona'],
    get: (at) => admin().getUsersWithAccessToProtectedBranch(at),
    add: (at, users) => admin().addUserAccessRestrictions({ ...at, users }),
    set: (at, users) => admin().setUserAccessRestrictions({ ...at, users }),
    remove: (at, users) => admin().removeUserAccessRestrictions({ ...at, users }),
  },
  {
    name: 'teams',
    key: 'slug',
    members: ['core', 'ops'],
    get: (at) => admin().getTeamsWithAccessToProtectedBranch(at),
    add: (at, teams) => admin().addTeamAccessRestrictions({ ...at, teams }),
    set: (at, teams) => admin().setTeamAccessRestrictions({ ...at, teams }),
    remove: (at, teams) => admin().removeTeamAccessRestrictions({ ...at, teams }),
  },
  {
    name: 'apps',
    key: 'slug',
    members: ['relbot', 'depbot'],
    get: (at) => admin().getAppsWithAccessToProtectedBranch(at),
    add: (at, apps) => admin().addAppAccessRestrictions({ ...at, apps }),
    set: (at, apps) => admin().setAppAccessRestrictions({ ...at, apps }),
    remove: (at, apps) => admin().removeAppAccessRestrictions({ ...at, apps }),
  },
];

const nobody = { restrictions: { users: [], teams: [], apps: [] } };

for (const { name, key, members, get, add, set, remove } of lists) {
  const [first, second] = members;
  const names = async (call: Shown): Promise<[number, unknown[]]> => {
    const { status, data } = await call;
    return [status, data.map((item) => (item as Record<string, unknown>)[key])];
  };

  test(`${name} are listed, added, replaced and removed, as a bare list`, async () => {
    const at = await stage.branch(`bare/${name}`);
    await admin().updateBranchProtection({ ...at, ...allOff(), ...nobody });
    assert.deepEqual(await names(get(at)), [200, []]);
    assert.deepEqual(await names(add(at, [second])), [200, [second]]);
    assert.deepEqual(await names(add(at, [second])), [200, [second]]);
    assert.deepEqual(await names(add(at, [first])), [200, [second, first]]);
    assert.deepEqual(await names(set(at, [first])), [200, [first]]);
    assert.deepEqual(await names(set(at, [first, second])), [200, [first, second]]);
    assert.deepEqual(await names(remove(at, [first])), [200, [second]]);
    assert.deepEqual(await names(remove(at, [first])), [200, [second]]);
    assert.deepEqual(await names(set(at, [])), [200, []]);
    assert.deepEqual(await names(get(at)), [200, []]);
    const { data } = await admin().getAccessRestrictions(at);
    assert.deepEqual([data.users, data.teams, data.apps], [[], [], []]);
  });

  test(`${name} are added, replaced and removed in an object too`, async () => {
    const at = await stage.branch(`object/${name}`);
    await admin().updateBranchProtection({ ...at, ...allOff(), ...nobody });
    const send = (method: string, list: readonly string[]) =>
      names(
        stage
          .as(stage.cast.maintainer)
          .request(`${method} /repos/{owner}/{repo}/branches/{branch}/protection/restrictions/${name}`, { ...at, [name]: list }),
      );
    assert.deepEqual(await send('POST', [first]), [200, [first]]);
    assert.deepEqual(await send('PUT', [second, first]), [200, [second, first]]);
    assert.deepEqual(await send('DELETE', [second]), [200, [first]]);
  });

  test(`a change of ${name} leaves the other lists alone`, async () => {
    const at = await stage.branch(`others/${name}`);
    const full = Object.fromEntries(lists.map((list) => [list.name, [...list.members]])) as { users: string[]; teams: string[] };
    const { data: before } = await admin().updateBranchProtection({ ...at, ...allOff(), restrictions: full });
    await set(at, [second]);
    await remove(at, [second]);
    await set(at, [...members]);
    assert.deepEqual((await admin().getBranchProtection(at)).data, before);
  });

  test(`${name} do not exist while nothing is restricted`, async () => {
    const at = await stage.branch(`off/${name}`);
    const calls = [() => get(at), () => add(at, [first]), () => set(at, [first]), () => remove(at, [first])];
    for (const call of calls) await refused(call(), 404, 'Branch not protected');
    await admin().updateBranchProtection({ ...at, ...allOff() });
    for (const call of calls) await refused(call(), 404, 'Push restrictions not enabled');
    await refused(get({ ...here, branch: 'nowhere' }), 404, 'Branch not found');
  });

  test(`what is no list of ${name} is refused by every method`, async () => {
    const at = await stage.branch(`odd/${name}`);
    await admin().updateBranchProtection({ ...at, ...allOff(), ...nobody });
    await set(at, [first]);
    for (const body of ['[1]', '[null]', '{"others": []}', '{}', `"${first}"`, `{"${name}": "${first}"}`, '']) {
      for (const method of ['POST', 'PUT', 'DELETE']) {
        const path = `/repos/acme/app/branches/${at.branch}/protection/restrictions/${name}`;
        const answer = await stage.raw(stage.cast.maintainer, method, path, { body });
        assert.equal(answer.status, 422, `${method} ${body}`);
        assert.match(((await answer.json()) as { message: string }).message, /^Invalid request\.\n\n./);
      }
    }
    assert.deepEqual(await names(get(at)), [200, [first]]);
  });
}

test('restrictions are read by themselves as within the protection, and removed once', async () => {
  const at = await stage.branch('whole');
  await refused(admin().getAccessRestrictions(at), 404, 'Branch not protected');
  await refused(admin().deleteAccessRestrictions(at), 404, 'Branch not protected');
  const restrictions = { users: ['dev'], teams: ['core'], apps: ['relbot'] };
  const { data } = await admin().updateBranchProtection({ ...at, ...allOff(), restrictions, block_creations: true });
  assert.equal(data.block_creations?.enabled, true);
  assert.deepEqual((await admin().getAccessRestrictions(at)).data, data.restrictions);
  assert.equal((await admin().deleteAccessRestrictions(at)).status, 204);
  await refused(admin().getAccessRestrictions(at), 404, 'Push restrictions not enabled');
  await refused(admin().deleteAccessRestrictions(at), 404, 'Push restrictions not enabled');
  const { data: left } = await admin().getBranchProtection(at);
  assert.equal('restrictions' in left, false);
});

test('each list has the address that its restrictions name', async () => {
  const at = await stage.branch('addresses');
  const { data } = await admin().updateBranchProtection({
    ...at,
    ...allOff(),
    restrictions: { users: ['dev'], teams: ['core'], apps: ['relbot'] },
  });
  const { url, users_url, teams_url, apps_url, users, teams, apps } = data.restrictions!;
  const read = async (address: string) => (await stage.as(stage.cast.maintainer).request(`GET ${address}`)).data;
  assert.deepEqual(await read(url), data.restrictions);
  assert.deepEqual([await read(users_url), await read(teams_url), await read(apps_url)], [users, teams, apps]);
});
