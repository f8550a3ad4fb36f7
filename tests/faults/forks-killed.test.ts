import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiOf, must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { freePort } from '../support/ports.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { ChildServer } from './child-server.ts';

interface Stage extends AsyncDisposable {
  readonly server: TestServer;
  readonly cast: Personas;
  readonly tip: string;
}

/** A server under an address that stays, with a public repository that takes a moment to copy. */
async function setStage(database: 'sqlite' | 'postgres', megabytes = 0): Promise<Stage> {
  const server = await startTestServer({ database, config: { listen: { host: '127.0.0.1', port: await freePort() } } });
  const cast = await castOf(server);
  await must(cast.owner.api('POST', '/orgs/acme/repos', { name: 'open' }));
  await using tree = await WorkTree.create();
  const tip = await tree.commit('base', { 'a.txt': 'a\n', ...(megabytes > 0 && { large: randomBytes(megabytes * 1024 * 1024) }) });
  await tree.must('push', '--quiet', cast.owner.remote('acme/open'), 'main');
  return { server, cast, tip, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const foldersOf = async ({ server }: Stage) => (await readdir(join(server.data, 'repositories'))).sort();

for (const database of databases) {
  describe(`a fork that a crash has interrupted, on ${database}`, { timeout: 120_000 }, () => {
    test('has its row and not yet its folder: the folder that was made for it becomes its own', async () => {
      await using stage = await setStage(database);
      const { server, cast, tip } = stage;
      const { id } = await must(cast.developer.api('POST', '/repos/acme/open/forks'));
      const making = await server.running.house.store.read.repositories.findMaking(id);
      await server.stop();
      const folder = join(server.data, 'repositories');
      await rename(join(folder, `${id}.git`), join(folder, `${making}.making`));
      await server.restart();
      await using clone = await WorkTree.clone(cast.developer.remote('dev/open'));
      assert.equal(await clone.head(), tip);
      assert.equal((await clone.push('origin', 'HEAD:again')).code, 0);
      assert.deepEqual(
        (await foldersOf(stage)).filter((name) => !name.endsWith('.git')),
        [],
      );
    });

    test('the same, while the server runs on: whoever asks again puts it right', async () => {
      await using stage = await setStage(database);
      const { server, cast, tip } = stage;
      const { id } = await must(cast.developer.api('POST', '/repos/acme/open/forks'));
      const making = await server.running.house.store.read.repositories.findMaking(id);
      const folder = join(server.data, 'repositories');
      await rename(join(folder, `${id}.git`), join(folder, `${making}.making`));
      assert.equal((await must(cast.developer.api('POST', '/repos/acme/open/forks'))).id, id);
      await using clone = await WorkTree.clone(cast.developer.remote('dev/open'));
      assert.equal(await clone.head(), tip);
    });

    test('has its folder and not its row: it is gone at the next start, and nobody gets it', async () => {
      await using stage = await setStage(database);
      const { server, cast } = stage;
      const { id } = await must(cast.owner.api('GET', '/repos/acme/open'));
      await server.stop();
      const folder = join(server.data, 'repositories');
      await mustGit(folder, ['clone', '--quiet', '--bare', `${id}.git`, 'fork-left-behind.making']);
      await mustGit(folder, ['clone', '--quiet', '--bare', `${id}.git`, `${id + 1}.removed`]);
      await server.restart();
      const left = (await foldersOf(stage)).filter((name) => !name.endsWith('.git'));
      // Where servers share the folder, another may be at work on a young one.
      assert.deepEqual(left, database === 'sqlite' ? [] : [`${id + 1}.removed`, 'fork-left-behind.making']);
      assert.equal((await cast.developer.api('GET', '/repos/dev/open')).status, 404);
      assert.equal((await must(cast.developer.api('POST', '/repos/acme/open/forks'))).full_name, 'dev/open');
    });

    test('has lost its folder: it is not taken for an empty one', async () => {
      await using stage = await setStage(database);
      const { server, cast } = stage;
      const { id } = await must(cast.developer.api('POST', '/repos/acme/open/forks'));
      await server.stop();
      await rename(join(server.data, 'repositories', `${id}.git`), join(server.data, 'elsewhere'));
      await server.restart();
      assert.equal((await foldersOf(stage)).includes(`${id}.git`), false);
      assert.equal((await cast.developer.api('POST', '/repos/acme/open/forks')).status, 500, 'nobody is told that all is well');
    });

    test('is whole or not there, whenever the server is killed', async () => {
      await using stage = await setStage(database, 8);
      const { server, cast, tip } = stage;
      for (const delay of [5, 40, 90, 150, 250, 400]) {
        await server.stop();
        {
          await using child = await ChildServer.start(server.config);
          const asking = apiOf(child.url, cast.developer.token)('POST', '/repos/acme/open/forks').catch(() => null);
          await sleep(delay);
          await child.kill();
          await asking;
        }
        await server.restart({ silence: 1 });
        const { status, body } = await cast.developer.api('GET', '/repos/dev/open');
        if (status === 200) {
          const folder = join(server.data, 'repositories', `${body.id}.git`);
          await mustGit(folder, ['fsck', '--strict', '--full']);
          assert.equal(await mustGit(folder, ['rev-parse', 'main']), tip);
          await must(cast.developer.api('DELETE', '/repos/dev/open'));
        } else assert.equal(status, 404);
        if (database === 'sqlite')
          assert.deepEqual(
            (await foldersOf(stage)).filter((name) => !name.endsWith('.git')),
            [],
          );
      }
    });
  });
}

test('what cannot be copied leaves nothing behind', async () => {
  await using stage = await setStage('sqlite');
  const { server, cast } = stage;
  const { id } = await must(cast.owner.api('GET', '/repos/acme/open'));
  const pack = join(server.data, 'repositories', `${id}.git`, 'objects', 'pack');
  await rename(pack, `${pack}-lost`);
  const before = await foldersOf(stage);
  assert.equal((await cast.developer.api('POST', '/repos/acme/open/forks')).status, 500);
  assert.deepEqual(await foldersOf(stage), before);
  assert.equal((await cast.developer.api('GET', '/repos/dev/open')).status, 404);
  await rename(`${pack}-lost`, pack);
  assert.equal((await cast.developer.api('POST', '/repos/acme/open/forks')).status, 202);
});
