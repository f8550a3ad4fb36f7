import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { PushStep } from '#gate/gate.ts';
import { databases } from '../support/databases.ts';
import { git } from '../support/git.ts';
import { remoteRef } from '../support/history.ts';
import { ChildServer } from './child-server.ts';
import { proveRecord } from './invariants.ts';
import { childOf, repository, setStage } from './stage.ts';

const steps: readonly { readonly step: PushStep; readonly moved: boolean }[] = [
  { step: 'head read', moved: false },
  { step: 'ingested', moved: false },
  { step: 'judged early', moved: false },
  { step: 'locked', moved: false },
  { step: 'intent recorded', moved: false },
  { step: 'objects migrated', moved: false },
  { step: 'refs moved', moved: true },
  { step: 'outcome recorded', moved: true },
];

for (const database of databases) {
  describe(`a server killed in the middle of a push, on ${database}`, () => {
    for (const [index, { step, moved }] of steps.entries()) {
      const migrated = index >= steps.findIndex((one) => one.step === 'objects migrated');
      test(`at "${step}": ${moved ? 'the refs have moved, on the record' : 'nothing has moved'}, and the next push works`, async () => {
        await using stage = await setStage(database, { uses: 10 });
        const { server, tree, robot, base } = stage;
        const next = await childOf(tree, base, 'next');
        await server.stop();
        {
          await using child = await ChildServer.start(server.config, { fault: { step, action: 'die' } });
          const push = await tree.push(robot.remote(repository), `${next}:main`, `${next}:open`, `${next}:frozen`);
          assert.notEqual(push.code, 0, 'the client heard of no success');
          await child.ended();
        }
        const folder = join(server.config.data, 'repositories', `${stage.repositoryId}.git`);
        const { code: absent } = await git(folder, ['cat-file', '-e', next]);
        assert.equal(absent === 0, migrated, 'objects are in the store from when they may be, and not before');
        await server.restart({ silence: 1 });
        const proof = await proveRecord(server, stage.repositoryId, [stage.robotToken]);
        assert.equal(proof.bypasses, moved ? 1 : 0);
        const tips = await Promise.all(
          ['main', 'open', 'frozen'].map((branch) => remoteRef(robot.remote(repository), `refs/heads/${branch}`)),
        );
        assert.deepEqual(tips, moved ? [next, next, base] : [base, base, base]);

        const again = await tree.push(robot.remote(repository), `${await childOf(tree, next, 'after')}:main`);
        assert.equal(again.code, 0, again.stderr);
        await proveRecord(server, stage.repositoryId, [stage.robotToken]);
      });
    }
  });
}
