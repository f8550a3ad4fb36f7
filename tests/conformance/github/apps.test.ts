import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { SignJWT } from 'jose';
import { must } from '../../support/api.ts';
import { git } from '../../support/git.ts';
import { type App, installedApp } from './support/app.ts';
import { refused } from './support/refusals.ts';
import { here, stageFor } from './support/stage.ts';

let app: App;
const stage = stageFor(import.meta.filename, async (ready) => {
  const { cast, as } = ready;
  app = await installedApp(ready, cast.owner, 'acme', 'relbot', { contents: 'write', statuses: 'write' });
  await as(cast.owner).rest.repos.createInOrg({ org: 'acme', name: 'second', private: true, auto_init: true });
});

test('an app reads itself, and everybody else reads it too', async () => {
  const { data: self } = await app.asItself.rest.apps.getAuthenticated();
  assert.deepEqual([self?.slug, self?.id, self?.permissions], ['relbot', app.id, { contents: 'write', statuses: 'write' }]);
  const { data: shown } = await stage.as(stage.cast.outsider).rest.apps.getBySlug({ app_slug: 'relbot' });
  assert.deepEqual(shown, self);
  assert.equal(shown?.html_url, `${stage.server.url}/apps/relbot`);
  await refused(stage.as(null).rest.apps.getBySlug({ app_slug: 'nothing' }), 404, 'Not Found');
});

test('an app finds its installation in four ways', async () => {
  const { apps } = app.asItself.rest;
  const { data: list } = await apps.listInstallations();
  const [first] = list;
  assert.deepEqual([list.length, first?.id, first?.app_slug, first?.target_type], [1, app.installation, 'relbot', 'Organization']);
  const others = [
    await apps.getInstallation({ installation_id: app.installation }),
    await apps.getRepoInstallation(here),
    await apps.getOrgInstallation({ org: 'acme' }),
  ];
  for (const { data } of others) assert.deepEqual(data, first);
  await refused(apps.getInstallation({ installation_id: 999_999 }), 404, 'Not Found');
  await refused(apps.getOrgInstallation({ org: 'nowhere' }), 404, 'Not Found');
});

test('an app makes a token of its installation, of fewer repositories and rights if it likes', async () => {
  const { apps } = app.asItself.rest;
  const { status, data } = await apps.createInstallationAccessToken({ installation_id: app.installation });
  assert.deepEqual([status, data.permissions, data.repository_selection], [201, { contents: 'write', statuses: 'write' }, 'all']);
  const minutes = (Date.parse(data.expires_at) - Date.now()) / 60_000;
  assert.ok(minutes > 58 && minutes <= 60, String(minutes));
  const narrow = await apps.createInstallationAccessToken({
    installation_id: app.installation,
    repositories: ['app'],
    permissions: { contents: 'read' },
  });
  assert.equal(narrow.data.repository_selection, 'selected');
  assert.deepEqual(
    narrow.data.repositories?.map((repository) => repository.full_name),
    ['acme/app'],
  );
  const { repos } = stage.as(narrow.data.token).rest;
  assert.equal((await repos.getContent({ ...here, path: 'README.md' })).status, 200);
  await refused(repos.get({ owner: 'acme', repo: 'second' }), 404, 'Not Found');
  await refused(
    repos.createOrUpdateFileContents({ ...here, path: 'new', message: 'new', content: '' }),
    403,
    'Resource not accessible by integration',
  );
});

test('a token of more than the installation has is not made', async () => {
  const { apps } = app.asItself.rest;
  const ask = (body: object) => apps.createInstallationAccessToken({ installation_id: app.installation, ...body });
  await refused(ask({ permissions: { administration: 'write' } }), 422, 'Validation Failed');
  await refused(ask({ repositories: ['nowhere'] }), 422, 'Validation Failed');
  await refused(ask({ repository_ids: [999_999] }), 422, 'Validation Failed');
  await refused(apps.createInstallationAccessToken({ installation_id: 999_999 }), 404, 'Not Found');
});

test('an installation acts as its bot, by the API and by git', async () => {
  const { data } = await app.asInstallation.rest.repos.createOrUpdateFileContents({
    ...here,
    path: 'by-bot',
    message: 'by the bot',
    content: 'eA==',
  });
  const { data: commit } = await stage.as(stage.cast.developer).rest.repos.getCommit({ ...here, ref: data.commit.sha! });
  assert.deepEqual([commit.author?.login, commit.author?.type], ['relbot[bot]', 'Bot']);
  const { data: minted } = await app.asItself.rest.apps.createInstallationAccessToken({ installation_id: app.installation });
  const { host } = new URL(stage.server.url);
  const listed = await git('/', ['ls-remote', `http://x-access-token:${minted.token}@${host}/acme/app.git`, 'refs/heads/main']);
  assert.ok(listed.stdout.startsWith(data.commit.sha!), listed.stderr);
});

test('an installation’s token has no scopes to show', async () => {
  const { headers } = await app.asInstallation.rest.repos.get(here);
  assert.equal(headers['x-oauth-scopes'], undefined);
});

/** A token such as an app signs, with one thing wrong about it. */
function jwt(key: KeyObject, claims: Record<string, unknown>): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(key);
}

test('a signed token that is not quite right is refused', async () => {
  const registered = await must(
    stage.cast.owner.api('POST', '/api/sallyport/v1/apps', { slug: 'strict', name: 'strict', owner: 'acme', permissions: {} }),
  );
  const key = createPrivateKey(registered.private_key);
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const now = Math.floor(Date.now() / 1000);
  const good = { iss: String(registered.id), iat: now - 10, exp: now + 300 };
  const { apps } = stage.as(await jwt(key, good)).rest;
  assert.equal((await apps.getAuthenticated()).data?.slug, 'strict');
  const wrong = [
    jwt(foreign, good),
    jwt(key, { ...good, iss: '999999' }),
    jwt(key, { ...good, iss: 'strict' }),
    jwt(key, { ...good, exp: now - 120 }),
    jwt(key, { ...good, exp: now + 3600 }),
    // Signed today, good for some minutes of next year.
    jwt(key, { ...good, iat: now + 31_536_000, exp: now + 31_536_300 }),
    jwt(key, { iss: good.iss, exp: good.exp }),
    Promise.resolve('a.b.c'),
    // Nobody signed this one.
    Promise.resolve(`${[{ alg: 'none' }, good].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`),
  ];
  for (const token of wrong)
    await refused(stage.as(await token).rest.apps.getAuthenticated(), 401, 'A JSON web token could not be decoded');
});

test('an app’s signed token reads no repository, and a person’s token is no app', async () => {
  const { token } = (await app.asItself.auth({ type: 'app' })) as { token: string };
  await refused(stage.as(token).rest.users.getAuthenticated(), 401, 'Requires authentication');
  await refused(stage.as(token).rest.repos.get(here), 404, 'Not Found');
  await refused(stage.as(stage.cast.owner).rest.apps.getAuthenticated(), 401, /./);
  await refused(stage.as(stage.cast.owner).rest.apps.createInstallationAccessToken({ installation_id: app.installation }), 401, /./);
});

test('an app that is uninstalled is out at once', async () => {
  const gone = await installedApp(stage, stage.cast.owner, 'acme', 'gone', { contents: 'read' });
  // Not by Octokit's own authentication: that tries a refused new token again for some seconds.
  const { data } = await gone.asItself.rest.apps.createInstallationAccessToken({ installation_id: gone.installation });
  const { repos } = stage.as(data.token).rest;
  assert.equal((await repos.get(here)).status, 200);
  await must(stage.cast.owner.api('DELETE', '/api/sallyport/v1/apps/gone/installations/acme'));
  await refused(repos.get(here), 401, 'Bad credentials');
  await refused(gone.asItself.rest.apps.getInstallation({ installation_id: gone.installation }), 404, 'Not Found');
});
