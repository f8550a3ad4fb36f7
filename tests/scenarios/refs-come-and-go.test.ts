import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { PushTarget } from '../support/push-target.ts';

// git removes a folder of refs that has become empty, while somebody else is looking through it.
test('refs are read while branches in folders of their own come and go', { timeout: 60_000 }, async () => {
  await using target = await PushTarget.open();
  const { refs } = target.server.running.house.gate.repositories.open(1, 'sha1');
  let done = false;
  const coming = (async () => {
    for (let round = 0; round < 200; round++) {
      const folders = Array.from({ length: 20 }, (_, index) => join(target.path, 'refs', 'heads', `f${index}`));
      for (const folder of folders) await mkdir(join(folder, 'g'), { recursive: true });
      for (const folder of folders) await rm(folder, { recursive: true });
    }
    done = true;
  })();
  let reads = 0;
  while (!done) {
    assert.equal((await refs.reread()).refs.get('refs/heads/main')?.id, target.base);
    reads++;
  }
  await coming;
  assert.ok(reads > 10, `${reads} readings`);
});
