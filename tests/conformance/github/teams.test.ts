import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPersona } from '../../support/personas.ts';
import { refused, sentencesOf } from './support/refusals.ts';
import { here, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename, async ({ server, as, cast }) => {
  for (const login of ['ann', 'bob', 'cid']) {
    await createPersona(server, login);
    await as(cast.owner).rest.orgs.setMembershipForUser({ org: 'acme', username: login });
  }
});
const owner = () => stage.as(stage.cast.owner).rest.teams;
const org = 'acme';

test('a team is made, read, changed, listed and removed', async () => {
  const { status, data: made } = await owner().create({ org, name: 'Release Crew!', description: 'ships', privacy: 'closed' });
  assert.equal(status, 201);
  assert.deepEqual([made.slug, made.name, made.privacy, made.parent], ['release-crew', 'Release Crew!', 'closed', null]);
  const { data: read } = await owner().getByName({ org, team_slug: 'release-crew' });
  assert.deepEqual(read, made);
  assert.equal(read.html_url, `${stage.server.url}/orgs/acme/teams/release-crew`);
  assert.deepEqual([read.members_count, read.repos_count, read.organization.login], [0, 0, 'acme']);
  const { data: changed } = await owner().updateInOrg({
    org,
    team_slug: 'release-crew',
    name: 'Release',
    notification_setting: 'notifications_disabled',
  });
  assert.deepEqual([changed.slug, changed.description, changed.notification_setting], ['release', 'ships', 'notifications_disabled']);
  const { data: listed } = await owner().list({ org });
  assert.deepEqual(
    listed.map((team) => team.slug),
    ['release'],
  );
  assert.equal((await owner().deleteInOrg({ org, team_slug: 'release' })).status, 204);
  await refused(owner().getByName({ org, team_slug: 'release' }), 404, 'Not Found');
});

test('a team without more said is secret, and pulls', async () => {
  const { data } = await owner().create({ org, name: 'plain' });
  assert.deepEqual([data.privacy, data.permission, data.notification_setting], ['secret', 'pull', 'notifications_enabled']);
});

test('members come, are raised, and go; those of child teams are counted in', async () => {
  const parent = (await owner().create({ org, name: 'parent', privacy: 'closed', maintainers: ['ann'] })).data;
  const child = (await owner().create({ org, name: 'child', parent_team_id: parent.id })).data;
  assert.equal(child.privacy, 'closed');
  assert.equal(child.parent?.slug, 'parent');
  const added = await owner().addOrUpdateMembershipForUserInOrg({ org, team_slug: 'child', username: 'bob' });
  assert.deepEqual([added.data.role, added.data.state], ['member', 'active']);
  const logins = async (team_slug: string, role: 'member' | 'maintainer' | 'all' = 'all') =>
    (await owner().listMembersInOrg({ org, team_slug, role })).data.map((member) => member.login).sort();
  assert.deepEqual(await logins('parent'), ['ann', 'bob']);
  assert.deepEqual(await logins('parent', 'maintainer'), ['ann']);
  assert.deepEqual(await logins('child'), ['bob']);
  const raised = await owner().addOrUpdateMembershipForUserInOrg({ org, team_slug: 'child', username: 'bob', role: 'maintainer' });
  assert.equal(raised.data.role, 'maintainer');
  const read = await owner().getMembershipForUserInOrg({ org, team_slug: 'child', username: 'bob' });
  assert.deepEqual(read.data, raised.data);
  assert.equal((await owner().removeMembershipForUserInOrg({ org, team_slug: 'child', username: 'bob' })).status, 204);
  await refused(owner().getMembershipForUserInOrg({ org, team_slug: 'child', username: 'bob' }), 404, 'Not Found');
  assert.deepEqual(await logins('parent'), ['ann']);
});

test('a team is granted a repository, more of it, and nothing', async () => {
  await owner().create({ org, name: 'granted', privacy: 'closed' });
  await owner().addOrUpdateMembershipForUserInOrg({ org, team_slug: 'granted', username: 'cid' });
  const at = { org, team_slug: 'granted', ...here };
  const cid = async () =>
    (await owner().listReposInOrg({ org, team_slug: 'granted' })).data.map(({ name, permissions }) => [name, permissions]);
  await refused(owner().checkPermissionsForRepoInOrg(at), 404, 'Not Found');
  const flags = { admin: false, maintain: false, push: false, triage: true, pull: true };
  assert.equal((await owner().addOrUpdateRepoPermissionsInOrg({ ...at, permission: 'triage' })).status, 204);
  assert.deepEqual(await cid(), [['app', flags]]);
  assert.equal((await owner().checkPermissionsForRepoInOrg(at)).status, 204);
  await owner().addOrUpdateRepoPermissionsInOrg({ ...at, permission: 'push' });
  const shown = await owner().checkPermissionsForRepoInOrg({ ...at, mediaType: { format: 'repository+json' } });
  assert.equal(shown.status, 200);
  assert.deepEqual([shown.data.full_name, shown.data.role_name, shown.data.permissions], ['acme/app', 'write', { ...flags, push: true }]);
  const { data: teams } = await stage.as(stage.cast.maintainer).rest.repos.listTeams(here);
  assert.deepEqual(
    teams.map((team) => [team.slug, team.permission, team.permissions]),
    [['granted', 'push', { ...flags, push: true }]],
  );
  assert.equal((await owner().removeRepoInOrg(at)).status, 204);
  assert.deepEqual(await cid(), []);
  await refused(owner().checkPermissionsForRepoInOrg(at), 404, 'Not Found');
});

test('a child team reaches what its parent is granted', async () => {
  const parent = (await owner().create({ org, name: 'upper', privacy: 'closed', permission: 'push', repo_names: ['acme/app'] })).data;
  await owner().create({ org, name: 'lower', parent_team_id: parent.id });
  await owner().addOrUpdateMembershipForUserInOrg({ org, team_slug: 'lower', username: 'ann' });
  const { data } = await stage.as(stage.cast.owner).rest.repos.getCollaboratorPermissionLevel({ ...here, username: 'ann' });
  assert.equal(data.permission, 'write');
  const { repos } = stage.as(stage.cast.maintainer).rest;
  await repos.updateBranchProtection({
    ...here,
    branch: 'main',
    required_status_checks: null,
    enforce_admins: null,
    required_pull_request_reviews: null,
    restrictions: { users: [], teams: ['lower'] },
  });
  const { data: restricted } = await repos.getTeamsWithAccessToProtectedBranch({ ...here, branch: 'main' });
  assert.deepEqual(
    restricted.map((team) => [team.slug, team.parent?.slug]),
    [['lower', 'upper']],
  );
});

test('a team answers by its ids as by its names', async () => {
  const { data: team } = await owner().create({ org, name: 'numbered', privacy: 'closed' });
  const base = `/organizations/${team.organization.id}/team/${team.id}`;
  assert.equal(team.url, `${stage.server.url}/api/v3${base}`);
  const request = stage.as(stage.cast.owner).request;
  assert.deepEqual((await request(`GET ${base}`)).data, team);
  assert.equal((await request(`PATCH ${base}`, { description: 'by number' })).data.description, 'by number');
  assert.equal((await request(`PUT ${base}/memberships/bob`, { role: 'member' })).data.role, 'member');
  assert.equal((await request(`GET ${base}/memberships/bob`)).data.state, 'active');
  assert.deepEqual((await request(`GET ${base}/members`)).data.length, 1);
  assert.equal((await request(`PUT ${base}/repos/acme/app`, { permission: 'push' })).status, 204);
  assert.equal((await request(`GET ${base}/repos/acme/app`)).status, 204);
  assert.equal((await request(`GET ${base}/repos`)).data.length, 1);
  assert.equal((await request(`DELETE ${base}/repos/acme/app`)).status, 204);
  assert.equal((await request(`DELETE ${base}/memberships/bob`)).status, 204);
  assert.equal((await request(`DELETE ${base}`)).status, 204);
  await refused(request(`GET ${base}`), 404, 'Not Found');
});

for (const [what, body] of [
  ['a name that is taken', { name: 'taken' }],
  ['a parent that is none', { name: 'orphan', parent_team_id: 999_999 }],
  ['a maintainer that is nobody', { name: 'led', maintainers: ['nobody-here'] }],
  ['a name of nothing that a slug could be made of', { name: '!!!' }],
] as const) {
  test(`a team with ${what} is not made`, async () => {
    await owner()
      .create({ org, name: 'taken' })
      .catch(() => undefined);
    const { data } = await refused(owner().create({ org, ...body } as never), 422, 'Validation Failed');
    assert.equal(sentencesOf(data).length, 1);
  });
}

test('a team of no possible kind is refused in the words of a schema', async () => {
  await refused(owner().create({ org } as never), 422, `Invalid request.\n\n"name" wasn't supplied.`);
  await refused(
    owner().create({ org, name: 'x', privacy: 'open' as 'secret' }),
    422,
    'Invalid request.\n\nopen is not a member of ["secret", "closed"].',
  );
});

test('teams are the owners’ and their maintainers’ to change', async () => {
  await owner().create({ org, name: 'kept', privacy: 'closed' });
  const { teams } = stage.as(stage.cast.outsider).rest;
  await refused(teams.getByName({ org, team_slug: 'kept' }), 404, 'Not Found');
  await refused(teams.deleteInOrg({ org, team_slug: 'kept' }), 404, 'Not Found');
  await refused(teams.create({ org, name: 'mine' }), 403, /./);
  await refused(teams.addOrUpdateMembershipForUserInOrg({ org, team_slug: 'kept', username: 'ova' }), 404, 'Not Found');
  assert.equal((await owner().getByName({ org, team_slug: 'kept' })).data.members_count, 0);
});
