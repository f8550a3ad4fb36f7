import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refused } from './support/refusals.ts';
import { allOff } from './support/settings.ts';
import { stageFor } from './support/stage.ts';

const upstream = { owner: 'acme', repo: 'open' } as const;
const fork = { owner: 'dev', repo: 'open' } as const;

const stage = stageFor(import.meta.filename, async ({ as, cast }) => {
  await as(cast.owner).rest.repos.createInOrg({ org: 'acme', name: 'open', auto_init: true });
});
const owner = () => stage.as(stage.cast.owner).rest.repos;
const developer = () => stage.as(stage.cast.developer).rest.repos;

/** A commit on the parent's branch. */
const write = (path: string) => owner().createOrUpdateFileContents({ ...upstream, path, message: path, content: '' });

test('a public repository is forked by whoever wants to', async () => {
  const { status, data } = await developer().createFork(upstream);
  assert.equal(status, 202);
  assert.deepEqual(
    [data.full_name, data.fork, data.parent?.full_name, data.source?.full_name],
    ['dev/open', true, 'acme/open', 'acme/open'],
  );
  assert.deepEqual((await developer().createFork(upstream)).data, data);
  assert.deepEqual((await developer().get(fork)).data, data);
  await refused(stage.as(null).rest.repos.createFork(upstream), 401, 'Requires authentication');
  await refused(developer().createFork({ ...upstream, organization: 'nowhere' }), 404, 'Not Found');
  await refused(stage.as(stage.cast.outsider).rest.repos.createFork({ ...upstream, name: 'a b' }), 422, 'Validation Failed');
  await refused(developer().createFork({ owner: 'acme', repo: 'app' }), 403, 'This needs forking to be allowed there.');
});

test('forks are listed', async () => {
  const { data } = await stage.as(null).rest.repos.listForks({ ...upstream, sort: 'oldest', per_page: 1 });
  assert.deepEqual(
    data.map((one) => [one.full_name, one.fork]),
    [['dev/open', true]],
  );
  await refused(stage.as(null).rest.repos.listForks({ owner: 'acme', repo: 'app' }), 404, 'Not Found');
});

test('a branch of a fork is brought up to its parent’s', async () => {
  const sync = async (branch = 'main') => (await developer().mergeUpstream({ ...fork, branch })).data;
  const base_branch = 'acme:main';
  assert.deepEqual(await sync(), { message: 'This branch is not behind the upstream acme:main.', merge_type: 'none', base_branch });
  await write('one.txt');
  assert.deepEqual(await sync(), {
    message: 'Successfully fetched and fast-forwarded from upstream acme:main.',
    merge_type: 'fast-forward',
    base_branch,
  });
  await write('two.txt');
  await developer().createOrUpdateFileContents({ ...fork, path: 'own.txt', message: 'own', content: '' });
  assert.equal((await sync()).merge_type, 'merge');
  await refused(developer().mergeUpstream({ ...fork, branch: 'nowhere' }), 404, 'Branch not found');
  await refused(owner().mergeUpstream({ ...upstream, branch: 'main' }), 422, 'This repository is not a fork');
  await refused(owner().mergeUpstream({ ...fork, branch: 'main' }), 403, 'Must have push access to repository');
});

test('a branch that is locked is brought up only where that is allowed', async () => {
  const protect = (allow_fork_syncing: boolean) =>
    developer().updateBranchProtection({
      ...fork,
      branch: 'main',
      ...allOff(),
      enforce_admins: true,
      lock_branch: true,
      allow_fork_syncing,
    });
  await write('three.txt');
  await protect(false);
  await refused(developer().mergeUpstream({ ...fork, branch: 'main' }), 422, 'Cannot change this locked branch');
  await protect(true);
  assert.equal((await developer().mergeUpstream({ ...fork, branch: 'main' })).data.merge_type, 'merge');
});

test('what both have changed is a conflict', async () => {
  await developer().deleteBranchProtection({ ...fork, branch: 'main' });
  await owner().createOrUpdateFileContents({ ...upstream, path: 'same.txt', message: 'theirs', content: 'dGhlaXJz' });
  await developer().createOrUpdateFileContents({ ...fork, path: 'same.txt', message: 'ours', content: 'b3Vycw==' });
  await refused(developer().mergeUpstream({ ...fork, branch: 'main' }), 409, 'There are merge conflicts');
});
