import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gateJobs } from '#jobs/gate-jobs.ts';
import { must } from '../support/api.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf } from '../support/personas.ts';
import { startTestServer } from '../support/server.ts';

test('a repository that cannot be maintained does not keep the others from it, and its failure is in the log', async () => {
  await using server = await startTestServer();
  const cast = await castOf(server);
  await using work = await WorkTree.create();
  const head = await work.commit('begin', { 'a.txt': 'a\n' });
  const folder = async (name: string): Promise<string> => {
    const { id } = await must(cast.owner.api('POST', '/orgs/acme/repos', { name, private: true }));
    await work.must('push', '--quiet', cast.owner.remote(`acme/${name}`), 'HEAD:refs/heads/main');
    return join(server.data, 'repositories', `${id}.git`);
  };
  const [broken, whole] = [await folder('broken'), await folder('whole')];
  await rm(join(broken, 'objects'), { recursive: true });
  await mkdir(join(whole, 'refs', 'heads', 'many'));
  for (let index = 0; index < 1001; index++) await writeFile(join(whole, 'refs', 'heads', 'many', `b${index}`), `${head}\n`);

  await gateJobs(server.running.house.gate)
    .find(({ name }) => name === 'maintain repositories')!
    .run();
  assert.match(await readFile(join(whole, 'packed-refs'), 'utf8'), new RegExp(`^${head} refs/heads/many/b1000$`, 'm'));
  assert.equal(await remoteRef(cast.owner.remote('acme/whole'), 'refs/heads/many/b7'), head);
  assert.ok(server.logged.some((line) => line.includes('a repository could not be maintained')));
});
