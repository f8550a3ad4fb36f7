import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectId } from '#model/ref-update.ts';
import { mustGit } from '../support/git.ts';
import { packOf, pushRequest } from '../support/push-request.ts';
import { PushTarget } from '../support/push-target.ts';

const main = 'refs/heads/main';

/** More than a repository may have before it is repacked. */
const enough = 60;

test('a repository that is pushed to again and again is repacked within seconds, and no push fails meanwhile', async () => {
  await using target = await PushTarget.open();
  const pack = join(target.path, 'objects', 'pack');
  const countPacks = async (): Promise<number> => (await readdir(pack)).filter((name) => name.endsWith('.pack')).length;
  let tip = target.base;
  let most = 0;
  const push = async (): Promise<void> => {
    tip = await pushNext(target, tip);
    most = Math.max(most, await countPacks());
  };
  while (most < enough) await push();
  const giveUp = Date.now() + 60_000;
  for (let count = most; count > enough / 2; count = await countPacks()) {
    assert.ok(Date.now() < giveUp, `there are still ${count} packs`);
    await push();
    await sleep(50);
  }
  await push();
  assert.equal(await target.refs(), `${main} ${tip}`);
  await mustGit(target.path, ['fsck', '--strict', '--no-dangling']);
  assert.ok((await readdir(pack)).some((name) => name.startsWith('multi-pack-index')));
});

/** One more commit on main, by the bytes a client would send. */
async function pushNext(target: PushTarget, oldId: ObjectId): Promise<ObjectId> {
  const newId = await target.work.must('commit-tree', '-p', oldId, '-m', 'next', `${oldId}^{tree}`);
  const body = pushRequest({
    commands: [{ refName: main, oldId, newId }],
    pack: await packOf(target.work.path, { wanted: [newId], without: [oldId] }),
  });
  assert.deepEqual([...(await target.push(body)).refs], [[main, null]]);
  return newId;
}
