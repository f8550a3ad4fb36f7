import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { TooMuchOutput } from '#git/bounded-output.ts';
import type { GitFolders } from '#git/environment.ts';
import { Git } from '#git/git.ts';
import { findIncomplete, ingestWithIndexPack } from '#git/ingest.ts';
import { packForAnother } from '#git/pack-for-another.ts';
import { Quarantine } from '#git/quarantine.ts';
import type { ObjectFormat } from '#model/ref-update.ts';
import { temporaryFolder } from '../support/folders.ts';
import { mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { gitFolders } from './git-parts.ts';
import { firstSeed, Random } from './random.ts';
import { RandomPull } from './random-pull.ts';

const firstOfAll = firstSeed();

describe('commits from a fork', () => {
  let folders: GitFolders & AsyncDisposable;
  let git: Git;
  before(async () => {
    folders = await gitFolders();
    git = new Git(folders);
  });
  after(async () => {
    await git.stopAll();
    await folders[Symbol.asyncDispose]();
  });

  for (const seed of Array.from({ length: 6 }, (_, index) => firstOfAll + index)) {
    test(`come with what they need and no more, and the fork may go (seed ${seed})`, async () => {
      const random = new Random(seed);
      const format: ObjectFormat = seed % 3 === 0 ? 'sha256' : 'sha1';
      await using fork = await RandomPull.create(random, format, { merges: random.chance(0.5), quarrels: false });
      await using target = await temporaryFolder();
      await mustGit(target.path, ['init', '--quiet', '--bare', `--object-format=${format}`, '.']);
      await mustGit(target.path, ['fetch', '--quiet', fork.bare, '+refs/heads/main:refs/heads/main']);
      // Something that the fork has never seen.
      const tree = await mustGit(target.path, ['rev-parse', 'main^{tree}']);
      const own = await mustGit(target.path, ['commit-tree', '-p', 'main', '-m', 'own', tree]);
      await mustGit(target.path, ['update-ref', 'refs/heads/own', own]);
      const tip = await fork.tip('topic');
      const known = [await fork.tip('main'), own];

      await using quarantine = await Quarantine.create(target.path, 'test');
      const pack = packForAnother(git, fork.bare, [tip], known, 1e9);
      assert.equal(await ingestWithIndexPack(git)(target.path, quarantine, pack, { maximumBytes: 1e9 }), null);
      assert.deepEqual(await findIncomplete(git, target.path, quarantine, [tip]), []);
      const env = { GIT_OBJECT_DIRECTORY: quarantine.path, GIT_ALTERNATE_OBJECT_DIRECTORIES: `${target.path}/objects` };
      const commits = (await mustGit(target.path, ['rev-list', tip, '--not', '--all'], { env })).split('\n').filter((line) => line !== '');
      const expected = await mustGit(fork.bare, ['rev-list', 'main..topic']);
      assert.deepEqual(commits, expected === '' ? [] : expected.split('\n'));
      await quarantine.migrate();
      await mustGit(target.path, ['update-ref', 'refs/pull/1/head', tip]);
      await fork[Symbol.asyncDispose]();
      await mustGit(target.path, ['fsck', '--strict', '--full']);
    });
  }

  test('are refused when they are too many, or not there', async () => {
    await using fork = await RandomPull.create(new Random(1), 'sha1', { merges: false, quarrels: false });
    const read = async (tip: string, maximumBytes: number): Promise<number> => {
      let bytes = 0;
      for await (const chunk of packForAnother(git, fork.bare, [tip], [], maximumBytes)) bytes += chunk.length;
      return bytes;
    };
    const tip = await fork.tip('topic');
    const size = await read(tip, 1e9);
    assert.ok(size > 1000);
    await assert.rejects(read(tip, 500), TooMuchOutput);
    await assert.rejects(read('1'.repeat(40), 1e9), /pack-objects/);
  });

  test('are counted also where they are taken in', async () => {
    await using work = await WorkTree.create();
    const tip = await work.commit('large', { large: randomBytes(2 * 1024 * 1024) });
    await using target = await temporaryFolder();
    await mustGit(target.path, ['init', '--quiet', '--bare', '.']);
    await using quarantine = await Quarantine.create(target.path, 'test');
    const take = (maximumBytes: number) =>
      ingestWithIndexPack(git)(target.path, quarantine, packForAnother(git, `${work.path}/.git`, [tip], [], maximumBytes), {
        maximumBytes: 1e9,
      });
    const failure = await take(1024 * 1024);
    assert.match(failure?.message ?? '', /more than 1048576 bytes/);
    assert.equal(await take(3 * 1024 * 1024), null);
  });
});
