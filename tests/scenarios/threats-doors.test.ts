/**
 * Family A, a second door: a route changes a ref or a rule without the check that the push has. The attacker
 * 1. takes every route that writes, one after the other, also by the ids that Link headers name;
 * 2. asks it with every credential that is not enough: none, a stranger's, a reader's, a writer's, an admin's, an owner's made for reading or for git
 *    alone, an elevated one, an app's;
 * 3. and sends what the rightful person would send.
 * And family H, a narrow token mints a wider one or administers, as far as routes go.
 * What each rule does at each door that may write is the table in tests/table.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { generateKey } from 'openpgp';
import { github } from '#api/github/dialect.ts';
import { native } from '#api/native/dialect.ts';
import { ed25519Blob } from '#signatures/ssh-key.ts';
import { type Api, type ApiAnswer, apiOf, must } from '../support/api.ts';
import { type InstalledApp, installApp } from '../support/apps.ts';
import { dump } from '../support/dump.ts';
import { WorkTree } from '../support/history.ts';
import { settledHook } from '../support/hooks.ts';
import { castOf, createPersona, elevated, mint, type Personas } from '../support/personas.ts';
import { createTeam, githubRules, protect } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import type { PullsFound } from './threats/pull-routes.ts';
import { endings, type Found, githubWrites, gitlabRules, type Needs, nativeWrites, type WriteRoute } from './threats/write-routes.ts';

const rows = [...githubWrites, ...nativeWrites, ...endings];

/** Other names of the same routes, as Link headers and Terraform write them. */
const aliases: readonly (readonly [of: string, name: string])[] = [
  ['/repos/{owner}/{repo}', '/repositories/{repository_id}'],
  ['/orgs/{org}/teams/{team_slug}', '/organizations/{org_id}/team/{team_id}'],
];

const aliasOf = (route: string): string | null => {
  const [method, path] = route.split(' ') as [string, string];
  const found = aliases.find(([, name]) => path.startsWith(name));
  return found === undefined ? null : `${method} ${path.replace(found[1], found[0])}`;
};

test('every route that writes is in the table', () => {
  const routesOf = (routes: readonly { method: string; path: string }[]): string[] =>
    routes.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
  const all = [...routesOf(github.routes).map((route) => aliasOf(route) ?? route), ...routesOf(native.routes)];
  assert.ok(all.length > 100);
  assert.deepEqual([...new Set(all)].sort(), [...new Set(rows.map(({ route }) => route))].sort());
});

describe('no route has a weaker check than another', { timeout: 120_000 }, () => {
  let server: TestServer;
  let cast: Personas;
  let found: Found;
  let app: InstalledApp;
  let repositoryId = 0;
  let organizationId = 0;
  let teamId = 0;
  /** Credentials, from the weakest on, and whom they are not enough for. */
  let credentials: readonly { readonly what: string; readonly api: Api; readonly isEnoughFor: readonly Needs[] }[];

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    const { owner, admin } = cast;
    const reader = await createPersona(server, 'reader');
    await createPersona(server, 'victim');
    await createPersona(server, 'bystander');
    await must(owner.api('PUT', '/orgs/acme/memberships/bystander', { role: 'member' }));
    await must(owner.api('PUT', '/repos/acme/app/collaborators/reader', { permission: 'pull' }));
    await must(owner.api('PATCH', '/repos/acme/app', { allow_forking: true }));
    await must(owner.api('POST', '/user/repos', { name: 'origin', auto_init: true }));
    await must(owner.api('POST', '/repos/olga/origin/forks', { organization: 'acme', name: 'forked' }));
    await must(owner.api('PUT', '/repos/acme/forked/collaborators/reader', { permission: 'pull' }));
    ({ id: teamId } = await createTeam(owner.api, 'acme', 'crew', { grants: { 'acme/app': 'push' } }));
    repositoryId = (await must(owner.api('GET', '/repos/acme/app'))).id;
    organizationId = (await must(owner.api('GET', '/orgs/acme'))).id;
    app = await installApp(server, owner, 'acme', 'helper', { contents: 'write', statuses: 'write', checks: 'write' });
    await must(owner.api('POST', '/api/sallyport/v1/apps', { slug: 'idle', name: 'idle', owner: 'acme', permissions: {} }));
    found = await prepare();
    const withScopes = async (...scopes: string[]): Promise<Api> => apiOf(server.url, await mint(server, 'olga', scopes));
    const bypass = { repositories: ['acme/app'], operations: ['update', 'force-push', 'create', 'delete', 'merge'] as const };
    const robot = await elevated(server, owner, bypass, ['repo', 'api', 'repo:bypass-protection']);
    const ordinary: Needs[] = [
      'self',
      'read',
      'review',
      'report',
      'propose',
      'judge',
      'write',
      'admin',
      'repository owner',
      'organization owner',
      'site admin',
    ];
    const upTo = (needs: Needs): Needs[] => ordinary.slice(0, ordinary.indexOf(needs) + 1);
    credentials = [
      { what: 'nobody', api: apiOf(server.url, null), isEnoughFor: [] },
      { what: 'a stranger', api: cast.outsider.api, isEnoughFor: ['self'] },
      { what: 'a reader', api: reader.api, isEnoughFor: ['self', 'read', 'review'] },
      { what: 'a writer', api: cast.attacker.api, isEnoughFor: upTo('write') },
      { what: 'an admin of the repository', api: cast.maintainer.api, isEnoughFor: upTo('admin') },
      { what: 'an owner', api: owner.api, isEnoughFor: upTo('organization owner') },
      { what: 'an owner’s token for reading', api: await withScopes('read:org', 'read:user', 'read:audit_log'), isEnoughFor: [] },
      { what: 'an owner’s token for git', api: await withScopes('write_repository', 'read_repository'), isEnoughFor: [] },
      { what: 'an owner’s token for statuses', api: await withScopes('repo:status'), isEnoughFor: ['report'] },
      { what: 'an owner’s elevated token', api: robot.api, isEnoughFor: ['read', 'report', 'propose', 'write'] },
      { what: 'an app', api: (await app.token()).api, isEnoughFor: ['report', 'write'] },
      { what: 'an app as itself', api: app.asItself, isEnoughFor: ['app'] },
    ];
    assert.equal((await must(admin.api('GET', '/user'))).site_admin, true);
  });
  after(() => server[Symbol.asyncDispose]());

  /** Things of the victim olga: what the rows name. */
  async function prepare(): Promise<Found> {
    const { owner } = cast;
    await using work = await WorkTree.create();
    await work.commit('before');
    const behind = await work.head();
    const sha = await work.commit('one', { 'f.txt': 'f\n' });
    const remote = owner.remote('acme/app');
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/main', `${behind}:refs/heads/behind`, 'HEAD:refs/heads/old');
    await protect(owner.api, 'acme/app', 'main', { required_pull_request_reviews: {} });
    await work.commit('proposed', { 'p.txt': 'p\n' });
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/proposed');
    const rules = { origin: 'gitlab', rules: gitlabRules };
    const own = { origin: 'github', pattern: 'side', rules: githubRules() };
    const native = '/api/sallyport/v1';
    const ids = await Promise.all(
      [
        owner.api('POST', '/repos/acme/app/check-runs', { name: 'build', head_sha: sha }),
        owner.api('POST', `${native}/repos/acme/app/protections`, own),
        owner.api('POST', `${native}/orgs/acme/protections`, { ...rules, pattern: 'org-wide' }),
        owner.api('POST', `${native}/tokens`, { name: 'mine', scopes: ['repo'] }),
        owner.api('POST', '/user/gpg_keys', { armored_public_key: await gpgKey() }),
        owner.api('POST', '/user/ssh_signing_keys', { title: 'mine', key: sshKey() }),
      ].map(async (call) => (await must(call)).id as number),
    );
    const [[hook, delivery], [orgHook, orgDelivery]] = [
      await settledHook(owner.api, '/repos/acme/app'),
      await settledHook(owner.api, '/orgs/acme'),
    ];
    const [checkRun, protection, orgProtection, token, gpg, ssh] = ids as [number, number, number, number, number, number];
    return {
      ...{ sha, tree: await work.head('HEAD^{tree}'), blob: await work.head('HEAD:f.txt'), fileBlob: await work.head('HEAD:f.txt') },
      ...{ checkRun, protection, orgProtection, token, gpgKey: gpg, sshKey: ssh, installation: app.installation },
      ...{ newGpgKey: await gpgKey(), newSshKey: sshKey(), hook, orgHook, delivery, orgDelivery },
      ...(await preparePulls()),
    };
  }

  async function preparePulls(): Promise<PullsFound> {
    const { owner, developer } = cast;
    const pulls = '/repos/acme/app/pulls';
    const open = async (base: string): Promise<number> =>
      (await must(developer.api('POST', pulls, { title: 'x', head: 'proposed', base }))).number;
    const [pull, otherPull] = [await open('main'), await open('old')];
    const review = async (number: number, body: object): Promise<number> =>
      (await must(owner.api('POST', `${pulls}/${number}/reviews`, body))).id;
    const remark = async (): Promise<number> =>
      (await must(owner.api('POST', `${pulls}/${pull}/comments`, { path: 'p.txt', line: 1, body: 'why?' }))).id;
    return {
      ...{ pull, otherPull, commented: await review(pull, { event: 'COMMENT', body: 'x' }) },
      changesRequested: await review(pull, { event: 'REQUEST_CHANGES', body: 'x' }),
      ...{ pending: await review(pull, {}), otherPending: await review(otherPull, {}) },
      ...{ comment: await remark(), otherComment: await remark() },
    };
  }

  function ask(api: Api, row: WriteRoute, rename: (path: string) => string = (path) => path): Promise<ApiAnswer> {
    const path = rename(typeof row.path === 'string' ? row.path : row.path(found));
    return api(row.route.split(' ')[0]!, path, row.body?.(found));
  }

  const byId = (path: string): string =>
    path
      .replace(/^\/repos\/acme\/app/, `/repositories/${repositoryId}`)
      .replace(/^\/orgs\/acme\/teams\/crew/, `/organizations/${organizationId}/team/${teamId}`);

  test('with a credential that is not enough, none of them does anything, by any of its names', async () => {
    const untouched = await dump(server);
    let tried = 0;
    for (const row of rows) {
      for (const { what, api, isEnoughFor } of credentials) {
        if (isEnoughFor.includes(row.needs)) continue;
        for (const rename of new Set([(path: string) => path, byId])) {
          const { status, body } = await ask(api, row, rename);
          assert.ok([401, 403, 404].includes(status), `${what}: ${row.route}: ${status} ${JSON.stringify(body)}`);
          if (what === 'nobody') assert.equal(status, 401, row.route);
          tried++;
        }
      }
    }
    assert.ok(tried > 1000, String(tried));
    assert.deepEqual(await dump(server), untouched);
  });

  test('what belongs to somebody else cannot be taken by its id', async () => {
    const untouched = await dump(server);
    const own = rows.filter(({ route }) => /^DELETE \/(tokens|user)\//.test(route));
    assert.equal(own.length, 3);
    for (const row of own)
      for (const { api } of [cast.attacker, cast.maintainer, cast.outsider]) assert.equal((await ask(api, row)).status, 404, row.route);
    assert.deepEqual(await dump(server), untouched);
  });

  test('and each of them works for whoever may: it was the credential that was refused', async () => {
    for (const row of rows) {
      const api = { app: app.asItself, 'site admin': cast.admin.api }[row.needs as string] ?? cast.owner.api;
      const { status, body } = await ask(api, row);
      assert.ok(status < 300, `${row.route}: ${status} ${JSON.stringify(body)}`);
    }
  });
});

function sshKey(): string {
  return `ssh-ed25519 ${ed25519Blob(generateKeyPairSync('ed25519').publicKey).toString('base64')}`;
}

async function gpgKey(): Promise<string> {
  return (await generateKey({ type: 'curve25519', userIDs: [{ name: 'Olga', email: 'olga@example.com' }] })).publicKey;
}
