import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databases } from '../support/databases.ts';
import { remoteRef } from '../support/history.ts';
import { proveRecord } from './invariants.ts';
import { childOf, repository } from './stage.ts';
import { openShared } from './two-nodes.ts';

if (databases.includes('postgres')) {
  test('pushes through two servers race for one ref: one wins each time; to refs of their own all of them land', async () => {
    await using shared = await openShared({ uses: 100 });
    const { stage } = shared;
    const { tree, cast, robot, server } = stage;
    {
      await using one = await shared.start();
      await using two = await shared.start();
      const nodes = [one, two];
      for (let round = 0; round < 6; round++) {
        const tip = (await remoteRef(one.as(robot).remote(repository), 'refs/heads/main'))!;
        const racers = nodes
          .flatMap((node) => [node, node])
          .map(async (node, index) => {
            const id = await childOf(tree, tip, `racer ${index} of ${round}`);
            const rival = tree.push(node.as(robot).remote(repository), `${id}:main`);
            const own = tree.push(node.as(cast.developer).remote(repository), `${id}:refs/heads/own-${round}-${index}`);
            return { id, rival: await rival, own: await own };
          });
        const results = await Promise.all(racers);
        const winners = results.filter(({ rival }) => rival.code === 0);
        assert.equal(winners.length, 1, results.map(({ rival }) => rival.stderr).join('\n'));
        for (const { rival } of results) if (rival.code !== 0) assert.match(rival.stderr, /fetch first|non-fast-forward/);
        for (const { own } of results) assert.equal(own.code, 0, own.stderr);
        for (const node of nodes)
          assert.equal(await remoteRef(node.as(robot).remote(repository), 'refs/heads/main'), winners[0]!.id, 'both show it');
      }
    }
    await server.restart({ silence: 1 });
    const proof = await proveRecord(server, stage.repositoryId, [stage.robotToken]);
    assert.equal(proof.bypasses, 6);
  });

  test('bypasses through two servers with a token of 5 uses: 5 pass', async () => {
    await using shared = await openShared({ uses: 5 });
    const { stage } = shared;
    const { tree, robot, server, base } = stage;
    {
      await using one = await shared.start();
      await using two = await shared.start();
      let passed = 0;
      const take = async (node: typeof one, name: string): Promise<void> => {
        for (let turn = 0; turn < 6; turn++) {
          const tip = (await remoteRef(node.as(robot).remote(repository), 'refs/heads/main')) ?? base;
          await tree.must('fetch', '--quiet', node.as(robot).remote(repository), tip);
          const { code } = await tree.push(node.as(robot).remote(repository), `${await childOf(tree, tip, `${name} ${turn}`)}:main`);
          if (code === 0) passed++;
        }
      };
      await Promise.all([take(one, 'a'), take(two, 'b'), take(one, 'c'), take(two, 'd')]);
      assert.equal(passed, 5);
    }
    await server.restart({ silence: 1 });
    const proof = await proveRecord(server, stage.repositoryId, [stage.robotToken]);
    assert.equal(proof.bypasses, 5);
  });
}
