/**
 * What exists and may not be known: 404 instead of 403, redirects, ids. A part of families E (the first answer is used again for something else) and
 * L (ids of another repository). The attacker
 * 1. asks every route of a private repository that is there, and the same of one that is not, and compares: status, headers, text;
 * 2. asks by its id, by its old name, by a branch's old name, by git;
 * 3. asks their own repository for what belongs to another one: protections, check runs, commits, blobs, by ids that they have heard of.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { github } from '#api/github/dialect.ts';
import { native } from '#api/native/dialect.ts';
import { type Api, type ApiAnswer, apiOf, must } from '../support/api.ts';
import { installApp } from '../support/apps.ts';
import { git } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { settledHook } from '../support/hooks.ts';
import { castOf, createPersona, mint, type Persona, type Personas } from '../support/personas.ts';
import { githubRules, protect, protectPattern } from '../support/protections.ts';
import { snapshot } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { githubWrites, nativeWrites } from './threats/write-routes.ts';

const absent = 999_999;

describe('what exists and may not be known', { timeout: 120_000 }, () => {
  let server: TestServer;
  let cast: Personas;
  let work: WorkTree;
  let mallory: Persona;
  /** Everything of acme/app that has an id. */
  let [commit, tree, blob, tag]: [string, string, string, string] = ['', '', '', ''];
  let [repositoryId, protectionId, checkRun]: [number, number, number] = [0, 0, 0];
  let [hook, delivery]: readonly [number, number] = [0, 0];
  let [pull, review, comment]: [number, number, number] = [0, 0, 0];

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    const { owner } = cast;
    await must(owner.api('PATCH', '/orgs/acme', { default_repository_permission: 'none' }));
    await must(owner.api('DELETE', '/repos/acme/app/collaborators/mallory'));
    mallory = cast.attacker;
    work = await WorkTree.create();
    commit = await work.commit('secret', { 'README.md': 'secret\n', CODEOWNERS: '* @olga\n' });
    [tree, blob] = [await work.head('HEAD^{tree}'), await work.head('HEAD:README.md')];
    await work.must('tag', '-a', '-m', 'tagged', 'v1');
    tag = await work.head('v1');
    await work.must('push', '--quiet', owner.remote('acme/app'), 'HEAD:refs/heads/main', 'HEAD:refs/heads/old', 'v1');
    await must(owner.api('POST', '/repos/acme/app/branches/old/rename', { new_name: 'new' }));
    await protect(owner.api, 'acme/app', 'main', { required_pull_request_reviews: {}, restrictions: { users: [], teams: [], apps: [] } });
    protectionId = (await protectPattern(owner.api, 'acme/app', { origin: 'github', pattern: 'x*', rules: githubRules() })).id;
    checkRun = (await must(owner.api('POST', '/repos/acme/app/check-runs', { name: 'build', head_sha: commit }))).id;
    [hook, delivery] = await settledHook(owner.api, '/repos/acme/app');
    await work.must('switch', '--quiet', '--create', 'topic');
    await work.commit('topic', { 'topic.txt': 'topic\n' });
    await work.must('push', '--quiet', owner.remote('acme/app'), 'HEAD:refs/heads/topic');
    pull = (await must(owner.api('POST', '/repos/acme/app/pulls', { title: 'x', head: 'topic', base: 'main' }))).number;
    const remark = { path: 'topic.txt', line: 1, body: 'x' };
    ({ id: comment, pull_request_review_id: review } = await must(owner.api('POST', `/repos/acme/app/pulls/${pull}/comments`, remark)));
    await must(owner.api('POST', '/orgs/acme/repos', { name: 'former', private: true }));
    await must(owner.api('PATCH', '/repos/acme/former', { name: 'renamed' }));
    repositoryId = (await must(owner.api('GET', '/repos/acme/app'))).id;
    await must(owner.api('POST', '/orgs/acme/teams', { name: 'Conspiracy', privacy: 'secret' }));
    await must(mallory.api('POST', '/user/repos', { name: 'own', private: true }));
    await using own = await WorkTree.create();
    await own.commit('own', { 'own.txt': 'own\n' });
    await own.must('push', '--quiet', mallory.remote('mallory/own'), 'HEAD:refs/heads/main');
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Those to whom the repository is not there. */
  async function strangers(): Promise<Map<string, Api>> {
    const member = await createPersona(server, 'member');
    await must(cast.owner.api('PUT', '/orgs/acme/memberships/member', { role: 'member' }));
    const app = await installApp(server, mallory, 'mallory', 'snoop', {
      contents: 'write',
      administration: 'write',
      pull_requests: 'write',
    });
    return new Map([
      ['nobody', apiOf(server.url, null)],
      ['a stranger', mallory.api],
      ['a member of the organization without a grant', member.api],
      ['a stranger’s token for git', apiOf(server.url, await mint(server, 'mallory', ['write_repository']))],
      ['an app that is installed elsewhere', (await app.token()).api],
    ]);
  }

  /** An answer without what differs between any two: the names that were asked for, ids of requests, times. */
  function bare({ status, body, headers }: ApiAnswer): unknown {
    const changing = /^(date|x-github-request-id|x-request-id|etag|content-length)$/;
    const text = JSON.stringify(body).replaceAll(/acme\/(app|none)|repositories\/\d+/g, 'REPOSITORY');
    return {
      status,
      text: text.replaceAll(/report request [0-9A-F:]+/g, ''),
      headers: [...headers].filter(([name]) => !changing.test(name)),
    };
  }

  const values = (path: string): string =>
    path
      .replace('{branch+}', 'main')
      .replace('{ref+}', path.includes('/git/') ? 'heads/main' : 'main')
      .replace('{basehead+}', 'main...new')
      .replace('{file_sha}', blob)
      .replace('{tree_sha+}', tree)
      .replace(/\{commit_sha\}|\{sha\}/, commit)
      .replace('{tag_sha}', tag)
      .replace('{path+}', 'README.md')
      .replace('{check_run_id}', String(checkRun))
      .replace('{protection_id}', String(protectionId))
      .replace('{hook_id}', String(hook))
      .replace('{delivery_id}', String(delivery))
      .replace('{pull_number}', String(pull))
      .replace('{review_id}', String(review))
      .replace('{comment_id}', String(comment))
      .replace(/\{username\}/, 'dev');

  /** A body that would do for whoever may. */
  function bodyOf(route: string): unknown {
    const found = { sha: commit, tree, blob, fileBlob: blob, newGpgKey: '', newSshKey: '' };
    const row = [...githubWrites, ...nativeWrites].find((one) => one.route === route);
    return row?.body?.(found as never);
  }

  test('is not told by any route of a private repository, by name or by id', async () => {
    const unwelcome = await strangers();
    const untouched = await snapshot(server, 'acme/app');
    const routes = [
      ...github.routes.filter(({ path }) => path.startsWith('/repos/{owner}/{repo}')).map((route) => ({ ...route, prefix: '' })),
      ...native.routes.filter(({ path }) => path.startsWith('/repos/')).map((route) => ({ ...route, prefix: native.prefix })),
    ];
    let compared = 0;
    for (const [who, api] of unwelcome) {
      for (const { method, path, prefix } of routes) {
        const [rest, body] = [values(path.replace('/repos/{owner}/{repo}', '')), bodyOf(`${method} ${path}`)];
        const there = await api(method, `${prefix}/repos/acme/app${rest}`, body);
        const away = await api(method, `${prefix}/repos/acme/none${rest}`, body);
        assert.deepEqual(bare(there), bare(away), `${who}: ${method} ${path}`);
        assert.ok([401, 403, 404].includes(there.status), `${who}: ${method} ${path}: ${there.status}`);
        if (prefix === '') {
          const byId = await api(method, `/repositories/${repositoryId}${rest}`, body);
          assert.deepEqual(bare(byId), bare(await api(method, `/repositories/${absent}${rest}`, body)), `${who}: ${method} ${path} by id`);
        }
        compared++;
      }
    }
    assert.ok(compared > 400, String(compared));
    assert.deepEqual(await snapshot(server, 'acme/app'), untouched);
  });

  test('and the very same requests are answered to whoever may: it was not the request', async () => {
    for (const { path } of github.routes.filter((route) => route.method === 'GET' && route.path.startsWith('/repos/{owner}/{repo}'))) {
      if (path.endsWith('/installation') || path.endsWith('/{pull_number}/merge')) continue;
      const { status, body } = await cast.owner.api('GET', values(path.replace('{owner}/{repo}', 'acme/app')));
      const isNotOn = status === 404 && body.message !== 'Not Found';
      assert.ok(status < 300 || isNotOn || path.endsWith('/collaborators/{username}'), `${path}: ${status} ${JSON.stringify(body)}`);
    }
  });

  test('is not told by an old name, of a repository or of a branch, nor by a redirect', async () => {
    assert.equal((await cast.owner.api('GET', '/repos/acme/former')).status, 301);
    assert.equal((await cast.owner.api('GET', '/repos/acme/app/branches/old')).status, 301);
    for (const api of [mallory.api, apiOf(server.url, null)]) {
      const [former, none] = [await api('GET', '/repos/acme/former'), await api('GET', '/repos/acme/none')];
      assert.deepEqual([former.status, former.headers.get('location')], [none.status, null]);
      const [old, unheard] = [await api('GET', '/repos/acme/app/branches/old'), await api('GET', '/repos/acme/app/branches/unheard')];
      assert.deepEqual(bare(old), bare(unheard));
      assert.equal(old.headers.get('location'), null);
    }
  });

  test('is not told by git', async () => {
    for (const service of ['git-upload-pack', 'git-receive-pack']) {
      for (const authorization of [null, `Bearer ${mallory.token}`]) {
        const ask = async (name: string): Promise<unknown> => {
          const headers = authorization === null ? {} : { authorization };
          const response = await fetch(`${server.url}/acme/${name}.git/info/refs?service=${service}`, { headers });
          return [response.status, await response.text(), response.headers.get('www-authenticate')];
        };
        const none = await ask('none');
        for (const name of ['app', 'former', 'renamed']) assert.deepEqual(await ask(name), none, `${service} ${name}`);
        const post = (name: string): Promise<number> =>
          fetch(`${server.url}/acme/${name}.git/${service}`, {
            method: 'POST',
            body: '0000',
            headers: authorization === null ? {} : { authorization },
          }).then(({ status }) => status);
        assert.equal(await post('app'), await post('none'));
      }
    }
    const listed = await git('/', ['ls-remote', mallory.remote('acme/app')]);
    assert.equal(listed.stdout, '');
    assert.match(listed.stderr, /Repository not found/);
  });

  test('is not told by lists, searches or teams', async () => {
    for (const path of ['/user/repos', '/orgs/acme/repos', '/users/acme/repos', '/user/teams', '/user/orgs'])
      assert.doesNotMatch(JSON.stringify((await mallory.api('GET', path)).body), /acme\/app|renamed|conspiracy/i, path);
    const { body: member } = await createPersona(server, 'plain').then(async (plain) => {
      await must(cast.owner.api('PUT', '/orgs/acme/memberships/plain', { role: 'member' }));
      return plain.api('GET', '/orgs/acme/teams');
    });
    assert.deepEqual(member, []);
    const [secret, none] = [await mallory.api('GET', '/orgs/acme/teams/conspiracy'), await mallory.api('GET', '/orgs/acme/teams/none')];
    assert.deepEqual(bare(secret), bare(none));
    for (const log of ['/orgs/acme/audit-log', '/enterprises/sallyport/audit-log', '/api/sallyport/v1/audit'])
      assert.ok([403, 404].includes((await mallory.api('GET', log)).status), log);
    const head = await must(mallory.api('GET', '/api/sallyport/v1/audit/head'));
    assert.deepEqual(Object.keys(head), ['number', 'hash', 'at', 'time', 'signature', 'key'], 'how long the record is, and nothing of it');
  });

  test('does not come out of another repository by its id', async () => {
    const untouched = await snapshot(server, 'acme/app', 'mallory/own');
    const own = '/repos/mallory/own';
    const zero = '1'.repeat(40);
    const content = { message: 'm', content: '' };
    /** Each with an id that is in acme/app, and one that is nowhere. */
    const pairs: [method: string, path: (id: string) => string, body: ((id: string) => unknown) | null, id: string][] = [
      ['GET', (id) => `${own}/git/commits/${id}`, null, commit],
      ['GET', (id) => `${own}/git/trees/${id}`, null, tree],
      ['GET', (id) => `${own}/git/blobs/${id}`, null, blob],
      ['GET', (id) => `${own}/git/tags/${id}`, null, tag],
      ['GET', (id) => `${own}/commits/${id}`, null, commit],
      ['GET', (id) => `${own}/commits/${id}/status`, null, commit],
      ['GET', (id) => `${own}/compare/main...${id}`, null, commit],
      ['GET', (id) => `${own}/contents/README.md?ref=${id}`, null, commit],
      ['POST', () => `${own}/git/refs`, (id) => ({ ref: 'refs/heads/stolen', sha: id }), commit],
      ['PATCH', () => `${own}/git/refs/heads/main`, (id) => ({ sha: id, force: true }), commit],
      ['POST', () => `${own}/git/trees`, (id) => ({ tree: [{ path: 'a', mode: '100644', type: 'blob', sha: id }] }), blob],
      [
        'POST',
        () => `${own}/git/trees`,
        (id) => ({ base_tree: id, tree: [{ path: 'a', mode: '100644', type: 'blob', content: '' }] }),
        tree,
      ],
      ['POST', () => `${own}/git/commits`, (id) => ({ message: 'm', tree: id, parents: [] }), tree],
      ['POST', () => `${own}/git/commits`, (id) => ({ message: 'm', tree: zero, parents: [id] }), commit],
      ['POST', () => `${own}/git/tags`, (id) => ({ tag: 't', message: 'm', object: id, type: 'commit' }), commit],
      ['POST', () => `${own}/merges`, (id) => ({ base: 'main', head: id }), commit],
      ['POST', (id) => `${own}/statuses/${id}`, () => ({ state: 'success' }), commit],
      ['POST', () => `${own}/check-runs`, (id) => ({ name: 'build', head_sha: id }), commit],
      ['PUT', () => `${own}/contents/own.txt`, (id) => ({ ...content, sha: id }), blob],
    ];
    for (const [method, path, body, id] of pairs) {
      const ask = async (one: string): Promise<unknown> => {
        const answer = await mallory.api(method, path(one), body?.(one));
        assert.ok(answer.status >= 400, `${method} ${path(one)}: ${answer.status}`);
        return { status: answer.status, text: JSON.stringify(answer.body).replaceAll(one, 'ID') };
      };
      assert.deepEqual(await ask(id), await ask(zero.replaceAll('1', '2')), `${method} ${path('ID')}`);
    }
    const numbers: [method: string, path: (id: number) => string, id: number, body?: unknown][] = [
      ['GET', (id) => `${own}/check-runs/${id}`, checkRun],
      ['PATCH', (id) => `${own}/check-runs/${id}`, checkRun, { conclusion: 'success' }],
      ...(['GET', 'PATCH', 'DELETE'] as const).map((method): [string, (id: number) => string, number, unknown] => [
        method,
        (id) => `${native.prefix}${own}/protections/${id}`,
        protectionId,
        method === 'PATCH' ? { enforce_admins: false } : undefined,
      ]),
    ];
    for (const [method, path, id, body] of numbers) {
      const [there, away] = [await mallory.api(method, path(id), body), await mallory.api(method, path(absent), body)];
      assert.deepEqual([there.status, there.body], [404, away.body], `${method} ${path(id)}`);
    }
    const explained = { via: 'git-http', updates: [{ ref: 'refs/heads/x', new: commit }] };
    const { body: verdict } = await mallory.api('POST', `${native.prefix}${own}/explain`, explained);
    assert.doesNotMatch(JSON.stringify(verdict), /README/);
    const pushed = await work.git('push', mallory.remote('mallory/own'), `${commit}:refs/heads/mine`);
    assert.equal(pushed.code, 0, 'what one has one may push');
    await must(mallory.api('DELETE', `${own}/git/refs/heads/mine`));
    const { refs } = untouched as { refs: string[] };
    assert.deepEqual(((await snapshot(server, 'acme/app', 'mallory/own')) as { refs: string[] }).refs, refs);
  });
});
