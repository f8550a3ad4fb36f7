import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { PushStep } from '#gate/gate.ts';
import { databases } from '../support/databases.ts';
import { remoteRef } from '../support/history.ts';
import { ChildServer } from './child-server.ts';
import { makeRoom, pathOfPatientGit } from './full-disk.ts';
import { proveRecord } from './invariants.ts';
import { childOf, repository, type Stage, setStage } from './stage.ts';

const unrecorded = /cannot record the push, nothing was changed/;
const unmoved = /\[remote rejected\]/;
const landed = /bypass/i;

/** What the client hears when the disk is full from a step on. PostgreSQL has a disk of its own: there the record goes on. */
const steps: readonly { readonly step: PushStep; readonly moved: boolean; readonly sqlite: RegExp; readonly postgres: RegExp }[] = [
  { step: 'head read', moved: false, sqlite: unrecorded, postgres: /unpacker error/ },
  { step: 'ingested', moved: false, sqlite: unrecorded, postgres: unmoved },
  { step: 'judged early', moved: false, sqlite: unrecorded, postgres: unmoved },
  { step: 'locked', moved: false, sqlite: unrecorded, postgres: unmoved },
  { step: 'intent recorded', moved: false, sqlite: unmoved, postgres: unmoved },
  { step: 'objects migrated', moved: false, sqlite: unmoved, postgres: unmoved },
  { step: 'refs moved', moved: true, sqlite: landed, postgres: landed },
  { step: 'outcome recorded', moved: true, sqlite: landed, postgres: landed },
];

for (const database of databases) {
  describe(`a disk that is full in the middle of a push, on ${database}`, () => {
    const parts = new AsyncDisposableStack();
    let stage: Stage;
    let path: string;

    before(async () => {
      stage = parts.use(await setStage(database, { uses: 100 }));
      path = parts.use(await pathOfPatientGit()).path;
    });
    after(() => parts.disposeAsync());

    for (const { step, moved, [database]: says } of steps) {
      test(`from "${step}" on: the refs ${moved ? 'have moved' : 'stay'}, and with room again pushes work`, async () => {
        const { server, tree, robot, cast, repositoryId, robotToken } = stage;
        const remote = robot.remote(repository);
        const base = (await remoteRef(remote, 'refs/heads/main'))!;
        await server.stop();
        const next = await childOf(tree, base, `next at ${step}`);
        {
          await using child = await ChildServer.start({ ...server.config, path }, { fault: { step, action: 'fill' } });
          const { code, stderr } = await tree.push(remote, `${next}:main`);
          assert.match(stderr, says);
          assert.equal(code === 0, moved, stderr);
          assert.equal(await remoteRef(remote, 'refs/heads/main'), moved ? next : base, 'what is there can be read');
          const other = await tree.push(cast.developer.remote(repository), `${next}:refs/heads/other`);
          assert.notEqual(other.code, 0, 'nothing lands on a full disk');

          makeRoom(child.pid);
          const again = await tree.push(remote, `${await childOf(tree, next, 'after')}:main`, `${next}:open`);
          assert.match(again.stderr, landed);
          child.signal('SIGTERM');
          await child.ended();
        }
        await server.restart({ silence: 1 });
        await proveRecord(server, repositoryId, [robotToken]);
      });
    }
  });
}
