import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { must } from '../support/api.ts';
import { WorkTree } from '../support/history.ts';
import { castOf } from '../support/personas.ts';
import { entries } from '../support/record.ts';
import { startTestServer } from '../support/server.ts';

test('a default branch that git cannot make HEAD of is not said to be one: the answer, the record and git agree', async () => {
  await using server = await startTestServer();
  const cast = await castOf(server);
  await using work = await WorkTree.create();
  await work.commit('begin', { 'a.txt': 'a\n' });
  const remote = cast.owner.remote('acme/app');
  await work.must('push', '--quiet', remote, 'HEAD:refs/heads/main', 'HEAD:refs/heads/other');
  const { id } = await must(cast.owner.api('GET', '/repos/acme/app'));
  const lock = join(server.data, 'repositories', `${id}.git`, 'HEAD.lock');
  const heads = async (): Promise<string[]> => [
    (await must(cast.owner.api('GET', '/repos/acme/app'))).default_branch,
    /ref: refs\/heads\/(\S+)/.exec(await work.must('ls-remote', '--symref', remote, 'HEAD'))![1]!,
  ];

  await writeFile(lock, '');
  assert.equal((await cast.owner.api('PATCH', '/repos/acme/app', { default_branch: 'other' })).status, 500);
  assert.deepEqual(await heads(), ['main', 'main']);
  assert.equal((await entries(server, 'action:git.push_outcome'))[0].outcome, 'failed');
  await rm(lock);
  assert.equal((await cast.owner.api('PATCH', '/repos/acme/app', { default_branch: 'other' })).status, 200);
  assert.deepEqual(await heads(), ['other', 'other']);
  assert.equal((await entries(server, 'action:git.push_outcome'))[0].outcome, 'committed');
});
