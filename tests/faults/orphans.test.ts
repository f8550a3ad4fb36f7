import assert from 'node:assert/strict';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { databases } from '../support/databases.ts';
import { temporaryFolder } from '../support/folders.ts';
import { remoteRef } from '../support/history.ts';
import { ChildServer } from './child-server.ts';
import { proveRecord } from './invariants.ts';
import { childOf, repository, setStage } from './stage.ts';

for (const database of databases) {
  test(`a git that was told to move a ref outlives its server: the next one waits for it, on ${database}`, async () => {
    await using stage = await setStage(database, { uses: 10 });
    await using bin = await slowGit();
    const { server, tree, robot, base, repositoryId, robotToken } = stage;
    const next = await childOf(tree, base, 'next');
    await server.stop();
    {
      await using child = await ChildServer.start({ ...server.config, path: bin.path }, { silence: 1 });
      const pushing = tree.push(robot.remote(repository), `${next}:main`);
      while ((await sizeOf(bin.mark)) === null) await sleep(10);
      await child.kill();
      assert.notEqual((await pushing).code, 0);
    }
    await server.restart({ silence: 1 });
    while ((await sizeOf(bin.mark)) === 0) await sleep(10);
    assert.equal(await remoteRef(robot.remote(repository), 'refs/heads/main'), next);
    const proof = await proveRecord(server, repositoryId, [robotToken]);
    assert.equal(proof.bypasses, 1);
  });
}

test('lock files that a killed git left behind do not keep the next server from moving refs', async () => {
  await using stage = await setStage('sqlite', { uses: 10 });
  const { server, tree, robot, base, repositoryId } = stage;
  const folder = server.running.house.gate.repositories.pathOf(repositoryId);
  await server.stop();
  for (const lock of ['refs/heads/main.lock', 'HEAD.lock', 'packed-refs.lock']) await writeFile(join(folder, lock), '');
  await server.restart();
  const push = await tree.push(robot.remote(repository), `${await childOf(tree, base, 'next')}:main`);
  assert.equal(push.code, 0, push.stderr);
  await proveRecord(server, repositoryId, [stage.robotToken]);
  // Takes the lock of all packed refs.
  const deletion = await tree.push(robot.remote(repository), ':refs/heads/open');
  assert.equal(deletion.code, 0, deletion.stderr);
});

async function slowGit(): Promise<{ path: string; mark: string } & AsyncDisposable> {
  const folder = await temporaryFolder('bin-');
  const mark = join(folder.path, 'mark');
  const program = new URL('slow-update-ref.ts', import.meta.url).pathname;
  const lines = [
    '#!/bin/sh',
    `PATH='${process.env['PATH']}'`,
    `case "$*" in *"update-ref --stdin"*) SLOW_MARK='${mark}' exec '${process.execPath}' '${program}' "$@";; esac`,
    'exec git "$@"',
  ];
  await writeFile(join(folder.path, 'git'), `${lines.join('\n')}\n`);
  await chmod(join(folder.path, 'git'), 0o755);
  return { path: folder.path, mark, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** Null: it is not there. */
function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ size }) => size,
    () => null,
  );
}
