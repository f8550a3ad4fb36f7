import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { PushStep } from '#gate/gate.ts';
import { must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { githubRules, protectPattern } from '../support/protections.ts';
import { entries } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const repository = 'acme/app';

for (const database of databases) {
  describe(`a push that is turned away because there is too much to do, on ${database}`, () => {
    let server: TestServer;
    let cast: Personas;
    let tree: WorkTree;
    let base: string;
    /** Called whenever a push has been judged for the first time. */
    let meanwhile: (() => Promise<unknown>) | null = null;

    before(async () => {
      const atStep = async (step: PushStep): Promise<void> => {
        const change = meanwhile;
        if (step !== 'judged early' || change === null) return;
        // What the change itself pushes passes.
        meanwhile = null;
        await change();
        meanwhile = change;
      };
      server = await startTestServer({ database, seams: { atStep, patience: 100 } });
      cast = await castOf(server);
      tree = await WorkTree.create();
      base = await tree.commit('base', { 'a.txt': 'a\n' });
      await tree.must('push', '--quiet', cast.owner.remote(repository), `${base}:refs/heads/main`, `${base}:refs/heads/moving`);
    });
    after(async () => {
      await tree[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    test('when all turns of its account are taken, is told so and is on the record', async () => {
      const { gate } = server.running.house;
      const { id } = (await gate.store.read.accounts.findByLogin('dev'))!;
      const turns = await Promise.all(Array.from({ length: 8 }, () => gate.slots.take(id)));
      const { code, stderr } = await tree.push(cast.developer.remote(repository), `${base}:refs/heads/crowded`);
      for (const turn of turns) turn[Symbol.dispose]();
      assert.notEqual(code, 0);
      assert.match(stderr, /the server is busy, try again/);
      const [entry] = await entries(server, 'action:git.push actor:dev');
      assert.deepEqual(
        entry.updates.map((one: Record<string, unknown>) => [one['ref'], one['result'], one['reason']]),
        [['refs/heads/crowded', 'fail', 'the server is busy, try again']],
      );
      await tree.must('push', '--quiet', cast.developer.remote(repository), `${base}:refs/heads/crowded`);
    });

    test('when what it is judged by changes each time, is told so, is on the record, and moves nothing', async () => {
      const rules = githubRules({ type: 'required_linear_history', parameters: {} });
      for (const pattern of ['moving', 'new']) await protectPattern(cast.owner.api, repository, { origin: 'github', pattern, rules });
      let count = 0;
      meanwhile = async () => {
        const file = { message: `move ${++count}`, content: Buffer.from(`${count}`).toString('base64'), branch: 'moving' };
        await must(cast.owner.api('PUT', `/repos/${repository}/contents/moving-${count}.txt`, file));
      };
      const next = await tree.commit('next', { 'b.txt': 'b\n' });
      const { code, stderr } = await tree.push(cast.developer.remote(repository), `${next}:refs/heads/new`);
      meanwhile = null;
      assert.notEqual(code, 0);
      assert.match(stderr, /the repository is busy, push again/);
      assert.ok(count > 1, 'it was judged again before that');
      assert.equal(await remoteRef(cast.owner.remote(repository), 'refs/heads/new'), null);
      const [entry] = await entries(server, 'action:git.push actor:dev');
      assert.deepEqual([entry.updates[0].ref, entry.updates[0].reason], ['refs/heads/new', 'the repository is busy, push again']);
      await tree.must('push', '--quiet', cast.developer.remote(repository), `${next}:refs/heads/new`);
    });
  });
}
