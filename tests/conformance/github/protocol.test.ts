import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkTree } from '../../support/history.ts';
import { allOff } from './support/settings.ts';
import { here, main, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename, async ({ cast }) => {
  await using work = await WorkTree.clone(cast.developer.remote('acme/app'));
  const names = Array.from({ length: 119 }, (_, index) => `HEAD:refs/heads/many/${String(index).padStart(3, '0')}`);
  const pushed = await work.push('origin', '--quiet', ...names);
  assert.equal(pushed.code, 0, pushed.stderr);
});
const developer = () => stage.as(stage.cast.developer).rest.repos;
const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  stage.raw(stage.cast.maintainer, method, path, { headers });

/** The Link header by relation: the query of each, and its path once. */
function links(header: string | null | undefined): Record<string, string> {
  const found = [...(header ?? '').matchAll(/<([^>]+)>; rel="(\w+)"/g)];
  return Object.fromEntries(found.map(([, url = '', rel = '']) => [rel, new URL(url).search]));
}

test('a list comes in pages, each with the addresses of its neighbours', async () => {
  const page = async (number: number) => {
    const { headers, data } = await developer().listBranches({ ...here, per_page: 50, page: number });
    return [data.length, links(headers.link)];
  };
  assert.deepEqual(await page(1), [50, { next: '?per_page=50&page=2', last: '?per_page=50&page=3' }]);
  assert.deepEqual(await page(2), [
    50,
    { prev: '?per_page=50&page=1', next: '?per_page=50&page=3', last: '?per_page=50&page=3', first: '?per_page=50&page=1' },
  ]);
  assert.deepEqual(await page(3), [20, { prev: '?per_page=50&page=2', first: '?per_page=50&page=1' }]);
  const past = await developer().listBranches({ ...here, per_page: 50, page: 9 });
  assert.deepEqual([past.status, past.data], [200, []]);
});

test('a page has thirty entries unless another size is asked for, and never more than a hundred', async () => {
  const size = async (query: string) => ((await (await ask(`/repos/acme/app/branches${query}`)).json()) as unknown[]).length;
  for (const [query, expected] of [
    ['', 30],
    ['?per_page=1', 1],
    ['?per_page=1000', 100],
    ['?per_page=0', 30],
    ['?per_page=-1', 30],
    ['?per_page=many', 30],
    ['?page=0', 30],
    ['?page=nothing', 30],
  ] as const)
    assert.equal(await size(query), expected, query);
});

test('other parameters stay in the addresses of other pages', async () => {
  const { headers } = await developer().listBranches({ ...here, protected: false, per_page: 100 });
  assert.deepEqual(links(headers.link), { next: '?protected=false&per_page=100&page=2', last: '?protected=false&per_page=100&page=2' });
});

test('Octokit walks all the pages', async () => {
  const octokit = stage.as(stage.cast.developer);
  const branches = await octokit.paginate(octokit.rest.repos.listBranches, { ...here, per_page: 25 });
  assert.equal(new Set(branches.map((branch) => branch.name)).size, 120);
  const { data } = await octokit.rest.repos.listBranches({ ...here, per_page: 25, page: 2 });
  assert.deepEqual(data, branches.slice(25, 50));
});

test('what has not changed is not sent again', async () => {
  const at = await stage.branch('etag');
  const path = '/repos/acme/app/branches/etag/protection';
  const { repos } = stage.as(stage.cast.maintainer).rest;
  await repos.updateBranchProtection({ ...at, ...allOff() });
  const etag = (await ask(path)).headers.get('etag')!;
  assert.match(etag, /^W\/"[0-9a-f]{40}"$/);
  assert.equal((await ask(path)).headers.get('etag'), etag);
  for (const header of [etag, etag.replace('W/', ''), `"other", ${etag}`, '*']) {
    const answer = await ask(path, { 'if-none-match': header });
    assert.equal(answer.status, 304, header);
    assert.equal(answer.headers.get('etag'), etag);
  }
  assert.equal((await ask(path, { 'if-none-match': '"other"' })).status, 200);
  await assert.rejects(repos.getBranchProtection({ ...at, headers: { 'if-none-match': etag } }), { status: 304 });
  await repos.setAdminBranchProtection(at);
  const changed = await ask(path, { 'if-none-match': etag });
  assert.equal(changed.status, 200);
  assert.notEqual(changed.headers.get('etag'), etag);
});

test('an answer to a write has no entity tag', async () => {
  const at = await stage.branch('no-etag');
  const { headers } = await stage.as(stage.cast.maintainer).rest.repos.updateBranchProtection({ ...at, ...allOff() });
  assert.equal(headers.etag, undefined);
});

for (const accept of [
  'application/vnd.github+json',
  'application/vnd.github.v3+json',
  'application/vnd.github.luke-cage-preview+json',
  'application/vnd.github.zzzax-preview+json',
  'application/vnd.github.hellcat-preview+json',
  'application/vnd.github.symmetra-preview+json',
  'application/vnd.github.luke-cage-preview+json,application/vnd.github.zzzax-preview+json,application/vnd.github.hellcat-preview+json',
  'application/json',
  'application/json; charset=utf-8',
  '*/*',
  '',
]) {
  test(`Accept: ${accept || '(empty)'} is answered with JSON`, async () => {
    const plain = await (await ask('/repos/acme/app/branches/main')).json();
    const answer = await ask('/repos/acme/app/branches/main', { accept });
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), plain);
  });
}

for (const accept of ['application/xml', 'image/png', 'text/html']) {
  test(`Accept: ${accept} is what this API cannot speak`, async () => {
    const answer = await ask('/repos/acme/app', { accept });
    assert.equal(answer.status, 415);
    assert.equal(
      ((await answer.json()) as { message: string }).message,
      `Unsupported 'Accept' header: '${accept}'. Must accept 'application/json'.`,
    );
  });
}

const readable = [
  '/',
  '/user',
  '/users/dev',
  '/orgs/acme',
  '/repos/acme/app',
  '/repos/acme/app/branches',
  '/repos/acme/app/branches/main',
  '/repos/acme/app/git/ref/heads/main',
  '/repos/acme/app/contents/README.md',
  '/repos/acme/app/commits/main',
  '/repos/acme/app/branches/nowhere',
  '/nothing/here',
];

for (const path of readable) {
  test(`HEAD ${path} is GET without the body`, async () => {
    const get = await ask(path);
    const head = await ask(path, {}, 'HEAD');
    assert.equal(head.status, get.status);
    for (const name of ['etag', 'content-type', 'link', 'x-oauth-scopes', 'x-accepted-oauth-scopes'])
      assert.equal(head.headers.get(name), get.headers.get(name), name);
    assert.equal(await head.text(), '');
  });
}

test('doubled and trailing slashes in a path mean nothing', async () => {
  const plain = await (await ask('/repos/acme/app/branches/main')).json();
  for (const path of ['//repos/acme/app/branches/main', '/repos//acme///app/branches/main', '/repos/acme/app/branches/main/'])
    assert.deepEqual(await (await ask(path)).json(), plain, path);
  assert.equal((await ask('//user')).status, 200);
});

test('the root answers with and without its slash', async () => {
  assert.deepEqual(await (await ask('')).json(), await (await ask('/')).json());
});

test('owner and repository are found in any case, and answered in their own', async () => {
  const octokit = stage.as(stage.cast.maintainer).rest.repos;
  const at = { ...main, owner: 'ACME', repo: 'App' };
  const { data } = await octokit.updateBranchProtection({ ...at, ...allOff() });
  assert.equal(data.url, `${stage.server.url}/api/v3/repos/acme/app/branches/main/protection`);
  assert.equal((await octokit.get({ owner: 'AcMe', repo: 'APP' })).data.full_name, 'acme/app');
  assert.equal((await octokit.getBranchProtection(main)).status, 200);
  await octokit.deleteBranchProtection(at);
});

test('a branch name with slashes is understood raw, encoded, and half encoded', async () => {
  const at = await stage.branch('feature/deep/er x'.replace(' ', '+'));
  const octokit = stage.as(stage.cast.maintainer).rest.repos;
  const { data } = await octokit.updateBranchProtection({ ...at, ...allOff() });
  const named = ['feature/deep/er+x', 'feature%2Fdeep%2Fer%2Bx', 'feature%2fdeep/er+x', 'fe%61ture/deep/er%2Bx'];
  for (const name of named) {
    for (const below of ['', '/enforce_admins', '/required_signatures']) {
      const answer = await ask(`/repos/acme/app/branches/${name}/protection${below}`);
      assert.equal(answer.status, 200, name + below);
    }
    assert.deepEqual(await (await ask(`/repos/acme/app/branches/${name}/protection`)).json(), data);
    assert.equal(((await (await ask(`/repos/acme/app/branches/${name}`)).json()) as { name: string }).name, at.branch);
  }
});

test('a branch that is called like a part of the path is reached encoded', async () => {
  const at = await stage.branch('x/protection');
  const octokit = stage.as(stage.cast.maintainer).rest.repos;
  assert.equal((await octokit.getBranch(at)).data.name, 'x/protection');
  assert.equal((await octokit.updateBranchProtection({ ...at, ...allOff() })).status, 200);
  assert.equal((await ask('/repos/acme/app/branches/x%2Fprotection/protection')).status, 200);
});

test('a repository and a team answer by their ids too', async () => {
  const octokit = stage.as(stage.cast.maintainer).rest.repos;
  const { id } = (await octokit.get(here)).data;
  const at = await stage.branch('by-id');
  await octokit.updateBranchProtection({ ...at, ...allOff() });
  for (const path of ['', '/branches/by-id', '/branches/by-id/protection', '/git/ref/heads/main', '/contents/README.md'])
    assert.deepEqual(await (await ask(`/repositories/${id}${path}`)).json(), await (await ask(`/repos/acme/app${path}`)).json(), path);
  for (const path of ['/repositories/999999', '/repositories/none', `/repositories/${id}x`])
    assert.equal((await ask(path)).status, 404, path);
});

for (const [method, path] of [
  ['GET', '/no/such/route'],
  ['POST', '/repos/acme/app/branches/main/protection'],
  ['PATCH', '/repos/acme/app/branches/main'],
  ['GET', '/repos/acme/app/branches/%E0%A4%A/protection'],
  ['GET', '/repos/acme/app/branches/a%00b'],
  ['GET', '/repos/acme/app/branches/main/protection/dismissal_restrictions'],
  ['GET', '/teams/1'],
] as const) {
  test(`${method} ${path} is not there`, async () => {
    const answer = await ask(path, {}, method);
    assert.equal(answer.status, 404);
    assert.match(((await answer.json()) as { message: string }).message, /^(Not Found|Branch not found)$/);
  });
}

test('a body that is too large is refused without being read to its end', async () => {
  const body = JSON.stringify({ ...allOff(), padding: 'x'.repeat(2 * 1024 * 1024) });
  const answer = await stage.raw(stage.cast.maintainer, 'PUT', '/repos/acme/app/branches/main/protection', { body });
  assert.equal(answer.status, 413);
});

test('every answer may be read by pages of other origins, and names what they may see', async () => {
  const { headers } = await ask('/user');
  assert.equal(headers.get('access-control-allow-origin'), '*');
  assert.match(headers.get('access-control-expose-headers') ?? '', /ETag, Link, Location/);
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('cache-control'), 'private, max-age=60, s-maxage=60');
  assert.match(headers.get('vary') ?? '', /Accept, Authorization/);
  assert.equal(headers.get('x-github-api-version-selected'), '2022-11-28');
  assert.match(headers.get('x-github-media-type') ?? '', /^github\.v3/);
});
