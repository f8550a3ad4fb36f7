import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { explain } from '#gate/explain.ts';
import type { Gate } from '#gate/gate.ts';
import { land } from '#gate/land.ts';
import { Quarantine } from '#git/quarantine.ts';
import type { Means, Via } from '#model/actor.ts';
import type { AuthenticatedCaller } from '#model/caller.ts';
import type { Protection } from '#model/protection.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import { authenticateToken } from '#operations/authenticate.ts';
import { anyProtection } from '../support/arbitrary-rules.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, elevated, type Persona, type Personas } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { Tally } from '../support/tally.ts';

const repositoryName = 'acme/app';
const someProtections = fc.array(fc.oneof(anyProtection('github'), anyProtection('gitlab')), { maxLength: 3 });

/** Where a ref is to go; it comes from wherever it stands. Null: away. */
interface Move {
  readonly branch: string;
  readonly to: 'base' | 'tip' | 'side' | 'merge' | null;
}

const move: fc.Arbitrary<Move> = fc.record({
  branch: fc.constantFrom('main', 'release/1', 'work', 'main-new', 'release/2'),
  to: fc.constantFrom('base', 'tip', 'side', 'merge', 'merge', null),
});
const ways: readonly (readonly [Means, Via])[] = [
  ['push', 'git-http'],
  ['ref-api', 'api'],
];

describe('an explanation is the judgement itself', () => {
  let server: TestServer;
  let gate: Gate;
  let cast: Personas;
  let people: Persona[];
  const commits: Record<string, string> = {};

  before(async () => {
    server = await startTestServer();
    ({ gate } = server.running.house);
    cast = await castOf(server);
    people = [
      ...[cast.developer, cast.maintainer, cast.owner],
      await elevated(server, cast.developer, { repositories: [repositoryName] }),
      await elevated(server, cast.developer, { repositories: [repositoryName], refs: ['refs/heads/release/*'], paths: ['side.txt'] }),
      await elevated(server, cast.maintainer, { repositories: [repositoryName], operations: ['update', 'force-push', 'create', 'delete'] }),
    ];
    await using tree = await WorkTree.create();
    commits['base'] = await tree.commit('base', { 'a.txt': 'a\n' });
    commits['tip'] = await tree.commit('tip', { 'b.txt': 'b\n' });
    await tree.must('checkout', '--quiet', '-b', 'side', commits['base']);
    commits['side'] = await tree.commit('side', { 'side.txt': 's\n' });
    await tree.must('checkout', '--quiet', '-b', 'merge', commits['tip']);
    await tree.must('merge', '--quiet', '--no-edit', 'side');
    commits['merge'] = await tree.head();
    const specs = Object.entries({ 'keep/side': 'side', 'keep/merge': 'merge', main: 'tip', 'release/1': 'tip', work: 'base' });
    await tree.must(
      'push',
      '--quiet',
      cast.owner.remote(repositoryName),
      ...specs.map(([name, at]) => `${commits[at]}:refs/heads/${name}`),
    );
  });
  after(() => server[Symbol.asyncDispose]());

  async function replaceProtections(protections: readonly Protection[]): Promise<void> {
    const repository = (await gate.store.read.repositories.findByPath('acme', 'app'))!;
    await gate.store.write(async (tx) => {
      for (const one of await tx.rules.listProtections(repository.id, repository.ownerId)) await tx.rules.removeProtection(one.id);
      const seen = new Set<string>();
      for (const { id: _id, version: _version, ...rest } of protections) {
        const owner = 'repository' in rest.owner ? { repository: repository.id } : { organization: repository.ownerId };
        // The store holds at most one for each owner, origin and pattern.
        const key = JSON.stringify([owner, rest.origin, rest.pattern]);
        if (!seen.has(key)) await tx.rules.insertProtection({ ...rest, owner });
        seen.add(key);
      }
    });
  }

  /** A push that is judged like any other, twice, and then not carried out. */
  async function judge(caller: AuthenticatedCaller, means: Means, updates: readonly RefUpdate[], bypassReason: string | null) {
    const repository = (await gate.store.read.repositories.findByPath('acme', 'app'))!;
    const owner = (await gate.store.read.accounts.findById(repository.ownerId))!;
    const about = { caller, repository, owner, means, bypassReason, updates };
    const pushId = randomUUID();
    const { path } = gate.repositories.open(repository.id, repository.objectFormat);
    await using quarantine = await Quarantine.create(path, pushId);
    const explained = await explain(gate, about);
    const landed = await land(gate, { ...about, pushId, atomic: false, dryRun: true, quarantine });
    return { explained: explained.verdict.refs, judged: landed.map((one) => one.verdict) };
  }

  test('whoever asks, whatever the rules are, and however the refs move', async () => {
    const tally = new Tally();
    const drawn = fc.record({
      protections: someProtections,
      who: fc.nat({ max: 5 }),
      way: fc.constantFrom(...ways),
      moves: fc.uniqueArray(move, { minLength: 1, maxLength: 3, selector: (one) => one.branch }),
      reason: fc.constantFrom(null, 'an incident'),
    });
    await fc.assert(
      fc.asyncProperty(drawn, async ({ protections, who, way: [means, via], moves, reason }) => {
        await replaceProtections(protections);
        const repository = (await gate.store.read.repositories.findByPath('acme', 'app'))!;
        const { refs } = await gate.repositories.open(repository.id, repository.objectFormat).refs.table();
        const updates = moves
          .map(({ branch, to }): RefUpdate => {
            const refName = `refs/heads/${branch}`;
            return { refName, oldId: refs.get(refName)?.id ?? null, newId: to === null ? null : commits[to]! };
          })
          .filter((update) => update.oldId !== update.newId);
        const request = { id: 'test', address: null, userAgent: null };
        const caller = await authenticateToken(gate.store.read, people[who]!.token, via, request);
        const { explained, judged } = await judge(caller, means, updates, reason);
        assert.deepEqual(explained, judged);
        for (const one of explained) tally.count(one.result);
      }),
      { numRuns: 100 },
    );
    tally.require({ pass: 0.1, fail: 0.1, bypass: 0.01 });
  });
});
