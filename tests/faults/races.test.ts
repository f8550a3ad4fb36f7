import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AuditEntry } from '#model/audit-entry.ts';
import { databases } from '../support/databases.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { Barrier } from './barrier.ts';
import { proveRecord } from './invariants.ts';
import { newScene, type Scene } from './scene.ts';
import { childOf } from './stage.ts';

const racers = 5;

/** One who wants the ref. `id`: what it stands at if this one wins; null where only the winner knows. */
interface Racer {
  readonly id: string | null;
  readonly run: () => Promise<{ readonly id: string | null; readonly told: string }>;
}

for (const database of databases) {
  describe(`racing for one ref, on ${database}`, () => {
    const barrier = new Barrier();
    let server: TestServer;
    let cast: Personas;
    let tree: WorkTree;

    before(async () => {
      server = await startTestServer({ database, seams: { atStep: barrier.atStep } });
      cast = await castOf(server);
      tree = await WorkTree.create();
    });
    after(async () => {
      await tree[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    /** All of them have been judged before the first one takes the lock. */
    const race = async (scene: Scene, branch: string, field: readonly Racer[]) => {
      const before = await lastEntry(server);
      barrier.close('judged early', field.length);
      const results = await Promise.all(field.map((racer) => racer.run()));
      const winners = results.filter((result) => result.id !== null);
      assert.equal(winners.length, 1, JSON.stringify(results));
      const tip = await remoteRef(cast.owner.remote(scene.repository), `refs/heads/${branch}`);
      assert.equal(tip, winners[0]!.id, 'the ref stands where its winner was told');
      for (const { id, told } of results) if (id === null) assert.match(told, /stale info, fetch first/);

      const recorded = await pushesAfter(server, before, `refs/heads/${branch}`);
      assert.equal(recorded.length, field.length, 'every one of them is on the record');
      const known = field.flatMap(({ id }) => id ?? []);
      assert.deepEqual(
        known.filter((id) => recorded.every((one) => one.after !== id)),
        [],
      );
      const passed = recorded.filter((one) => one.result === 'pass');
      assert.deepEqual(
        passed.map((one) => one.after),
        [tip],
      );
      for (const one of recorded) if (one.result !== 'pass') assert.match(one.reason ?? '', /stale info, fetch first/);
    };

    const pushing = async ({ repository }: Scene, branch: string, parent: string, name: string): Promise<Racer> => {
      const id = await childOf(tree, parent, name);
      const run = async () => {
        const { code, stderr } = await tree.push(cast.developer.remote(repository), `${id}:refs/heads/${branch}`);
        return { id: code === 0 ? id : null, told: stderr };
      };
      return { id, run };
    };

    test('five pushes, eight times over: one wins, and the others hear why', async () => {
      const scene = await newScene(server, cast, tree);
      for (let round = 0; round < 8; round++) {
        const parent = (await remoteRef(cast.owner.remote(scene.repository), 'refs/heads/open'))!;
        const field = Array.from({ length: racers }, (_, index) => pushing(scene, 'open', parent, `racer ${index} of ${round}`));
        await race(scene, 'open', await Promise.all(field));
      }
      await proveRecord(server, scene.repositoryId);
    });

    test('five pushes that make the same new branch: one wins, and the others hear why', async () => {
      const scene = await newScene(server, cast, tree);
      const field = Array.from({ length: racers }, (_, index) => pushing(scene, 'new', scene.base, `maker ${index}`));
      await race(scene, 'new', await Promise.all(field));
      await proveRecord(server, scene.repositoryId);
    });

    test('a push and the ref, contents and merges APIs: one wins, and the others hear why', async () => {
      const scene = await newScene(server, cast, tree);
      const { repository } = scene;
      const { api } = cast.developer;
      const asked = async (
        id: string | null,
        call: Promise<{ status: number; body: { sha?: string; commit?: { sha: string } } | null }>,
      ) => {
        const { status, body } = await call;
        return { id: status < 300 ? (id ?? body?.commit?.sha ?? body?.sha ?? null) : null, told: JSON.stringify(body) };
      };
      for (let round = 0; round < 4; round++) {
        await tree.must('fetch', '--quiet', cast.owner.remote(repository), 'open');
        const parent = await tree.head('FETCH_HEAD');
        const parked = await childOf(tree, parent, `parked ${round}`);
        await tree.must('push', '--quiet', cast.developer.remote(repository), `${parked}:refs/heads/parked-${round}`);
        const content = Buffer.from(`round ${round}\n`).toString('base64');
        const field: Racer[] = [
          await pushing(scene, 'open', parent, `pusher of ${round}`),
          { id: parked, run: () => asked(parked, api('PATCH', `/repos/${repository}/git/refs/heads/open`, { sha: parked })) },
          {
            id: null,
            run: () => asked(null, api('PUT', `/repos/${repository}/contents/${round}.txt`, { message: 'file', content, branch: 'open' })),
          },
          { id: null, run: () => asked(null, api('POST', `/repos/${repository}/merges`, { base: 'open', head: `parked-${round}` })) },
        ];
        await race(scene, 'open', field);
      }
      await proveRecord(server, scene.repositoryId);
    });
  });
}

async function lastEntry({ running }: TestServer): Promise<number> {
  return (await running.house.store.read.audit.readHead())?.number ?? 0;
}

interface Recorded {
  readonly ref: string;
  readonly after: string;
  readonly result: string;
  readonly reason?: string;
}

async function pushesAfter({ running }: TestServer, number: number, ref: string): Promise<Recorded[]> {
  const stored = await running.house.store.read.audit.listStored(number, 1000);
  const entries = stored.map(({ body }) => JSON.parse(body) as AuditEntry).filter((entry) => entry.action === 'git.push');
  return entries.flatMap((entry) => entry.data['updates'] as Recorded[]).filter((one) => one.ref === ref);
}
