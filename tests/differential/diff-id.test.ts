import assert from 'node:assert/strict';
import { chmod, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readDiffId } from '#git/diff-id.ts';
import type { GitFolders } from '#git/environment.ts';
import { Git } from '#git/git.ts';
import type { ObjectFormat, ObjectId } from '#model/ref-update.ts';
import { git as clientGit, mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { gitFolders } from './git-parts.ts';
import { firstSeed, Random, runsAsked } from './random.ts';
import { RandomPull } from './random-pull.ts';

const firstOfAll = firstSeed();
const seeds = Array.from({ length: Math.max(4, Math.ceil(runsAsked(60) / 8)) }, (_, index) => firstOfAll + index);

function lines(from: number, to: number, changes: Readonly<Record<number, string>> = {}): string {
  return Array.from({ length: to - from + 1 }, (_, index) => `${changes[from + index] ?? `line ${from + index}`}\n`).join('');
}

describe('the id of what a pull request changes', () => {
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

  async function idOf(work: WorkTree, base: string, head: string): Promise<string> {
    const from = (await work.git('merge-base', base, head)).stdout.trim();
    return readDiffId(git, join(work.path, '.git'), { from: from === '' ? null : from, to: await work.head(head) });
  }

  async function patchId(work: WorkTree, base: string, head: string): Promise<string> {
    const diff = (await work.git('diff', `${base}...${head}`)).stdout;
    return (await mustGit(work.path, ['patch-id', '--stable'], { input: diff })).split(' ')[0]!;
  }

  for (const format of ['sha1', 'sha256'] as const) {
    describe(`of a pull request in a ${format} repository`, () => {
      /** `topic` changes line 10 of a file, makes one, removes one and renames one with a change. */
      async function proposal(): Promise<WorkTree> {
        const work = await WorkTree.create(format);
        await work.commit('base', { code: lines(1, 60), gone: 'gone\n', old: lines(100, 140), other: 'other\n' });
        await work.must('checkout', '--quiet', '-b', 'topic');
        await work.must('mv', 'old', 'new');
        const files = { code: lines(1, 60, { 10: 'changed' }), gone: null, new: lines(100, 140, { 105: 'x' }), made: 'made\n' };
        await work.commit('proposal', files);
        return work;
      }

      async function onMain(work: WorkTree, files: Readonly<Record<string, string>>): Promise<void> {
        await work.must('checkout', '--quiet', 'main');
        await work.commit('main goes on', files);
        await work.must('checkout', '--quiet', 'topic');
      }

      for (const [how, args] of [
        ['merging the base into the head', ['merge', '--quiet', '--no-edit', 'main']],
        ['rebasing the head', ['rebase', '--quiet', 'main']],
      ] as const) {
        test(`stays when ${how} brings other files`, async () => {
          await using work = await proposal();
          const before = await idOf(work, 'main', 'topic');
          await onMain(work, { other: 'changed by main\n' });
          assert.equal(await idOf(work, 'main', 'topic'), before, 'main has only gone on');
          await work.must(...args);
          assert.equal(await idOf(work, 'main', 'topic'), before);
        });

        test(`stays when ${how} brings other places of the same files`, async () => {
          await using work = await proposal();
          const before = await idOf(work, 'main', 'topic');
          await onMain(work, { code: `first\n${lines(1, 60, { 40: 'changed by main' })}`, old: lines(100, 140, { 130: 'by main' }) });
          await work.must(...args);
          assert.equal(await work.must('show', 'topic:new'), lines(100, 140, { 105: 'x', 130: 'by main' }).trim());
          assert.equal(await idOf(work, 'main', 'topic'), before);
        });

        test(`changes when ${how} brings lines next to those that were reviewed`, async () => {
          await using work = await proposal();
          const before = await idOf(work, 'main', 'topic');
          await onMain(work, { code: lines(1, 60, { 8: 'changed by main' }) });
          await work.must(...args);
          assert.notEqual(await idOf(work, 'main', 'topic'), before);
        });
      }

      test('stays when commits are joined, or only their messages change', async () => {
        await using work = await proposal();
        const first = await idOf(work, 'main', 'topic');
        await work.commit('more', { more: 'more\n' });
        const before = await idOf(work, 'main', 'topic');
        assert.notEqual(before, first);
        await work.must('reset', '--quiet', '--soft', 'HEAD~2');
        await work.commit('all in one');
        assert.equal(await idOf(work, 'main', 'topic'), before);
      });

      // Attack: the author has an approval, and smuggles something into the merge commit that neither side has.
      test('changes with content that only the merge brings', async () => {
        await using work = await proposal();
        const before = await idOf(work, 'main', 'topic');
        await onMain(work, { other: 'changed by main\n' });
        await work.must('merge', '--quiet', '--no-commit', '--no-ff', 'main');
        await work.commit('merge', { code: lines(1, 60, { 10: 'changed', 50: 'evil' }) });
        assert.notEqual(await idOf(work, 'main', 'topic'), before);
      });
    });
  }

  async function twoHeads(
    base: Record<string, string>,
    one: () => Record<string, string | null>,
    other: () => Record<string, string | null>,
  ) {
    const work = await WorkTree.create();
    await work.commit('base', base);
    for (const [branch, files] of [
      ['one', one],
      ['other', other],
    ] as const) {
      await work.must('checkout', '--quiet', '-b', branch, 'main');
      await work.commit(branch, files());
    }
    return work;
  }

  // Attack: a change is approved; then the author pushes the same with another indentation, which puts it into another block.
  test('white space counts', async () => {
    await using work = await twoHeads(
      { 'a.py': 'if admin:\n    check()\ndone()\n' },
      () => ({ 'a.py': 'if admin:\n    check()\n    delete()\ndone()\n' }),
      () => ({ 'a.py': 'if admin:\n    check()\ndelete()\ndone()\n' }),
    );
    assert.equal(await patchId(work, 'main', 'one'), await patchId(work, 'main', 'other'), 'git takes both for the same');
    assert.notEqual(await idOf(work, 'main', 'one'), await idOf(work, 'main', 'other'));
  });

  // Attack: a change is approved in the first of two jobs that look alike; then the author pushes it into the second.
  test('the place counts where two places look alike', async () => {
    const job = (rights: string): string => `steps:\n  a\n  b\n  rights: ${rights}\n  c\n  d\n  e\n`;
    const file = (first: string, second: string): string => `start\n${job(first)}between 1\nbetween 2\n${job(second)}end\n`;
    await using work = await twoHeads(
      { jobs: file('read', 'read') },
      () => ({ jobs: file('write', 'read') }),
      () => ({ jobs: file('read', 'write') }),
    );
    assert.equal(await patchId(work, 'main', 'one'), await patchId(work, 'main', 'other'), 'git takes both for the same');
    assert.notEqual(await idOf(work, 'main', 'one'), await idOf(work, 'main', 'other'));
  });

  test('the newline at the end counts', async () => {
    await using work = await twoHeads(
      { a: 'a\n' },
      () => ({ a: 'b\n' }),
      () => ({ a: 'b' }),
    );
    assert.notEqual(await idOf(work, 'main', 'one'), await idOf(work, 'main', 'other'));
  });

  test('binary files count by what is in them', async () => {
    await using work = await twoHeads(
      { a: '\0before' },
      () => ({ a: '\0one' }),
      () => ({ a: '\0other' }),
    );
    assert.notEqual(await idOf(work, 'main', 'one'), await idOf(work, 'main', 'other'));
  });

  test('paths count byte for byte, and modes', async () => {
    await using work = await WorkTree.create();
    const base = await work.commit('base', { a: 'a\n' });
    const blob = await work.head('HEAD:a');
    const heads: ObjectId[] = [];
    for (const [mode, last] of [
      ['100644', 0xfe],
      ['100644', 0xff],
      ['100755', 0xff],
      ['120000', 0xff],
    ] as const) {
      const entry = Buffer.concat([Buffer.from(`${mode} blob ${blob}\tb`), Buffer.from([last, 10])]);
      const tree = await mustGit(work.path, ['mktree'], { input: Buffer.concat([Buffer.from(`100644 blob ${blob}\ta\n`), entry]) });
      heads.push(await work.must('commit-tree', '-p', base, '-m', 'x', tree));
    }
    const ids = await Promise.all(heads.map((head) => idOf(work, base, head)));
    assert.equal(new Set(ids).size, heads.length);
  });

  test('a change of mode alone stays what it is when the base changes the file', async () => {
    await using work = await WorkTree.create();
    await work.commit('base', { a: lines(1, 20) });
    await work.must('checkout', '--quiet', '-b', 'topic');
    await chmod(join(work.path, 'a'), 0o755);
    await symlink('a', join(work.path, 'link'));
    await work.commit('executable');
    const before = await idOf(work, 'main', 'topic');
    await work.must('checkout', '--quiet', 'main');
    await work.commit('on', { a: lines(1, 20, { 3: 'x' }) });
    await work.must('checkout', '--quiet', 'topic');
    await work.must('rebase', '--quiet', 'main');
    assert.equal(await idOf(work, 'main', 'topic'), before);
  });

  test('without a common history everything in the head counts', async () => {
    await using work = await WorkTree.create();
    const base = await work.commit('base', { a: 'a\n' });
    await work.must('checkout', '--quiet', '--orphan', 'stranger');
    await work.commit('root', { b: 'b\n' });
    const one = await idOf(work, base, 'stranger');
    await work.commit('more', { a: 'b\n' });
    assert.notEqual(await idOf(work, base, 'stranger'), one);
  });

  for (const seed of seeds) {
    const format: ObjectFormat = seed % 3 === 0 ? 'sha256' : 'sha1';
    test(`a rebase that leaves the diff as it was leaves its id; another head is another id (seed ${seed})`, async () => {
      const random = new Random(seed);
      await using pull = await RandomPull.create(random, format, { merges: false, quarrels: false });
      const { work } = pull;
      const [before, shown] = [await idOf(work, 'main', 'topic'), await shownDiff(work, 'main', 'topic')];
      await work.must('checkout', '--quiet', '-B', 'rebased', 'topic');
      if ((await work.git('rebase', '--quiet', 'main')).code === 0 && (await shownDiff(work, 'main', 'rebased')) === shown) {
        assert.equal(await idOf(work, 'main', 'rebased'), before);
      } else await work.git('rebase', '--abort');
      const from = (await clientGit(work.path, ['merge-base', 'main', 'topic'])).stdout.trim();
      const heads = (await work.must('rev-list', '--all', `${from}..topic`)).split('\n').filter((id) => id !== '');
      const trees = new Map<string, string>();
      for (const head of heads) {
        const tree = await work.head(`${head}^{tree}`);
        const id = await readDiffId(git, join(work.path, '.git'), { from, to: head });
        assert.equal(trees.get(id) ?? tree, tree);
        trees.set(id, tree);
      }
      assert.equal(new Set(trees.values()).size, trees.size);
    });
  }
});

/** What a reviewer sees, without the numbers of lines; binary files by their blobs. */
async function shownDiff(work: WorkTree, base: string, head: string): Promise<string> {
  const { stdout } = await work.git('diff', '--full-index', `${base}...${head}`);
  return stdout
    .split(/^(?=diff --git )/m)
    .map((part) => (part.includes('\nBinary files ') ? part : part.replace(/^index .*$/m, '')))
    .map((part) => part.replace(/^@@ .*$/gm, '@@').replace(/^similarity .*$/m, ''))
    .join('');
}
