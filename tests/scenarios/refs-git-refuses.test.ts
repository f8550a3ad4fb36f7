import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { must } from '../support/api.ts';
import { packOf, pushRequest } from '../support/push-request.ts';
import { PushTarget } from '../support/push-target.ts';

// Attack: each ref that git itself refuses to move ends git's process; a push of a hundred thousand of them would hold the repository
// for as many starts of a process.
test('a push of many refs that git refuses to move costs a bounded number of processes, and moves the one that is right', async () => {
  await using target = await PushTarget.open();
  const blob = await target.work.head(`${target.tip}:b.txt`);
  const wrong = Array.from({ length: 200 }, (_, index) => ({ refName: `refs/heads/wrong-${index}`, oldId: null, newId: blob }));
  const right = { refName: 'refs/heads/right', oldId: null, newId: target.tip };
  const pack = await packOf(target.work.path, { wanted: [target.tip], without: [target.base] });
  const before = target.server.running.house.git.started;
  const { refs } = await target.push(pushRequest({ commands: [...wrong, right], pack }));
  assert.ok(target.server.running.house.git.started - before < 40, `${target.server.running.house.git.started - before} processes`);
  assert.equal(refs.get(right.refName), null);
  for (const { refName } of wrong) assert.match(refs.get(refName) ?? '', /non-commit object/, refName);
  assert.match(await target.refs(), /refs\/heads\/right/);
  assert.doesNotMatch(await target.refs(), /wrong/);

  const pushedAt = async () => (await must(target.adminApi('GET', '/repos/admin/target'))).pushed_at;
  const last = await pushedAt();
  await sleep(1100);
  await target.push(pushRequest({ commands: wrong.slice(0, 2), pack }));
  assert.equal(await pushedAt(), last, 'nothing moved, so nothing was pushed');
});

test('refs that somebody else has locked cost a bounded number of processes too', async () => {
  await using target = await PushTarget.open();
  const locked = Array.from({ length: 60 }, (_, index) => ({ refName: `refs/heads/locked-${index}`, oldId: null, newId: target.tip }));
  const right = { refName: 'refs/heads/right', oldId: null, newId: target.tip };
  for (const { refName } of locked) await writeFile(`${target.path}/${refName}.lock`, '');
  const pack = await packOf(target.work.path, { wanted: [target.tip], without: [target.base] });
  const before = target.server.running.house.git.started;
  const { refs } = await target.push(pushRequest({ commands: [right, ...locked], pack }));
  assert.ok(target.server.running.house.git.started - before < 40, `${target.server.running.house.git.started - before} processes`);
  assert.equal(refs.get(right.refName), null);
  for (const { refName } of locked)
    assert.match(refs.get(refName) ?? '', /cannot lock ref .*Unable to create .refs|too many refs of this push failed/, refName);
  assert.doesNotMatch(await target.refs(), /locked/);
});

test('a command that names no object on either side moves nothing, whether or not the ref is there', async () => {
  await using target = await PushTarget.open();
  const names = ['refs/heads/main', 'refs/heads/nowhere'];
  const { refs } = await target.push(
    pushRequest({ commands: names.map((refName) => ({ refName, oldId: null, newId: null })), pack: null }),
  );
  assert.deepEqual(
    [...refs],
    names.map((name) => [name, null]),
  );
  await target.assertUntouched();
});
