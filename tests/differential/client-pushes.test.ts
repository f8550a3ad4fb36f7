import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ObjectFormat } from '#model/ref-update.ts';
import { temporaryFolder } from '../support/folders.ts';
import { git, mustGit } from '../support/git.ts';
import { readReportStatus } from '../support/report-status.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { explain } from './compare-push.ts';
import { firstSeed, Random, runsAsked } from './random.ts';
import { RandomHistory } from './random-history.ts';
import { RecordingProxy } from './recording-proxy.ts';
import { type Refs, Twins } from './twins.ts';

const pushesEach = 10;
const firstOfAll = firstSeed();
const seeds = Array.from({ length: Math.max(1, Math.ceil(runsAsked(60) / pushesEach / 2)) }, (_, index) => firstOfAll + index);
const names = [
  'heads/main',
  'heads/dev',
  'heads/a',
  'heads/a/b',
  'heads/ünï/😀',
  'heads/x@y',
  'tags/v1',
  'tags/deep/er',
  'notes/commits',
  'other/x',
];

/** What `git push` sent is sent to git's own receive-pack as well, byte for byte. */
describe('pushes of a real client end as with git receive-pack', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server[Symbol.asyncDispose]());

  for (const seed of seeds) {
    test(`${pushesEach} pushes in a row (seed ${seed})`, async () => {
      const random = new Random(seed);
      const format: ObjectFormat = random.chance(0.2) ? 'sha256' : 'sha1';
      await using history = await RandomHistory.create(random, format);
      await using twins = await Twins.create(server, `r${seed}`, format);
      await using proxy = await RecordingProxy.open(twins.url, twins.authorization);
      for (let count = 1; count <= pushesEach; count++) {
        const refs = await twins.refs();
        const args = await randomArguments(random, history, refs);
        const from = refs.size > 0 && random.chance(0.2) ? await shallowClone(random, proxy.url, refs) : null;
        const [folder, refspecs] = from === null ? [history.path, args] : [from.path, from.args];
        await push(twins, proxy, folder, refspecs).catch((error: unknown) => {
          throw new Error(`push ${count} of seed ${seed} (SALLYPORT_TEST_SEED): ${refspecs.join(' ').slice(0, 1000)}`, { cause: error });
        });
        await from?.[Symbol.asyncDispose]();
      }
    });
  }

  test('a shallow clone cannot push its cut-off history to a repository that has not got the rest', async () => {
    const random = new Random(1);
    await using history = await RandomHistory.create(random);
    const [tip] = (await history.grow(9)).toReversed();
    await using full = await Twins.create(server, 'full', 'sha1');
    await using empty = await Twins.create(server, 'empty', 'sha1');
    await using proxy = await RecordingProxy.open(full.url, full.authorization);
    await using proxyOfEmpty = await RecordingProxy.open(empty.url, empty.authorization);
    await push(full, proxy, history.path, [`${tip!.id}:refs/heads/main`]);
    await using clone = await shallowClone(random, proxy.url, await full.refs(), 1);
    const report = await push(empty, proxyOfEmpty, clone.path, clone.args);
    assert.notDeepEqual([...report!.refs.values()], [null]);
    assert.equal((await empty.refs()).size, 0);
    assert.deepEqual([...(await push(full, proxy, clone.path, clone.args))!.refs.values()], [null]);
  });
});

/** Null: the client had nothing to send. */
async function push(twins: Twins, proxy: RecordingProxy, folder: string, args: readonly string[]) {
  await twins.copy();
  const before = proxy.pushes.length;
  const said = await git(folder, ['-c', 'http.postBuffer=100m', 'push', '--porcelain', proxy.url, ...args]);
  const recorded = proxy.pushes[before];
  if (recorded === undefined) {
    assert.match(`${said.stdout}${said.stderr}`, /up[- ]to[- ]date|rejected|remote ref does not exist|No refs in common/);
    return null;
  }
  assert.equal(proxy.pushes.length, before + 1, 'one request');
  const ours = readReportStatus(recorded.response);
  const theirs = await twins.pushToCopy(recorded.body);
  const moved = ({ refs }: { refs: ReadonlyMap<string, string | null> }) =>
    [...refs].filter(([, reason]) => reason === null).map(([name]) => name);
  assert.deepEqual(new Set(moved(ours)), new Set(theirs === null ? [] : moved(theirs)), explain(ours, theirs));
  if ([...ours.refs.values()].some((reason) => reason !== null)) assert.notEqual(said.code, 0, 'the client was told');
  await twins.compare();
  return ours;
}

async function randomArguments(random: Random, history: RandomHistory, refs: Refs): Promise<string[]> {
  const fresh = await history.grow(
    random.between(1, 15),
    [...refs.values()].filter((id) => history.commits.has(id)),
  );
  const many = random.chance(0.05);
  const chosen = many
    ? Array.from({ length: 120 }, (_, index) => `refs/heads/many/${index}`)
    : random.sample(names, random.between(1, 5)).map((name) => `refs/${name}`);
  const refspecs: string[] = [];
  for (const refName of chosen) {
    if (chosen.some((other) => refName.startsWith(`${other}/`))) continue;
    const commit = random.chance(0.15) ? history.any().id : random.pick(fresh).id;
    const isTag = refName.startsWith('refs/tags/') && random.chance(0.7);
    const source = isTag ? await history.tag(`t${random.hex(4)}`, commit) : commit;
    if (refs.has(refName) && random.chance(0.2)) refspecs.push(`:${refName}`);
    else refspecs.push(`${random.chance(0.85) ? '+' : ''}${source}:${refName}`);
  }
  const options = [
    ...(random.chance(0.25) ? ['--atomic'] : []),
    ...(random.chance(0.3) ? ['--no-thin'] : []),
    ...(random.chance(0.2) ? ['-o', 'unknown=ünï'] : []),
    ...(random.chance(0.2) ? ['--quiet'] : []),
  ];
  // Options stand before the remote for git, which takes them anywhere.
  return [...refspecs, ...options];
}

/** A clone that is cut off, with a commit on top, and what to push from it. */
async function shallowClone(random: Random, url: string, refs: Refs, depth = random.between(1, 3)) {
  const branches = [...refs.keys()].filter((name) => name.startsWith('refs/heads/'));
  const folder = await temporaryFolder('shallow-');
  const args: string[] = [];
  if (branches.length > 0) {
    const branch = random.pick(branches);
    await mustGit(folder.path, [
      'clone',
      '--quiet',
      '--bare',
      `--depth=${depth}`,
      `--branch=${branch.slice('refs/heads/'.length)}`,
      url,
      '.',
    ]);
    const tree = await mustGit(folder.path, ['rev-parse', 'HEAD^{tree}']);
    const commit = await mustGit(folder.path, ['commit-tree', '-p', 'HEAD', '-m', `on top ${random.hex(4)}`, tree]);
    args.push(`+${commit}:${random.chance(0.6) ? branch : `refs/heads/from-shallow-${random.hex(4)}`}`);
  } else {
    await mustGit(folder.path, ['init', '--quiet', '--bare', '.']);
    args.push(':refs/heads/absent');
  }
  return { path: folder.path, args, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
