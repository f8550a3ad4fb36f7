import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { databases } from '../support/databases.ts';
import { remoteRef } from '../support/history.ts';
import { proveRecord } from './invariants.ts';
import { Pause } from './pause.ts';
import { PostgresProxy } from './postgres-proxy.ts';
import { childOf, repository, setStage } from './stage.ts';

/** What comes after the push whose intent became durable without anybody knowing. */
const sequels = {
  'the same push': { pushes: 'next', stops: false },
  'another push, and a stop': { pushes: 'second', stops: true },
  nothing: { pushes: null, stops: false },
} as const;

if (databases.includes('postgres')) {
  for (const [sequel, { pushes, stops }] of Object.entries(sequels)) {
    test(`the database's answer to an intent is lost, and ${sequel} follows: what moved is on the record, once`, async () => {
      await using stage = await setStage('postgres', { uses: 10 });
      const { server, tree, robot, base } = stage;
      await server.stop();
      await using proxy = await PostgresProxy.open(server.config.database!);
      const pause = new Pause();
      await server.restart({ atStep: pause.atStep }, { database: proxy.url });
      const commits = { next: await childOf(tree, base, 'next'), second: await childOf(tree, base, 'second') };
      const { arrived, release } = pause.arm('locked');
      const pushing = tree.push(robot.remote(repository), `${commits.next}:main`);
      await arrived;
      proxy.loseNextCommit();
      release();
      const { code, stderr } = await pushing;
      assert.notEqual(code, 0);
      assert.match(stderr, /cannot record the push, nothing was changed/);
      const openIntents = () => server.running.house.store.read.intents.listOpen({});
      assert.equal((await openIntents()).length, 1, 'it is recorded all the same');
      assert.equal(await remoteRef(robot.remote(repository), 'refs/heads/main'), base);

      if (pushes !== null) {
        const push = await tree.push(robot.remote(repository), `${commits[pushes]}:main`);
        assert.equal(push.code, 0, push.stderr);
      }
      if (stops) await server.restart();
      // Without a restart it settles by itself.
      else while ((await openIntents()).length > 0) await sleep(50);
      const proof = await proveRecord(server, stage.repositoryId, [stage.robotToken]);
      assert.equal(proof.bypasses, pushes === null ? 0 : 1);
    });
  }
}
