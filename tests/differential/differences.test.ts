import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { flush, pktLine } from '#git/pkt-line.ts';
import { type ObjectId, type RefUpdate, zeroId } from '#model/ref-update.ts';
import { mustGit } from '../support/git.ts';
import { packOf, pushRequest } from '../support/push-request.ts';
import { readReportStatus } from '../support/report-status.ts';
import { startTestServer } from '../support/server.ts';
import { knownDifferences } from './known-differences.ts';
import { Random } from './random.ts';
import { RandomHistory } from './random-history.ts';
import { Twins } from './twins.ts';

const main = 'refs/heads/main';

/** What we do on purpose where we differ from git: each difference that the random pushes are excused for, once by itself. */
describe('named differences from git receive-pack', () => {
  const parts = new AsyncDisposableStack();
  let history: RandomHistory;
  let twins: Twins;
  let old: ObjectId;
  let tip: ObjectId;

  before(async () => {
    const server = parts.use(await startTestServer());
    history = parts.use(await RandomHistory.create(new Random(1)));
    const made = await history.grow(6);
    [old, tip] = [made[0]!.id, made.at(-1)!.id];
    twins = parts.use(await Twins.create(server, 'differences', 'sha1'));
    assert.deepEqual(await push([create(main, old), create('refs/heads/topic', old)]), { [main]: null, 'refs/heads/topic': null });
  });
  after(() => parts.disposeAsync());

  function create(refName: string, newId: ObjectId): RefUpdate {
    return { refName, oldId: null, newId };
  }

  /** Ref name -> why it did not move. */
  async function push(commands: readonly RefUpdate[]): Promise<Record<string, string | null>> {
    const pack = await packOf(history.path, { wanted: [tip, old] });
    const { response } = await twins.push(pushRequest({ commands, pack: commands.some(({ newId }) => newId !== null) ? pack : null }));
    return Object.fromEntries(readReportStatus(response).refs);
  }

  const unknown = '1234567890'.repeat(4);
  const examples: Record<string, (ids: { old: ObjectId; tip: ObjectId }) => readonly RefUpdate[]> = {
    'a ref named twice': (ids) => [
      { refName: 'refs/heads/topic', oldId: ids.old, newId: ids.tip },
      { refName: 'refs/heads/topic', oldId: ids.tip, newId: ids.old },
    ],
    'reserved namespaces': (ids) => [create('refs/pull/1/head', ids.tip), create('refs/keep-around/x', ids.tip)],
    'a new branch whose name begins like an object id': (ids) => [create(`refs/heads/${unknown}`, ids.tip)],
    'a new ref below another new one': (ids) => [create('refs/heads/n/m', ids.tip), create('refs/heads/n', ids.tip)],
    'a deletion whose old value is not that of the ref': () => [
      { refName: 'refs/heads/topic', oldId: unknown, newId: null },
      { refName: 'refs/heads/absent', oldId: unknown, newId: null },
    ],
    'neither an old nor a new value': () => [{ refName: 'refs/heads/topic', oldId: null, newId: null }],
    'names of more than a kilobyte': (ids) => [create(`refs/heads/${'long/'.repeat(210)}x`, ids.tip)],
  };

  for (const { name, ours, concerns } of knownDifferences) {
    test(name, async () => {
      const commands = examples[name]!({ old, tip });
      const before = await twins.refs();
      const answers = await push(commands);
      const concerned = commands.filter((command) => concerns(command, commands, before));
      assert.ok(concerned.length > 0);
      for (const { refName } of concerned)
        assert.equal(answers[refName] === null, ours === 'nothing to do', `${refName}: ${answers[refName]}`);
      const refs = await twins.refs();
      for (const { refName } of concerned) assert.equal(refs.get(refName), before.get(refName));
    });
  }

  test('a deletion makes room for a ref below it, in any order, but not in an atomic push', async () => {
    assert.deepEqual(await push([create('refs/heads/room', tip)]), { 'refs/heads/room': null });
    const swap = [create('refs/heads/room/inner', tip), { refName: 'refs/heads/room', oldId: tip, newId: null }];
    const atomic = pushRequest({
      commands: swap,
      capabilities: ['report-status', 'atomic'],
      pack: await packOf(history.path, { wanted: [tip] }),
    });
    const { refs } = readReportStatus((await twins.push(atomic)).response);
    assert.ok([...refs.values()].every((reason) => reason !== null));
    assert.deepEqual(await push(swap), { 'refs/heads/room/inner': null, 'refs/heads/room': null });
  });

  test('a name that is not UTF-8 is refused, and nothing of another name moves', async () => {
    const before = await twins.refs();
    const name = Buffer.concat([Buffer.from('refs/heads/l'), Buffer.from([0xe9]), Buffer.from('ger')]);
    const ends = Buffer.from(`${zeroId('sha1')} ${tip} `);
    const line = Buffer.concat([ends, name, Buffer.from('\0report-status')]);
    const { response } = await twins.push(Buffer.concat([pktLine(line), flush, await packOf(history.path, { wanted: [tip] })]));
    assert.deepEqual([...readReportStatus(response).refs.values()], ['funny refname']);
    assert.deepEqual(await twins.refs(), before);
  });

  // Attack: somebody with a shell plants a symbolic ref, so that a push to one name moves another, protected one.
  test('a symbolic ref is no target', async () => {
    await mustGit(twins.path, ['symbolic-ref', 'refs/heads/alias', main]);
    const { response } = await twins.push(
      pushRequest({
        commands: [{ refName: 'refs/heads/alias', oldId: old, newId: tip }],
        pack: await packOf(history.path, { wanted: [tip] }),
      }),
    );
    assert.deepEqual([...readReportStatus(response).refs], [['refs/heads/alias', 'this ref points to another ref']]);
    assert.equal((await twins.refs()).get(main), old);
    await mustGit(twins.path, ['symbolic-ref', '--delete', 'refs/heads/alias']);
  });
});
