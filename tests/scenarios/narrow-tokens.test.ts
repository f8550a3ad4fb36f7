import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Api, apiOf, must } from '../support/api.ts';
import { git } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, createPersona, mint, type Personas, personaOf } from '../support/personas.ts';
import { createTeam } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const repo = '/repos/acme/app';

describe('a token that its owner made narrow', () => {
  let server: TestServer;
  let cast: Personas;
  let head: string;
  const withScopes = async (login: string, ...scopes: string[]): Promise<Api> => apiOf(server.url, await mint(server, login, scopes));

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    await using work = await WorkTree.create();
    head = await work.commit('begin', { 'a.txt': 'a\n' });
    await must(cast.owner.api('POST', '/orgs/acme/repos', { name: 'open', private: false }));
    for (const name of ['app', 'open']) await work.must('push', '--quiet', cast.owner.remote(`acme/${name}`), 'HEAD:refs/heads/main');
    await must(cast.owner.api('POST', `${repo}/statuses/${head}`, { state: 'success', context: 'ci' }));
  });
  after(() => server[Symbol.asyncDispose]());

  const code = [
    'contents/a.txt',
    'readme',
    'commits',
    'commits/main',
    'compare/main...main',
    'branches',
    'branches/main',
    'git/refs',
    'git/ref/heads/main',
    'git/matching-refs/heads',
    'git/trees/main',
    'git/blobs/78981922613b2afb6025042ff6bd878ac1994e85',
  ];
  for (const scope of ['repo:status', 'read_repository', 'write_repository']) {
    test(`${scope} alone reads no private code over the API`, async () => {
      const [narrow, ordinary, open] = [await withScopes('dev', scope), cast.developer.api, '/repos/acme/open'];
      for (const path of [...code, `git/commits/${head}`]) {
        assert.equal((await narrow('GET', `${repo}/${path}`)).status, 403, path);
        assert.equal((await ordinary('GET', `${repo}/${path}`)).status, path === 'readme' ? 404 : 200, path);
        assert.equal((await narrow('GET', `${open}/${path}`)).status, path === 'readme' ? 404 : 200, `${path} of a public repository`);
      }
      assert.equal((await narrow('GET', repo)).status, 200);
    });
  }

  test('repo:status reads statuses and no check runs, scopes for git neither', async () => {
    for (const [scope, statuses, checkRuns] of [
      ['repo:status', 200, 403],
      ['repo', 200, 200],
      ['read_repository', 403, 403],
    ] as const) {
      const api = await withScopes('dev', scope);
      for (const [path, expected] of Object.entries({ status: statuses, statuses, 'check-runs': checkRuns }))
        assert.equal((await api('GET', `${repo}/commits/${head}/${path}`)).status, expected, `${path} with ${scope}`);
    }
  });

  test('read_repository fetches by git, repo:status does not', async () => {
    const listing = async (scope: string) =>
      git('/', ['ls-remote', personaOf(server, 'dev', await mint(server, 'dev', [scope])).remote('acme/app')]);
    assert.match((await listing('read_repository')).stdout, /refs\/heads\/main/);
    assert.notEqual((await listing('repo:status')).code, 0);
  });

  test('without a scope for repositories nobody is told which private ones there are', async () => {
    const names = async (api: Api, path: string): Promise<string[]> =>
      (await must(api('GET', path))).map((one: { full_name: string }) => one.full_name);
    const lists = ['/user/repos', '/orgs/acme/repos', '/users/acme/repos'];
    const narrow = await withScopes('olga', 'read:org', 'user');
    for (const path of lists) {
      assert.deepEqual(await names(narrow, path), ['acme/open'], path);
      assert.deepEqual(await names(cast.owner.api, path), ['acme/app', 'acme/open'], path);
    }
  });

  test('a team’s repositories are listed for those who may see them', async () => {
    await must(cast.owner.api('PATCH', '/orgs/acme', { default_repository_permission: 'none' }));
    const member = await createPersona(server, 'mem');
    await must(cast.owner.api('PUT', '/orgs/acme/memberships/mem', { role: 'member' }));
    await createTeam(cast.owner.api, 'acme', 'inner', { grants: { 'acme/app': 'pull', 'acme/open': 'pull' } });
    const names = async (api: Api): Promise<string[]> =>
      (await must(api('GET', '/orgs/acme/teams/inner/repos'))).map((one: { full_name: string }) => one.full_name);
    assert.equal((await member.api('GET', repo)).status, 404);
    assert.deepEqual(await names(member.api), ['acme/open']);
    assert.deepEqual(await names(cast.owner.api), ['acme/app', 'acme/open']);
    await must(cast.owner.api('PUT', '/orgs/acme/teams/inner/memberships/mem'));
    assert.deepEqual(await names(member.api), ['acme/app', 'acme/open']);
  });

  test('leaving a repository takes a token that may change who is in it', async () => {
    await must(cast.owner.api('PUT', '/repos/acme/open/collaborators/dev', { permission: 'push' }));
    const own = '/repos/acme/open/collaborators/dev';
    for (const scope of ['read:user', 'write_repository', 'repo:status'])
      assert.equal((await (await withScopes('dev', scope))('DELETE', own)).status, 403, scope);
    assert.equal((await cast.developer.api('GET', own)).status, 204);
    assert.equal((await cast.developer.api('DELETE', own)).status, 204);
  });
});
