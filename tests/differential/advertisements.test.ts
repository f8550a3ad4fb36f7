import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type LsRefs, lsRefs, pushAdvertisement } from '#git/advertisement.ts';
import type { GitFolders } from '#git/environment.ts';
import { Git } from '#git/git.ts';
import { flush, pktLine } from '#git/pkt-line.ts';
import { RefCache } from '#git/ref-table.ts';
import type { SortedRefs } from '#git/sorted-refs.ts';
import type { ObjectFormat, ObjectId, RefUpdate } from '#model/ref-update.ts';
import { mustGit } from '../support/git.ts';
import { gitFolders } from './git-parts.ts';
import { firstSeed, Random, runsAsked } from './random.ts';
import { RandomHistory } from './random-history.ts';
import { randomNames, randomTargets, setRefs } from './random-refs.ts';

const firstOfAll = firstSeed();
const sizes = [0, 1, 2, 7, 40, 300, 999, 1001, 2100, 3000];
const cases = Array.from({ length: Math.max(sizes.length, Math.ceil(runsAsked(60) / 6)) }, (_, index) => ({
  seed: firstOfAll + index,
  size: sizes[index % sizes.length]!,
}));

describe('what a client is told of the refs is what git would tell it', () => {
  let folders: GitFolders & AsyncDisposable;
  let git: Git;
  before(async () => {
    folders = await gitFolders();
    git = new Git(folders);
  });
  after(() => folders[Symbol.asyncDispose]());

  for (const { seed, size } of cases) {
    test(`${size} refs (seed ${seed})`, async () => {
      const random = new Random(seed);
      const format: ObjectFormat = random.chance(0.2) ? 'sha256' : 'sha1';
      await using history = await RandomHistory.create(random, format);
      const names = await someRefs(random, history, size);
      const cache = new RefCache(git, history.path);
      await compare(random, cache, history.path, format);

      const moves = await move(random, history, names, (await cache.table()).refs);
      await cache.patch(moves, null);
      await compare(random, cache, history.path, format);
    });
  }

  async function compare(random: Random, cache: RefCache, repository: string, format: ObjectFormat): Promise<void> {
    const table = await cache.table();
    const ours = Buffer.concat([...pushAdvertisement(table, format, 'x')]);
    const args = ['receive-pack', '--stateless-rpc', '--http-backend-info-refs', repository];
    assert.deepEqual(linesOf(ours), linesOf(await git.must(null, args)), 'the advertisement for pushes');
    for (const asked of questions(random)) {
      const answer = Buffer.concat([...lsRefs(table, asked)]).toString('utf8');
      const input = lsRefsRequest(asked, format);
      const expected = await git.must(null, ['upload-pack', '--stateless-rpc', '--strict', repository], { protocol: 'version=2', input });
      assert.equal(answer, expected.toString('utf8'), `ls-refs ${JSON.stringify(asked)}`);
    }
  }
});

/** Packed and loose, new and overwritten, with a HEAD that may be unborn. */
async function someRefs(random: Random, history: RandomHistory, size: number): Promise<string[]> {
  const { commits, others } = await randomTargets(history);
  await mustGit(history.path, ['update-ref', '-d', 'refs/made/x']);
  const target = (name: string): ObjectId => random.pick(name.startsWith('refs/heads/') || random.chance(0.5) ? commits : others);
  const names = randomNames(random, size);
  const packed = names.filter(() => random.chance(0.7));
  await setRefs(history.path, new Map(packed.map((name) => [name, target(name)])));
  await mustGit(history.path, ['pack-refs', '--all']);
  const loose = names.filter((name) => !packed.includes(name) || random.chance(0.1));
  await setRefs(history.path, new Map(loose.map((name) => [name, target(name)])));
  const branches = names.filter((name) => name.startsWith('refs/heads/'));
  const head = branches.length === 0 || random.chance(0.3) ? 'refs/heads/not/born' : random.pick(branches);
  await mustGit(history.path, ['symbolic-ref', 'HEAD', head]);
  return names;
}

/** Moves, makes and deletes refs on disk; what was done, as the gate would tell the cache. */
async function move(random: Random, history: RandomHistory, names: readonly string[], refs: SortedRefs): Promise<RefUpdate[]> {
  const commits = [...history.commits.keys()];
  const moved = new Map<string, ObjectId | null>();
  for (const name of random.sample(
    names.filter((one) => one.startsWith('refs/heads/')),
    30,
  ))
    moved.set(name, random.chance(0.3) ? null : random.pick(commits));
  for (let left = random.below(20); left > 0; left--) moved.set(`refs/heads/new/${random.hex(5)}`, random.pick(commits));
  if (random.chance(0.2))
    for (const name of names.filter((one) => one.startsWith('refs/tags/')).slice(0, 3)) moved.set(name, random.pick(commits));
  await setRefs(history.path, moved);
  return [...moved].map(([refName, newId]) => ({ refName, oldId: refs.get(refName)?.id ?? null, newId }));
}

const prefixSets: readonly (readonly string[])[] = [
  [],
  ['refs/heads/', 'refs/tags/'],
  ['refs/heads/main', 'HEAD'],
  ['H'],
  ['refs/'],
  [''],
  ['refs/heads/f', 'refs/heads/feature/', 'refs/heads/feature/a'],
  ['refs/tags/v/', 'refs/notes/', 'refs/absent/'],
  ['nothing'],
  ['refs/heads/😀', 'refs/heads/ü', 'refs/heads/\u{10ffff}'],
  ['refs/heads/0', 'refs/heads/0', 'refs/heads/1', 'refs/heads/new/'],
];

function* questions(random: Random): Generator<LsRefs> {
  for (const flags of random.sample([0, 1, 2, 3, 4, 5, 6, 7], 4)) {
    for (const prefixes of random.sample(prefixSets, 3))
      yield { peel: (flags & 1) > 0, symrefs: (flags & 2) > 0, unborn: (flags & 4) > 0, prefixes };
  }
}

function lsRefsRequest({ peel, symrefs, unborn, prefixes }: LsRefs, format: ObjectFormat): Buffer {
  const asked = [...(peel ? ['peel'] : []), ...(symrefs ? ['symrefs'] : []), ...(unborn ? ['unborn'] : [])];
  const lines = [...asked, ...prefixes.map((prefix) => `ref-prefix ${prefix}`)].map((line) => pktLine(`${line}\n`));
  return Buffer.concat([pktLine('command=ls-refs\n'), pktLine(`object-format=${format}`), Buffer.from('0001'), ...lines, flush]);
}

/** The packets of an advertisement without the capabilities, which are ours. */
function linesOf(advertisement: Buffer): string[] {
  const lines: string[] = [];
  for (let at = 0; at < advertisement.length; ) {
    const length = Number.parseInt(advertisement.toString('latin1', at, at + 4), 16);
    lines.push(advertisement.toString('utf8', at + 4, at + Math.max(4, length)).replace(/\0.*/s, '\n'));
    at += Math.max(4, length);
  }
  return lines;
}
