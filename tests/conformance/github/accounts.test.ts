import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mint } from '../../support/personas.ts';
import { installedApp } from './support/app.ts';
import { refused, sentencesOf } from './support/refusals.ts';
import { stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename);

/** Keys of a user wherever one is mentioned, in GitHub's order. */
const simpleUser = [
  'login',
  'id',
  'node_id',
  'avatar_url',
  'gravatar_id',
  'url',
  'html_url',
  'followers_url',
  'following_url',
  'gists_url',
  'starred_url',
  'subscriptions_url',
  'organizations_url',
  'repos_url',
  'events_url',
  'received_events_url',
  'type',
  'site_admin',
  'user_view_type',
];

test('one reads oneself with an address, others without', async () => {
  const octokit = stage.as(stage.cast.developer);
  const { data: self } = await octokit.rest.users.getAuthenticated();
  assert.equal(self.login, 'dev');
  assert.equal(self.email, 'dev@example.com');
  const { data: other } = await octokit.rest.users.getByUsername({ username: 'MONA' });
  assert.deepEqual([other.login, other.email, other.type, other.site_admin], ['mona', null, 'User', false]);
  assert.deepEqual(Object.keys(other).slice(0, simpleUser.length), simpleUser);
  const { data: admin } = await octokit.rest.users.getByUsername({ username: 'admin' });
  assert.equal(admin.site_admin, true);
});

test('templates in the addresses of a user keep their braces', async () => {
  const { data } = await stage.as(null).rest.users.getByUsername({ username: 'dev' });
  const url = `${stage.server.url}/api/v3/users/dev`;
  assert.equal(data.url, url);
  assert.equal(data.following_url, `${url}/following{/other_user}`);
  assert.equal(data.gists_url, `${url}/gists{/gist_id}`);
  assert.equal(data.starred_url, `${url}/starred{/owner}{/repo}`);
  assert.equal(data.events_url, `${url}/events{/privacy}`);
  assert.equal(data.gravatar_id, '');
});

test('the bot of an app is a user too', async () => {
  await installedApp(stage, stage.cast.owner, 'acme', 'relbot', {});
  const { data } = await stage.as(stage.cast.developer).rest.users.getByUsername({ username: 'relbot[bot]' });
  assert.deepEqual([data.login, data.type, data.html_url], ['relbot[bot]', 'Bot', `${stage.server.url}/apps/relbot`]);
});

test('a name that nobody has, or that an organization has, is no user', async () => {
  const { users, orgs } = stage.as(stage.cast.developer).rest;
  await refused(users.getByUsername({ username: 'nobody-here' }), 404, 'Not Found');
  await refused(users.getByUsername({ username: 'acme' }), 404, 'Not Found');
  await refused(orgs.get({ org: 'dev' }), 404, 'Not Found');
  await refused(orgs.get({ org: 'nobody-here' }), 404, 'Not Found');
});

test('without a token nobody is oneself', async () => {
  await refused(stage.as(null).rest.users.getAuthenticated(), 401, 'Requires authentication');
});

test('one lists the own addresses, organizations, teams and repositories', async () => {
  const owner = stage.as(stage.cast.owner).rest;
  await owner.teams.create({ org: 'acme', name: 'Owners', maintainers: ['olga'] });
  await owner.repos.createForAuthenticatedUser({ name: 'own' });
  assert.deepEqual((await owner.users.listEmailsForAuthenticatedUser()).data, [
    { email: 'olga@example.com', primary: true, verified: true, visibility: 'private' },
  ]);
  assert.deepEqual(
    (await owner.orgs.listForAuthenticatedUser()).data.map((organization) => organization.login),
    ['acme'],
  );
  assert.deepEqual(
    (await owner.teams.listForAuthenticatedUser()).data.map((team) => [team.slug, team.organization.login]),
    [['owners', 'acme']],
  );
  const repositories = (await owner.repos.listForAuthenticatedUser({ per_page: 100 })).data.map((repository) => repository.full_name);
  assert.deepEqual(repositories.sort(), ['acme/app', 'olga/own']);
  const shown = await stage.as(null).rest.repos.listForUser({ username: 'olga' });
  assert.deepEqual(
    shown.data.map((repository) => repository.full_name),
    ['olga/own'],
  );
});

test('a token is asked for the scope of each list', async () => {
  const { users, orgs, teams } = stage.as(await mint(stage.server, 'dev', ['repo'])).rest;
  for (const call of [users.listEmailsForAuthenticatedUser(), orgs.listForAuthenticatedUser(), teams.listForAuthenticatedUser()])
    await refused(call, 403, 'Resource not accessible by this token');
});

test('a site admin makes users and organizations, and nobody else can', async () => {
  const request = stage.as(stage.cast.admin).request;
  const { status, data } = await request('POST /admin/users', { login: 'newbie', email: 'newbie@example.com' });
  assert.equal(status, 201);
  assert.deepEqual(Object.keys(data), simpleUser);
  const made = await request('POST /admin/organizations', { login: 'umbrella', admin: 'newbie', profile_name: 'Umbrella' });
  assert.equal(made.status, 201);
  assert.equal((await stage.as(null).rest.orgs.get({ org: 'umbrella' })).data.name, 'Umbrella');
  for (const who of [stage.cast.owner, stage.cast.outsider]) {
    await refused(stage.as(who).request('POST /admin/users', { login: 'sneaky' }), 404, 'Not Found');
    await refused(stage.as(who).request('POST /admin/organizations', { login: 'sneaky', admin: 'ova' }), 404, 'Not Found');
    await refused(
      stage.as(who).request('POST /admin/users/{username}/authorizations', { username: 'dev', scopes: ['repo'] }),
      404,
      'Not Found',
    );
  }
  await refused(stage.as(null).request('POST /admin/users', { login: 'sneaky' }), 401, 'Requires authentication');
});

for (const [what, body] of [
  ['a login that is taken', { login: 'DEV' }],
  ['a login that is reserved', { login: 'api' }],
  ['a login with a space', { login: 'two words' }],
  ['a login that begins with a hyphen', { login: '-rf' }],
  ['a login of 300 characters', { login: 'x'.repeat(300) }],
  ['an address that is none', { login: 'addressed', email: 'nowhere' }],
  ['an address with a line break', { login: 'addressed', email: 'a@example.com\nb' }],
] as const) {
  test(`${what} makes no user`, async () => {
    const { data } = await refused(stage.as(stage.cast.admin).request('POST /admin/users', body), 422, 'Validation Failed');
    assert.equal(sentencesOf(data).length, 1);
  });
}

test('a user without a login, or an organization without its first owner, is not made', async () => {
  const { request } = stage.as(stage.cast.admin);
  await refused(request('POST /admin/users', {}), 422, `Invalid request.\n\n"login" wasn't supplied.`);
  await refused(request('POST /admin/organizations', { login: 'lonely' }), 422, `Invalid request.\n\n"admin" wasn't supplied.`);
  await refused(request('POST /admin/organizations', { login: 'lonely', admin: 'nobody-here' }), 422, 'Validation Failed');
  await refused(stage.as(null).rest.orgs.get({ org: 'lonely' }), 404, 'Not Found');
});

test('a minted token is shown once, with its scopes and its end', async () => {
  const { request } = stage.as(stage.cast.admin);
  const mintFor = (expires_at: string) =>
    request('POST /admin/users/{username}/authorizations', {
      username: 'dev',
      scopes: ['repo', 'read:org'],
      note: 'release robot',
      expires_at,
    });
  const soon = new Date(Date.now() + 60 * 60 * 1000).toISOString().replace(/\.\d+Z/, 'Z');
  const { status, data } = await mintFor(soon);
  assert.equal(status, 201);
  const { token, token_last_eight, scopes, note, expires_at } = data as Record<string, string>;
  assert.deepEqual([scopes, note, expires_at], [['read:org', 'repo'], 'release robot', soon]);
  assert.ok(token!.endsWith(token_last_eight!));
  assert.equal((await stage.as(token!).rest.users.getAuthenticated()).data.login, 'dev');
  for (const odd of ['2099-01-01T00:00:00Z', '2020-01-01T00:00:00Z', 'soon']) await refused(mintFor(odd), 422, 'Validation Failed');
});

test('a suspended user is out at once, and in again when let back', async () => {
  const { request } = stage.as(stage.cast.admin);
  const attacker = stage.as(stage.cast.attacker).rest.users;
  assert.equal((await request('PUT /users/{username}/suspended', { username: 'mallory' })).status, 204);
  await refused(attacker.getAuthenticated(), 401, 'Bad credentials');
  assert.equal((await request('DELETE /users/{username}/suspended', { username: 'mallory' })).status, 204);
  assert.equal((await attacker.getAuthenticated()).data.login, 'mallory');
});

test('a site admin is made and unmade', async () => {
  const { request } = stage.as(stage.cast.admin);
  const isAdmin = async () => (await stage.as(null).rest.users.getByUsername({ username: 'mona' })).data.site_admin;
  assert.equal((await request('PUT /users/{username}/site_admin', { username: 'mona' })).status, 204);
  assert.equal(await isAdmin(), true);
  assert.equal((await request('DELETE /users/{username}/site_admin', { username: 'mona' })).status, 204);
  assert.equal(await isAdmin(), false);
  await refused(stage.as(stage.cast.owner).request('PUT /users/{username}/site_admin', { username: 'olga' }), 404, 'Not Found');
});
