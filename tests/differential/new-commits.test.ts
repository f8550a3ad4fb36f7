import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { type Range, readRanges } from '#git/commit-range.ts';
import type { GitFolders } from '#git/environment.ts';
import { Git } from '#git/git.ts';
import { findIncomplete, ingestWithIndexPack } from '#git/ingest.ts';
import { Quarantine } from '#git/quarantine.ts';
import type { ObjectId } from '#model/ref-update.ts';
import { temporaryFolder } from '../support/folders.ts';
import { mustGit } from '../support/git.ts';
import { packOf } from '../support/push-request.ts';
import { gitFolders } from './git-parts.ts';
import { firstSeed, Random, runsAsked } from './random.ts';
import { type Clock, RandomHistory } from './random-history.ts';

const firstOfAll = firstSeed();
const seeds = Array.from({ length: Math.max(3, Math.ceil(runsAsked(60) / 10)) }, (_, index) => firstOfAll + index);

describe('what the walk for completeness has met tells ranges as a walk of their own does', () => {
  let folders: GitFolders & AsyncDisposable;
  let git: Git;
  before(async () => {
    folders = await gitFolders();
    git = new Git(folders);
  });
  after(() => folders[Symbol.asyncDispose]());
  const told = { fromMemory: 0, byWalk: 0 };

  for (const seed of seeds) {
    test(`the same commits, and the same word on fast-forwards (seed ${seed})`, async () => {
      await using push = await randomPush(git, new Random(seed), 'right');
      for (const range of push.ranges) {
        const before = git.started;
        const [read] = await readRanges(git, push.store, { quarantine: push.quarantine.path }, [range]);
        told[git.started === before ? 'fromMemory' : 'byWalk']++;
        const [walked] = await readRanges(git, push.history.path, {}, [range]);
        assert.deepEqual(
          new Map(read!.commits.map(({ id, parents }) => [id, parents])),
          new Map(walked!.commits.map(({ id, parents }) => [id, parents])),
        );
        assert.equal(read!.fastForward, walked!.fastForward);
      }
      const together = await readRanges(git, push.store, { quarantine: push.quarantine.path }, push.ranges);
      const apart = await readRanges(git, push.history.path, {}, push.ranges);
      assert.deepEqual(
        together.map(({ commits }) => new Set(commits.map(({ id }) => id))),
        apart.map(({ commits }) => new Set(commits.map(({ id }) => id))),
      );
    });

    test(`wrong clocks hide no commit (seed ${seed})`, async () => {
      await using push = await randomPush(git, new Random(seed), 'wrong at times');
      const read = await readRanges(git, push.store, { quarantine: push.quarantine.path }, push.ranges);
      for (const [index, { tip, bases }] of push.ranges.entries()) {
        const listed = new Set(read[index]!.commits.map(({ id }) => id));
        const behind = reach(push.history, bases);
        assert.deepEqual(
          [...reach(push.history, [tip])].filter((id) => !behind.has(id) && !listed.has(id)),
          [],
        );
        assert.equal(read[index]!.fastForward, bases.length === 1 && reach(push.history, [tip]).has(bases[0]!));
      }
    });
  }

  test('both ways were taken', () => {
    assert.ok(told.fromMemory > seeds.length && told.byWalk > seeds.length, JSON.stringify(told));
  });

  test('after the quarantine has ended, nothing is told from memory', async () => {
    await using push = await randomPush(git, new Random(firstOfAll), 'right');
    assert.notEqual(Quarantine.at(push.quarantine.path)?.newCommits ?? null, null);
    await push.quarantine.migrate();
    assert.equal(Quarantine.at(push.quarantine.path), null);
  });

  test('a push that lacks something leaves nothing that could be taken for whole', async () => {
    await using push = await randomPush(git, new Random(firstOfAll), 'right');
    const absent = '1'.repeat(40);
    assert.deepEqual(await findIncomplete(git, push.store, push.quarantine, [absent]), [absent]);
    assert.equal(push.quarantine.newCommits, null);
  });
});

interface RandomPush extends AsyncDisposable {
  readonly history: RandomHistory;
  readonly store: string;
  readonly quarantine: Quarantine;
  /** From pushed tips, down to values of refs and to other commits that the store has. */
  readonly ranges: readonly Range[];
}

/** Some of a random history in a store, under some refs, and the rest of it in quarantine. */
async function randomPush(git: Git, random: Random, clock: Clock): Promise<RandomPush> {
  await using parts = new AsyncDisposableStack();
  const history = parts.use(await RandomHistory.create(random, 'sha1', clock));
  const folder = parts.use(await temporaryFolder('store-'));
  const old = await history.grow(random.between(10, 60));
  await mustGit(folder.path, ['init', '--quiet', '--bare', '.']);
  const values = random.sample(
    old.map(({ id }) => id),
    random.between(1, 6),
  );
  for (const [index, id] of values.entries()) await mustGit(history.path, ['update-ref', `refs/heads/b${index}`, id]);
  await mustGit(folder.path, ['fetch', '--quiet', history.path, 'refs/heads/*:refs/heads/*']);
  const fresh = await history.grow(random.between(5, 40), values);
  const tips = [
    fresh.at(-1)!.id,
    ...random.sample(
      fresh.map(({ id }) => id),
      4,
    ),
  ];
  const pack = await packOf(history.path, { wanted: tips, without: values });
  const quarantine = await Quarantine.create(folder.path, `test-${random.hex(8)}`);
  parts.use(quarantine);
  assert.equal(await ingestWithIndexPack(git)(folder.path, quarantine, Readable.from([pack]), { maximumBytes: 1e9 }), null);
  assert.deepEqual(await findIncomplete(git, folder.path, quarantine, [...new Set(tips)]), []);
  const present = [...reach(history, values)];
  const ranges = tips.flatMap((tip): Range[] => [
    ...values.map((base) => ({ tip, bases: [base] })),
    { tip, bases: values },
    { tip, bases: random.sample(values, 2) },
    { tip, bases: random.sample(present, random.between(1, 3)) },
    { tip, bases: [random.pick(tips)] },
  ]);
  const kept = parts.move();
  return { history, store: folder.path, quarantine, ranges, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function reach(history: RandomHistory, from: readonly ObjectId[]): Set<ObjectId> {
  const reached = new Set<ObjectId>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    open.push(...history.commits.get(id)!.parents);
  }
  return reached;
}
