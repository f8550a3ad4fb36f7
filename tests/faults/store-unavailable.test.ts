import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { mustGit } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { proveRecord } from './invariants.ts';
import { outages } from './outages.ts';
import { Pause } from './pause.ts';
import { elevate, newScene, pushNext, type Scene } from './scene.ts';
import { childOf } from './stage.ts';

for (const database of databases) {
  describe(`a database that cannot be used, on ${database}`, () => {
    const pause = new Pause();
    let server: TestServer;
    let cast: Personas;
    let tree: WorkTree;

    before(async () => {
      server = await startTestServer({ database, seams: { atStep: pause.atStep } });
      cast = await castOf(server);
      tree = await WorkTree.create();
    });
    after(async () => {
      await tree[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    for (const { what, readable, begin } of outages[database]) {
      test(`because ${what}: pushes and changes are refused and nothing moves; afterwards all of them work`, async () => {
        // Two repositories, because the pushes to one would wait for each other.
        const [scene, other] = [await newScene(server, cast, tree), await newScene(server, cast, tree)];
        const robot = await elevate(scene, cast.developer, { uses: 1 });
        const ahead = { ...scene, next: await childOf(tree, scene.next, 'ahead') };
        const several = [`${scene.next}:refs/heads/main`, `${scene.next}:refs/heads/open`];
        const pushes = [() => tree.push(robot.remote(scene.repository), ...several), () => pushNext(ahead, cast.developer, 'main')];
        const made = { ref: 'refs/heads/made', sha: other.base };
        const changes = [
          () => cast.developer.api('POST', `/repos/${other.repository}/git/refs`, made),
          () => cast.admin.api('DELETE', `/api/sallyport/v1/tokens/${robot.tokenId}`),
        ];
        const tips = [await tipsOnDisk(scene), await tipsOnDisk(other)];

        const end = await begin(server);
        try {
          const [pushed, changed, seen] = await Promise.all([
            Promise.all(pushes.map((push) => push())),
            Promise.all(changes.map((change) => change())),
            remoteRef(cast.developer.remote(scene.repository), 'refs/heads/main').catch(() => 'unreadable'),
          ]);
          for (const { code, stderr } of pushed) {
            assert.notEqual(code, 0, stderr);
            assert.match(stderr, readable ? /cannot record the push, nothing was changed/ : /the database cannot be used at the moment/);
          }
          for (const { status, body } of changed) {
            assert.equal(status, 503, JSON.stringify(body));
            assert.match(body.message, /^(cannot record the push, nothing was changed|the database cannot be used at the moment, .*)$/);
          }
          assert.equal(seen, readable ? scene.base : 'unreadable');
          assert.deepEqual([await tipsOnDisk(scene), await tipsOnDisk(other)], tips);
        } finally {
          await end();
        }

        const [landed, refused] = [await pushes[0]!(), await pushes[1]!()];
        assert.equal(landed.code, 0, landed.stderr);
        assert.match(refused.stderr, /through a pull request/);
        for (const change of changes) await must(change());
        const { main, open } = await tipsOnDisk(scene);
        assert.deepEqual({ main, open }, { main: scene.next, open: scene.next });
        assert.deepEqual(await tipsOnDisk(other), { ...tips[1], made: other.base });
        await proveRecord(server, scene.repositoryId, [robot.tokenId]);
        await proveRecord(server, other.repositoryId);
      });
    }

    // Where nothing is cut the answer comes only after everybody's patience with a lock has ended: long on PostgreSQL, and the same.
    for (const { what, cuts, begin } of outages[database].filter((one) => one.cuts || database === 'sqlite')) {
      test(`from when a push was let through, because ${what}: the ref ${cuts ? 'stays' : 'moves'}, and the record says so later`, async () => {
        const scene = await newScene(server, cast, tree);
        const robot = await elevate(scene, cast.developer, { uses: 1 });
        const { code, stderr } = await pushThrough(pause, 'intent recorded', scene, robot, () => begin(server));
        if (cuts) assert.match(stderr, /the lock on the repository was lost/);
        assert.equal(code === 0, !cuts, stderr);
        assert.equal((await tipsOnDisk(scene))['main'], cuts ? scene.base : scene.next);
        await proveSoon(scene, robot.tokenId);
        // A use that moved nothing was given back.
        const again = await pushNext({ ...scene, next: await childOf(tree, scene.next, 'again') }, robot, 'main');
        assert.equal(again.code === 0, cuts, again.stderr);
        await proveRecord(server, scene.repositoryId, [robot.tokenId]);
      });

      test(`from when the refs of a push have moved, because ${what}: the client hears so, and the record later`, async () => {
        const scene = await newScene(server, cast, tree);
        const robot = await elevate(scene, cast.developer, { uses: 2 });
        const { code, stderr } = await pushThrough(pause, 'refs moved', scene, robot, () => begin(server));
        assert.equal(code, 0, stderr);
        assert.match(stderr, /bypass/i);
        const after = await childOf(tree, scene.next, 'after');
        const next = await pushNext({ ...scene, next: after }, robot, 'main');
        assert.equal(next.code, 0, next.stderr);
        await proveSoon(scene, robot.tokenId);
        assert.equal((await tipsOnDisk(scene))['main'], after);
      });
    }
  });
}

/** A push that meets an outage at one step. The outage ends when the push has been answered. */
async function pushThrough(
  pause: Pause,
  step: 'intent recorded' | 'refs moved',
  scene: Scene,
  robot: Parameters<typeof pushNext>[1],
  begin: () => Promise<() => Promise<void>>,
) {
  const { arrived, release } = pause.arm(step);
  const pushing = pushNext(scene, robot, 'main');
  await arrived;
  const end = await begin();
  release();
  return pushing.finally(end);
}

/** Without a restart: what could not be recorded is recorded by itself. */
async function proveSoon({ server, repositoryId }: Scene, tokenId: number): Promise<void> {
  const { store } = server.running.house;
  const giveUp = Date.now() + 20_000;
  while ((await store.read.intents.listOpen({ repositoryId })).length > 0 && Date.now() < giveUp) await sleep(50);
  await proveRecord(server, repositoryId, [tokenId]);
}

async function tipsOnDisk({ server, repositoryId }: Scene): Promise<Record<string, string>> {
  const folder = server.running.house.gate.repositories.pathOf(repositoryId);
  const listing = await mustGit(folder, ['for-each-ref', '--format=%(refname:short) %(objectname)', 'refs/heads']);
  return Object.fromEntries(listing.split('\n').map((line) => line.split(' ')));
}
