import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readWhole, TooMuchOutput } from '#git/bounded-output.ts';
import { readDiff, readDiffTotals } from '#git/diff.ts';
import { streamDiff, streamPatches } from '#git/diff-text.ts';
import type { GitFolders } from '#git/environment.ts';
import { Git } from '#git/git.ts';
import type { ObjectFormat } from '#model/ref-update.ts';
import { git as clientGit, mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { gitFolders } from './git-parts.ts';
import { firstSeed, Random, runsAsked } from './random.ts';
import { RandomPull } from './random-pull.ts';

const firstOfAll = firstSeed();
const seeds = Array.from({ length: Math.max(4, Math.ceil(runsAsked(60) / 8)) }, (_, index) => firstOfAll + index);
const MB = 1024 * 1024;

describe('what a pull request changes is what git says', () => {
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

  for (const seed of seeds) {
    test(`as a diff, as mails, and file by file (seed ${seed})`, async () => {
      const random = new Random(seed);
      const format: ObjectFormat = seed % 3 === 0 ? 'sha256' : 'sha1';
      await using pull = await RandomPull.create(random, format, { merges: random.chance(0.3), quarrels: false });
      const [base, head] = [await pull.tip('main'), await pull.tip('topic')];
      const from = await mustGit(pull.bare, ['merge-base', base, head]);
      const ends = { from, to: head };

      const shown = await collect(streamDiff(git, pull.bare, ends, 10 * MB));
      assert.equal(shown, (await clientGit(pull.bare, ['diff', 'main...topic'])).stdout);

      const files = await readDiff(git, pull.bare, ends);
      const told = await clientGit(pull.bare, ['diff', '--numstat', '-z', '--no-renames', 'main...topic']);
      const renamed = files.flatMap(({ previousPath }) => previousPath ?? []);
      const paths = told.stdout.split('\0').flatMap((record) => record.split('\t')[2] ?? []);
      assert.deepEqual([...files.map(({ path }) => path), ...renamed].sort(), paths.sort());
      for (const file of files) {
        const rev = file.status === 'removed' ? from : head;
        assert.equal(file.blob, await mustGit(pull.bare, ['rev-parse', `${rev}:${file.path}`]));
        if (file.patch === null) continue;
        assert.ok(shown.includes(`\n${file.patch}\n`), `the patch of ${file.path}`);
        const ofKind = (kind: string): number => file.patch!.split('\n').filter((line) => line.startsWith(kind)).length;
        assert.deepEqual([ofKind('+'), ofKind('-')], [file.additions, file.deletions]);
      }
      const sum = (of: 'additions' | 'deletions'): number => files.reduce((total, file) => total + file[of], 0);
      const totals = { files: files.length, additions: sum('additions'), deletions: sum('deletions') };
      assert.deepEqual(await readDiffTotals(git, pull.bare, ends), totals);

      const mails = await collect(streamPatches(git, pull.bare, base, head, 10 * MB));
      assert.equal(
        mails,
        (await clientGit(pull.bare, ['format-patch', '--stdout', '--no-signature', '--topo-order', 'main..topic'])).stdout,
      );
      if ((await mustGit(pull.bare, ['rev-list', '--merges', `${from}..topic`])) !== '' || mails === '') return;
      await pull.work.must('checkout', '--quiet', '--detach', from);
      await mustGit(pull.work.path, ['am', '--quiet'], { input: mails });
      assert.equal(await pull.work.head('HEAD^{tree}'), await pull.work.head('topic^{tree}'));
    });
  }

  // Attack: behind another kind of line end, a file holds what looks like the next file's patch, so that a reviewer is shown that instead.
  test('a file cannot speak for the next one', async () => {
    await using work = await WorkTree.create();
    const base = await work.commit('base', { x: 'x\n' });
    const forged = (end: string): string => `${end}diff --git a/b.sh b/b.sh${end}@@ -0,0 +1 @@${end}+harmless${end}`;
    const head = await work.commit('attack', { 'a.txt': `a${forged('\r')}${forged('\u2028')}${forged('\u2029')}\n`, 'b.sh': 'rm -rf /\n' });
    const files = await readDiff(git, join(work.path, '.git'), { from: base, to: head });
    assert.deepEqual(
      files.map(({ path }) => path),
      ['a.txt', 'b.sh'],
    );
    assert.equal(files[1]!.patch, '@@ -0,0 +1 @@\n+rm -rf /');
  });

  test('every kind of change', async () => {
    await using work = await WorkTree.create();
    const text = Array.from({ length: 30 }, (_, index) => `${index}\n`).join('');
    const base = await work.commit('base', { bin: '\0a', gone: 'gone\n', mode: 'm\n', moved: text, type: 't\n', edited: 'a\n' });
    await work.must('mv', 'moved', 'elsewhere');
    await work.must('update-index', '--chmod=+x', 'mode');
    await work.must('rm', '--quiet', 'type', 'gone');
    const target = await mustGit(work.path, ['hash-object', '-w', '--stdin'], { input: 'a' });
    await work.must('update-index', '--add', '--cacheinfo', `120000,${target},type`);
    for (const [path, content] of Object.entries({ bin: '\0b', edited: 'b\n', empty: '', elsewhere: `${text}more\n` })) {
      const blob = await mustGit(work.path, ['hash-object', '-w', '--stdin'], { input: content });
      await work.must('update-index', '--add', '--cacheinfo', `100644,${blob},${path}`);
    }
    await work.must('commit', '--quiet', '-m', 'changes');
    const files = await readDiff(git, join(work.path, '.git'), { from: base, to: await work.head() });
    assert.deepEqual(
      files.map(({ path, previousPath, status, additions, deletions, patch }) => [
        ...[path, previousPath, status, additions, deletions],
        patch?.split('\n').slice(1) ?? null,
      ]),
      [
        ['bin', null, 'modified', 0, 0, null],
        ['edited', null, 'modified', 1, 1, ['-a', '+b']],
        ['elsewhere', 'moved', 'renamed', 1, 0, [' 27', ' 28', ' 29', '+more']],
        ['empty', null, 'added', 0, 0, null],
        ['gone', null, 'removed', 0, 1, ['-gone']],
        ['mode', null, 'modified', 0, 0, null],
        ['type', null, 'changed', 1, 1, null],
      ],
    );
  });

  test('a file with too large a patch has none, and the others keep theirs', async () => {
    await using work = await WorkTree.create();
    const base = await work.commit('base', { x: 'x\n' });
    const large = Object.fromEntries(Array.from({ length: 3 }, (_, index) => [`large-${index}`, 'x\n'.repeat(300 * 1024)]));
    const medium = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`medium-${index}`, 'x\n'.repeat(100 * 1024)]));
    const head = await work.commit('large', { ...large, ...medium, 'a-small': 'a\n', 'm-small': 'm\n' });
    const files = await readDiff(git, join(work.path, '.git'), { from: base, to: head });
    const withPatch = files.filter(({ patch }) => patch !== null).map(({ path }) => path);
    assert.deepEqual(withPatch.slice(0, 3), ['a-small', 'm-small', 'medium-0']);
    assert.equal(withPatch.length, 2 + 13, 'as many as fit into four megabytes');
    const largest = files.filter(({ path }) => path.startsWith('large'));
    assert.deepEqual(
      largest.map(({ additions }) => additions),
      [300 * 1024, 300 * 1024, 300 * 1024],
    );
  });

  test('without a common history everything in the head is new', async () => {
    for (const format of ['sha1', 'sha256'] as const) {
      await using work = await WorkTree.create(format);
      await work.commit('one', { a: 'a\n' });
      await work.must('checkout', '--quiet', '-b', 'side');
      await work.commit('side', { b: 'b\n' });
      await work.must('checkout', '--quiet', 'main');
      await work.must('merge', '--quiet', '--no-ff', '-m', 'merge', 'side');
      const files = await readDiff(git, join(work.path, '.git'), { from: null, to: await work.head() });
      assert.deepEqual(
        files.map(({ path, status }) => [path, status]),
        [
          ['a', 'added'],
          ['b', 'added'],
        ],
      );
    }
  });

  test('a text that is too large ends with an error, after just so many bytes, and so does the process', async () => {
    await using work = await WorkTree.create();
    const base = await work.commit('base', { x: 'x\n' });
    const head = await work.commit('large', { y: 'x\n'.repeat(MB) });
    const repository = join(work.path, '.git');
    for (const stream of [streamDiff(git, repository, { from: base, to: head }, MB), streamPatches(git, repository, base, head, MB)]) {
      let bytes = 0;
      const read = async (): Promise<void> => {
        for await (const chunk of stream) bytes += chunk.length;
      };
      await assert.rejects(read(), TooMuchOutput);
      assert.equal(bytes, MB);
    }
    assert.equal(await readWhole(streamDiff(git, repository, { from: base, to: head }, MB)), null);
    assert.ok((await readWhole(streamDiff(git, repository, { from: base, to: head }, 10 * MB)))!.length > 2 * MB);
    const left = streamDiff(git, repository, { from: base, to: head }, 10 * MB);
    assert.equal((await left.next()).done, false);
    await left.return(undefined);
    await git.stopAll();
  });

  test('a commit that is not there is an error, not an empty diff', async () => {
    await using work = await WorkTree.create();
    const base = await work.commit('base', { x: 'x\n' });
    const repository = join(work.path, '.git');
    const absent = '1'.repeat(40);
    await assert.rejects(collect(streamDiff(git, repository, { from: base, to: absent }, MB)));
    await assert.rejects(collect(streamPatches(git, repository, base, absent, MB)));
    await assert.rejects(readDiff(git, repository, { from: absent, to: base }));
  });
});

async function collect(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
