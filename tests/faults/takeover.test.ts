import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PushStep } from '#gate/gate.ts';
import { must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { remoteRef } from '../support/history.ts';
import { personaOf } from '../support/personas.ts';
import { proveRecord } from './invariants.ts';
import { childOf, repository } from './stage.ts';
import { openShared, untilFrozen } from './two-nodes.ts';

/** Milliseconds after which a server is taken for gone. */
const silence = 2000;

if (databases.includes('postgres')) {
  test('a server is killed in the middle of a push: another refuses until it is silent for long, then puts it right and goes on', async () => {
    await using shared = await openShared({ uses: 10 });
    const { stage } = shared;
    const { tree, robot, server, base } = stage;
    {
      await using living = await shared.start({ silence });
      await using dying = await shared.start({ fault: { step: 'intent recorded', action: 'die' }, silence });
      const lost = await tree.push(dying.as(robot).remote(repository), `${await childOf(tree, base, 'lost')}:main`);
      assert.notEqual(lost.code, 0);
      const push = async () => tree.push(living.as(robot).remote(repository), `${await childOf(tree, base, 'next')}:main`);
      const early = await push();
      assert.match(early.stderr, /the repository is busy, push again/);
      await sleep(silence);
      const late = await push();
      assert.equal(late.code, 0, late.stderr);
    }
    await server.restart({ silence: 1 });
    const proof = await proveRecord(server, stage.repositoryId, [stage.robotToken]);
    assert.equal(proof.bypasses, 1);
  });

  test('a server that was taken for gone is killed before it has said that it lives: the next one puts its push right all the same', async () => {
    await using shared = await openShared({ uses: 10 });
    const { stage } = shared;
    const { tree, robot, server, base } = stage;
    {
      await using dying = await shared.start({ fault: { step: 'intent recorded', action: 'die' } });
      // At its start it takes over from whoever has not said so within a millisecond.
      await using _hasty = await shared.start({ silence: 1 });
      const lost = await tree.push(dying.as(robot).remote(repository), `${await childOf(tree, base, 'lost')}:main`);
      assert.notEqual(lost.code, 0);
    }
    await server.restart({ silence: 1 });
    const proof = await proveRecord(server, stage.repositoryId, [stage.robotToken]);
    assert.equal(proof.bypasses, 0);
    const next = await tree.push(robot.remote(repository), `${await childOf(tree, base, 'next')}:main`);
    assert.equal(next.code, 0, next.stderr);
  });

  test('a server freezes with a push that was let through: a revocation through another is answered when that push has ended', async () => {
    await using shared = await openShared({ uses: 10 });
    const { stage } = shared;
    const { tree, robot, server, base } = stage;
    const admin = personaOf(server, 'admin', server.adminToken);
    {
      await using awake = await shared.start();
      await using frozen = await shared.start({ fault: { step: 'intent recorded', action: 'freeze' } });
      const next = await childOf(tree, base, 'next');
      const pushing = tree.push(frozen.as(robot).remote(repository), `${next}:main`);
      await untilFrozen(frozen.server);
      const answers: string[] = [];
      const revoking = must(awake.as(admin).api('DELETE', `/api/sallyport/v1/tokens/${stage.robotToken}`)).then(() =>
        answers.push('revoked'),
      );
      await sleep(700);
      assert.deepEqual(answers, []);
      assert.equal(await remoteRef(awake.as(stage.cast.owner).remote(repository), 'refs/heads/main'), base);
      frozen.server.signal('SIGCONT');
      await revoking;
      assert.equal(await remoteRef(awake.as(stage.cast.owner).remote(repository), 'refs/heads/main'), next);
      assert.equal((await pushing).code, 0);
      for (const node of [awake, frozen]) {
        const late = await tree.push(node.as(robot).remote(repository), `${await childOf(tree, next, 'late')}:main`);
        assert.notEqual(late.code, 0);
      }
    }
    await server.restart({ silence: 1 });
    await proveRecord(server, stage.repositoryId, [stage.robotToken]);
  });

  const steps: readonly { step: PushStep; moved: boolean }[] = [
    { step: 'intent recorded', moved: false },
    { step: 'objects migrated', moved: false },
    { step: 'refs moved', moved: true },
  ];
  for (const { step, moved } of steps) {
    test(`a server freezes at "${step}", loses its connections and wakes up after another has taken over: what ${moved ? 'had moved is' : 'had not moved stays'}, on the record once`, async () => {
      await using shared = await openShared({ uses: 10 });
      const { stage } = shared;
      const { tree, robot, server, base } = stage;
      const next = await childOf(tree, base, 'next');
      const other = await childOf(tree, base, 'other');
      {
        await using awake = await shared.start({ silence });
        await using frozen = await shared.start({ fault: { step, action: 'freeze' }, silence });
        const lost = tree.push(frozen.as(robot).remote(repository), `${next}:main`);
        await untilFrozen(frozen.server);
        await sleep(silence);
        // To another ref: the one that the frozen server is about to move stands where it expects it.
        const second = tree.push(awake.as(robot).remote(repository), `${other}:refs/heads/open`);
        const early = await Promise.race([second.then(() => 'answered'), sleep(500).then(() => 'waiting')]);
        assert.equal(early, 'waiting', 'nobody comes in between while the frozen one holds the lock');
        await frozen.cutOff();
        const landed = await second;
        assert.equal(landed.code, 0, landed.stderr);

        frozen.server.signal('SIGCONT');
        const { code, stderr } = await lost;
        assert.equal(code === 0, moved, stderr);
        if (!moved) assert.match(stderr, /the lock on the repository was lost|refs.sallyport.fence/);
        const third = await tree.push(frozen.as(robot).remote(repository), `${await childOf(tree, moved ? next : base, 'third')}:main`);
        assert.equal(third.code, 0, third.stderr);
      }
      await server.restart({ silence: 1 });
      const proof = await proveRecord(server, stage.repositoryId, [stage.robotToken]);
      assert.equal(proof.bypasses, moved ? 2 : 1);
    });
  }
}
