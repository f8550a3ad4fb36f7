import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databases } from '../support/databases.ts';
import { ChildServer } from './child-server.ts';
import { makeRoom, pathOfPatientGit } from './full-disk.ts';
import { proveRecord } from './invariants.ts';
import { outages } from './outages.ts';
import { childOf, repository, setStage } from './stage.ts';
import { untilFrozen } from './two-nodes.ts';

for (const database of databases) {
  test(`the outcome of a push cannot be recorded, another push follows and the server is killed: the record has both, on ${database}`, async () => {
    await using stage = await setStage(database, { uses: 10 });
    await using bin = await pathOfPatientGit();
    const { server, tree, robot, base, repositoryId, robotToken } = stage;
    const remote = robot.remote(repository);
    const first = await childOf(tree, base, 'first');
    const second = await childOf(tree, first, 'second');
    await server.stop();
    {
      const action = database === 'sqlite' ? 'fill' : 'freeze';
      await using child = await ChildServer.start({ ...server.config, path: bin.path }, { fault: { step: 'refs moved', action } });
      const pushing = tree.push(remote, `${first}:main`);
      if (database === 'postgres') await untilFrozen(child);
      const end = database === 'postgres' ? await outages.postgres.find((one) => !one.readable)!.begin(server) : () => makeRoom(child.pid);
      child.signal('SIGCONT');
      const { code, stderr } = await pushing;
      assert.equal(code, 0, stderr);
      await end();
      const next = await tree.push(remote, `${second}:main`);
      assert.equal(next.code, 0, next.stderr);
      await child.kill();
    }
    await server.restart({ silence: 1 });
    const proof = await proveRecord(server, repositoryId, [robotToken]);
    assert.equal(proof.bypasses, 2);
  });
}
