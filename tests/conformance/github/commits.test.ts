import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkTree } from '../../support/history.ts';
import { refused } from './support/refusals.ts';
import { allOff } from './support/settings.ts';
import { here, stageFor } from './support/stage.ts';

/** Commits by the names of the tests' history: main has a and b, topic c and d on top of a. */
const ids: Record<string, string> = {};
const stage = stageFor(import.meta.filename, async ({ cast }) => {
  await using work = await WorkTree.clone(cast.developer.remote('acme/app'));
  const by = (name: string) => ({ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: `${name}@example.com` });
  ids['begin'] = await work.head();
  ids['a'] = await work.commit('a', { 'a.txt': 'a\n', 'moved.txt': 'some text that stays\nthe same\n' }, by('dev'));
  ids['b'] = await work.commit('b', { 'b.txt': 'b\n' }, by('mona'));
  await work.must('checkout', '--quiet', '-b', 'topic', ids['a']);
  ids['c'] = await work.commit('c', { 'a.txt': 'changed\n' }, by('nobody'));
  await work.must('mv', 'moved.txt', 'there.txt');
  ids['d'] = await work.commit('d\n\nwith a body', {}, by('dev'));
  await work.must('checkout', '--quiet', '-b', 'clash', ids['a']);
  ids['e'] = await work.commit('e', { 'b.txt': 'not b\n' });
  const pushed = await work.push('origin', 'main', 'topic', 'clash');
  assert.equal(pushed.code, 0, pushed.stderr);
});
const repos = () => stage.as(stage.cast.developer).rest.repos;
const shas = (commits: readonly { readonly sha: string }[]): string[] => commits.map((commit) => commit.sha);

test('history is listed newest first, from any ref, by path and by author', async () => {
  const list = async (filter: object) => shas((await repos().listCommits({ ...here, ...filter })).data);
  const { a, b, c, d, begin } = ids;
  assert.deepEqual(await list({}), [b, a, begin]);
  assert.deepEqual(await list({ sha: 'topic' }), [d, c, a, begin]);
  assert.deepEqual(await list({ sha: c! }), [c, a, begin]);
  assert.deepEqual(await list({ sha: 'topic', path: 'a.txt' }), [c, a]);
  assert.deepEqual(await list({ author: 'mona@example.com' }), [b]);
  assert.deepEqual(await list({ author: 'dev@example.com', sha: 'topic' }), [d, a]);
  assert.deepEqual(await list({ since: '2100-01-01T00:00:00Z' }), []);
  await refused(repos().listCommits({ ...here, sha: 'nowhere' }), 404, 'Not Found');
});

test('history comes in pages', async () => {
  const { data, headers } = await repos().listCommits({ ...here, per_page: 2 });
  assert.deepEqual(shas(data), [ids['b'], ids['a']]);
  assert.match(headers.link ?? '', /page=2>; rel="next"/);
  const last = await repos().listCommits({ ...here, per_page: 2, page: 2 });
  assert.deepEqual(shas(last.data), [ids['begin']]);
  assert.doesNotMatch(last.headers.link ?? '', /rel="next"/);
});

test('a commit shows who made it and what it changes', async () => {
  const { data } = await repos().getCommit({ ...here, ref: ids['c']! });
  assert.deepEqual([data.sha, data.author, data.committer?.login, data.commit.author?.name], [ids['c'], null, 'dev', 'nobody']);
  assert.deepEqual(data.stats, { total: 2, additions: 1, deletions: 1 });
  const [file] = data.files!;
  assert.deepEqual([data.files!.length, file?.filename, file?.status, file?.additions], [1, 'a.txt', 'modified', 1]);
  assert.match(file?.patch ?? '', /-a\n\+changed/);
  const { data: d } = await repos().getCommit({ ...here, ref: 'topic' });
  assert.deepEqual([d.files?.[0]?.status, d.files?.[0]?.previous_filename, d.files?.[0]?.filename], ['renamed', 'moved.txt', 'there.txt']);
  assert.equal(d.commit.message, 'd\n\nwith a body');
});

test('the id alone is sent to who asks for it', async () => {
  const { data } = await repos().getCommit({ ...here, ref: 'topic', mediaType: { format: 'sha' } });
  assert.equal(data as unknown, ids['d']);
});

test('a commit that is not there is refused', async () => {
  for (const ref of ['nowhere', '0123456789012345678901234567890123456789']) {
    await refused(repos().getCommit({ ...here, ref }), 422, `No commit found for SHA: ${ref}`);
  }
});

test('an empty repository has no history', async () => {
  await stage.as(stage.cast.owner).rest.repos.createInOrg({ org: 'acme', name: 'empty' });
  await refused(repos().listCommits({ owner: 'acme', repo: 'empty' }), 409, 'Git Repository is empty.');
});

for (const [basehead, status, ahead, behind] of [
  ['main...topic', 'diverged', 2, 1],
  ['topic...main', 'diverged', 1, 2],
  ['main...main', 'identical', 0, 0],
] as const) {
  test(`${basehead} is ${status}`, async () => {
    const { data } = await repos().compareCommitsWithBasehead({ ...here, basehead });
    assert.deepEqual([data.status, data.ahead_by, data.behind_by, data.total_commits], [status, ahead, behind, ahead]);
    assert.equal(data.commits.length, ahead);
  });
}

test('a comparison has the commits oldest first, and the files since the two parted', async () => {
  const { data } = await repos().compareCommitsWithBasehead({ ...here, basehead: `${ids['a']}...topic` });
  assert.deepEqual([data.status, shas(data.commits)], ['ahead', [ids['c'], ids['d']]]);
  assert.deepEqual(
    data.files?.map((file) => [file.filename, file.status]),
    [
      ['a.txt', 'modified'],
      ['there.txt', 'renamed'],
    ],
  );
  assert.deepEqual([data.base_commit.sha, data.merge_base_commit.sha], [ids['a'], ids['a']]);
  await refused(repos().compareCommitsWithBasehead({ ...here, basehead: 'main...nowhere' }), 404, 'Not Found');
  await refused(repos().compareCommitsWithBasehead({ ...here, basehead: 'main' }), 404, 'Not Found');
});

test('one branch is merged into another, once', async () => {
  await stage.branch('merged');
  const { status, data } = await repos().merge({ ...here, base: 'merged', head: 'topic', commit_message: 'bring it in' });
  assert.deepEqual([status, data.commit.message, shas(data.parents)], [201, 'bring it in', [ids['b'], ids['d']]]);
  assert.equal((await repos().getBranch({ ...here, branch: 'merged' })).data.commit.sha, data.sha);
  assert.equal((await repos().merge({ ...here, base: 'merged', head: 'topic' })).status, 204);
  assert.equal((await repos().merge({ ...here, base: 'merged', head: ids['a']! })).status, 204);
});

test('what cannot be merged is refused, and nothing moves', async () => {
  await stage.branch('clashing');
  await refused(repos().merge({ ...here, base: 'clashing', head: 'clash' }), 409, 'Merge Conflict');
  await refused(repos().merge({ ...here, base: 'nowhere', head: 'topic' }), 404, 'Base does not exist');
  await refused(repos().merge({ ...here, base: 'clashing', head: 'nowhere' }), 404, 'Head does not exist');
  await refused(repos().merge({ ...here, base: 'clashing' } as never), 422, `Invalid request.\n\n"head" wasn't supplied.`);
  const at = await stage.branch('ruled');
  await stage
    .as(stage.cast.maintainer)
    .rest.repos.updateBranchProtection({ ...at, ...allOff(), required_linear_history: true, required_pull_request_reviews: {} });
  await refused(
    repos().merge({ ...here, base: 'ruled', head: 'topic' }),
    409,
    'Changes must be made through a pull request. This branch must not contain merge commits.',
  );
  for (const branch of ['clashing', 'ruled']) assert.equal((await repos().getBranch({ ...here, branch })).data.commit.sha, ids['b']);
});
