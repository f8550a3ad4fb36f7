import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { GitFolders } from '#git/environment.ts';
import { Git } from '#git/git.ts';
import { Quarantine } from '#git/quarantine.ts';
import { maximumRebased, type RebaseResult, rebaseRange } from '#git/rebase.ts';
import { type GitPerson, parseCommit } from '#model/git-commit.ts';
import type { ObjectId } from '#model/ref-update.ts';
import { mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { gitFolders } from './git-parts.ts';

const committer: GitPerson = { name: 'Merger', email: 'merger@example.com', seconds: 1_800_000_000, zone: '+0000' };

for (const format of ['sha1', 'sha256'] as const) {
  describe(`a rebase without a work tree (${format})`, () => {
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

    async function rebase(work: WorkTree, base: string, head: string): Promise<RebaseResult> {
      const repository = `${work.path}/.git`;
      await using quarantine = await Quarantine.create(repository, 'test');
      const ends = { base: await work.head(base), head: await work.head(head) };
      return await rebaseRange(git, repository, { quarantine: quarantine.path }, { ...ends, committer, format });
    }

    /** `main` has gone on by a change of one file since `topic` left it. */
    async function forked(): Promise<WorkTree> {
      const work = await WorkTree.create(format);
      await work.commit('base', { a: 'a\n', b: 'b\n' });
      await work.must('branch', 'topic');
      await work.commit('main goes on', { a: 'changed by main\n' });
      await work.must('checkout', '--quiet', 'topic');
      return work;
    }

    test('a conflict names the commit that does not apply, and the paths', async () => {
      await using work = await forked();
      await work.commit('fine', { b: 'changed\n' });
      const odd = await work.commit('not so', { a: 'changed by topic\n' });
      await work.commit('fine again', { b: 'changed again\n' });
      assert.deepEqual(await rebase(work, 'main', 'topic'), { kind: 'conflict', commit: odd, paths: ['a'] });
    });

    test('a commit that was empty stays, and one that has become empty goes', async () => {
      await using work = await forked();
      await work.commit('always empty');
      await work.commit('the change of main', { a: 'changed by main\n' });
      await work.commit('something', { b: 'changed\n' });
      assert.deepEqual(messages(await rebase(work, 'main', 'topic')), ['always empty\n', 'something\n']);
    });

    test('commits are made again where they might stay as they are', async () => {
      await using work = await WorkTree.create(format);
      const base = await work.commit('base', { a: 'a\n' });
      const one = await work.commit('one', { a: 'b\n' });
      const rebased = await rebase(work, base, 'main');
      assert.deepEqual(messages(rebased), ['one\n']);
      assert.ok(rebased.kind === 'rebased' && rebased.tip !== one);
      const made = parseCommit(rebased.commits[0]!.data, format);
      assert.deepEqual([made.tree, made.parents, made.committer], [await work.head('main^{tree}'), [base], committer]);
    });

    test('a range with a merge is not rebased, wherever the merge is', async () => {
      await using work = await forked();
      await work.commit('one', { b: 'changed\n' });
      await work.must('merge', '--quiet', '--no-ff', '-m', 'merge', 'main');
      await work.commit('two', { b: 'changed again\n' });
      assert.deepEqual(await rebase(work, 'main', 'topic'), { kind: 'merges' });
      assert.deepEqual(await rebase(work, 'main~1', 'topic'), { kind: 'merges' });
      // From the merge on there is none.
      assert.deepEqual(messages(await rebase(work, 'topic~1', 'topic')), ['two\n']);
    });

    test('a head that base has already, and one that has nothing in common with it', async () => {
      await using work = await forked();
      const main = await work.head('main');
      assert.deepEqual(await rebase(work, 'main', 'topic'), { kind: 'rebased', tip: main, commits: [] });
      await work.must('checkout', '--quiet', '--orphan', 'stranger');
      await work.commit('root', { c: 'c\n' });
      assert.deepEqual(await rebase(work, 'main', 'stranger'), { kind: 'unrelated' });
    });

    test('a hundred commits are rebased, one more is too many', async () => {
      await using work = await forked();
      const tip = await chain(work, await work.head('topic'), maximumRebased);
      const rebased = await rebase(work, 'main', tip);
      assert.equal(rebased.kind === 'rebased' && rebased.commits.length, 100);
      assert.deepEqual(await rebase(work, 'main', await chain(work, tip, 1)), { kind: 'too-many' });
    });

    test('author, encoding and message stay byte for byte; signature and other headers go', async () => {
      await using work = await forked();
      const [tree, parent] = await Promise.all([treeWith(work, 'b', 'changed\n'), work.head('topic')]);
      const head = Buffer.concat([
        Buffer.from(`tree ${tree}\nparent ${parent}\nauthor J\xfcrgen <j@example.com> 1234567890 -0730\n`, 'latin1'),
        Buffer.from('committer Somebody <s@example.com> 1234567891 +0000\nencoding ISO-8859-1\nHG:extra x\n'),
        Buffer.from(
          `${format === 'sha1' ? 'gpgsig' : 'gpgsig-sha256'} -----BEGIN SSH SIGNATURE-----\n author Liar <l@example.com> 1 +0000\n`,
        ),
        Buffer.from('\n\n  Gr\xfc\xdfe \n\n\nauthor of this: nobody\n\n', 'latin1'),
      ]);
      const id = await mustGit(work.path, ['hash-object', '-t', 'commit', '-w', '--stdin'], { input: head });
      const rebased = await rebase(work, 'main', id);
      assert.ok(rebased.kind === 'rebased');
      const [made] = rebased.commits;
      const lines = made!.data.toString('latin1').split('\n');
      assert.deepEqual(lines.slice(1), [
        `parent ${await work.head('main')}`,
        'author J\xfcrgen <j@example.com> 1234567890 -0730',
        'committer Merger <merger@example.com> 1800000000 +0000',
        'encoding ISO-8859-1',
        ...['', '', '  Gr\xfc\xdfe ', '', '', 'author of this: nobody', '', ''],
      ]);
    });

    test('what is made on the way is not in the quarantine when it is over', async () => {
      await using work = await forked();
      await work.commit('one', { b: 'changed\n' });
      const repository = `${work.path}/.git`;
      await using quarantine = await Quarantine.create(repository, 'test');
      const ends = { base: await work.head('main'), head: await work.head('topic') };
      await rebaseRange(git, repository, { quarantine: quarantine.path }, { ...ends, committer, format });
      const files = (await readdir(quarantine.path, { recursive: true })).filter((name) => name.length > 20);
      const types = await Promise.all(
        files.map((name) =>
          mustGit(work.path, ['cat-file', '-t', name.replace('/', '')], { env: { GIT_OBJECT_DIRECTORY: quarantine.path } }),
        ),
      );
      assert.deepEqual(types, ['tree']);
    });
  });
}

function messages(result: RebaseResult): string[] {
  assert.ok(result.kind === 'rebased', result.kind);
  return result.commits.map(({ data }) => data.toString().slice(data.indexOf('\n\n') + 2));
}

/** Commits on top of one, each with another file. */
async function chain(work: WorkTree, parent: ObjectId, count: number): Promise<ObjectId> {
  const commits = Array.from({ length: count }, (_, index) =>
    [
      'commit refs/heads/chain\n',
      `committer C <c@example.com> ${1_700_000_000 + index} +0000\ndata 2\nx\n`,
      ...(index === 0 ? [`from ${parent}\n`] : []),
      `M 100644 inline file-${index}\ndata 2\nx\n`,
    ].join(''),
  );
  await mustGit(work.path, ['fast-import', '--quiet', '--force'], { input: commits.join('\n') });
  return work.head('chain');
}

async function treeWith(work: WorkTree, path: string, content: string): Promise<ObjectId> {
  await work.commit('for its tree', { [path]: content });
  const tree = await work.head('HEAD^{tree}');
  await work.must('reset', '--quiet', '--hard', 'HEAD~1');
  return tree;
}
