import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readChangedPaths, readNetPaths } from '#git/changed-paths.ts';
import { type Range, readRanges } from '#git/commit-range.ts';
import type { GitFolders } from '#git/environment.ts';
import { Git } from '#git/git.ts';
import type { PathFact } from '#model/facts.ts';
import type { ObjectFormat, ObjectId } from '#model/ref-update.ts';
import { git as clientGit, mustGit } from '../support/git.ts';
import { gitFolders } from './git-parts.ts';
import { firstSeed, Random, runsAsked } from './random.ts';
import { type Files, type MadeCommit, RandomHistory } from './random-history.ts';

/** What every test here compares with: how the commits were made, and what git says of them. */
type Graph = ReadonlyMap<ObjectId, MadeCommit>;

const firstOfAll = firstSeed();
const seeds = Array.from({ length: Math.max(2, Math.ceil(runsAsked(60) / 15)) }, (_, index) => firstOfAll + index);

function formatOf(seed: number): ObjectFormat {
  return seed % 4 === 0 ? 'sha256' : 'sha1';
}

describe('facts are what git says', () => {
  let folders: GitFolders & AsyncDisposable;
  let git: Git;
  before(async () => {
    folders = await gitFolders();
    git = new Git(folders);
  });
  after(() => folders[Symbol.asyncDispose]());

  for (const seed of seeds) {
    test(`the commits of many ranges read at once (seed ${seed})`, async () => {
      const random = new Random(seed);
      await using history = await RandomHistory.create(random, formatOf(seed), 'right');
      await history.grow(random.between(20, 120));
      const ids = [...history.commits.keys()];
      for (const size of [1, 1, 2, 5, 40]) {
        const ranges = Array.from({ length: size }, () => randomRange(random, ids));
        const read = await readRanges(git, history.path, {}, ranges);
        assert.equal(read.length, ranges.length);
        for (const [index, range] of ranges.entries()) await checkRange(history, range, read[index]!);
      }
    });

    // git walks by date: where clocks are wrong it may list what a base reaches. That refuses more than it should, and never less.
    test(`wrong clocks hide no commit of a range (seed ${seed})`, async () => {
      const random = new Random(seed);
      await using history = await RandomHistory.create(random, formatOf(seed), 'wrong at times');
      await history.grow(random.between(60, 160));
      const ids = [...history.commits.keys()];
      for (const size of [1, 1, 1, 20]) {
        const ranges = Array.from({ length: size }, () => randomRange(random, ids));
        for (const [index, { commits, fastForward }] of (await readRanges(git, history.path, {}, ranges)).entries()) {
          const { tip, bases } = ranges[index]!;
          const listed = new Set(commits.map(({ id }) => id));
          assert.deepEqual(
            [...madeRange(history.commits, ranges[index]!)].filter((id) => !listed.has(id)),
            [],
          );
          assert.equal(fastForward, bases.length === 1 && reach(history.commits, [tip]).has(bases[0]!));
        }
      }
    });

    test(`the paths of every commit, and between two (seed ${seed})`, async () => {
      const random = new Random(seed);
      await using history = await RandomHistory.create(random, formatOf(seed));
      await history.grow(random.between(20, 60));
      const made = random.shuffle([...history.commits.values()]);
      const touched = Map.groupBy(
        await readChangedPaths(
          git,
          history.path,
          {},
          made.map(({ id }) => id),
        ),
        ({ commit }) => commit,
      );
      for (const commit of made) {
        const expected = pathsTouchedBy(commit, history.commits);
        assert.deepEqual(pathsOf(touched.get(commit.id)), expected, `commit ${commit.id}`);
        assert.deepEqual(await pathsToldByGit(history.path, commit), expected, `git's own answer for ${commit.id}`);
      }
      const pairs = made.slice(0, 10).map((to) => ({ from: history.any(), to }));
      const net = await readNetPaths(
        git,
        history.path,
        {},
        pairs.map(({ from, to }) => ({ from: from.id, to: to.id })),
      );
      for (const [index, { from, to }] of pairs.entries()) {
        assert.deepEqual(pathsOf(net[index]), differences(from.files, to.files), `from ${from.id} to ${to.id}`);
        assert.ok(net[index]!.every(({ commit }) => commit === to.id));
      }
    });
  }

  test('bases that have no commit in common', async () => {
    await using history = await RandomHistory.create(new Random(1));
    const [one, two] = [await root(history, 'one'), await root(history, 'two')];
    const [onOne, onTwo] = [await child(history, [one], 'a'), await child(history, [two], 'b')];
    const merge = await child(history, [onOne, onTwo], 'c');
    const ranges = [
      { tip: onOne, bases: [one] },
      { tip: onTwo, bases: [two] },
      { tip: merge, bases: [one] },
      { tip: merge, bases: [one, two] },
      { tip: onOne, bases: [two] },
      { tip: one, bases: [one] },
    ];
    const read = await readRanges(git, history.path, {}, ranges);
    const commits = read.map((range) => new Set(range.commits.map(({ id }) => id)));
    assert.deepEqual(commits, [
      new Set([onOne]),
      new Set([onTwo]),
      new Set([merge, onOne, onTwo, two]),
      new Set([merge, onOne, onTwo]),
      new Set([onOne, one]),
      new Set(),
    ]);
    assert.deepEqual(
      read.map((range) => range.fastForward),
      [true, true, true, false, false, true],
    );
  });
});

describe('facts are those of the objects themselves', () => {
  let folders: GitFolders & AsyncDisposable;
  let git: Git;
  before(async () => {
    folders = await gitFolders();
    git = new Git(folders);
  });
  after(() => folders[Symbol.asyncDispose]());

  // Attack: refs/replace/<id> is a ref like others, which anybody who may push can push. git would read the harmless commit instead.
  test('a replacement ref hides neither paths nor commits', async () => {
    await using history = await RandomHistory.create(new Random(2));
    const base = await root(history, 'base');
    const harmful = await child(history, [base], 'harmful', ['secret.key']);
    const tip = await child(history, [harmful], 'tip', ['secret.key']);
    const harmless = await child(history, [base], 'harmless');
    await mustGit(history.path, ['update-ref', `refs/replace/${harmful}`, harmless]);
    await mustGit(history.path, ['update-ref', `refs/replace/${tip}`, base]);
    assert.deepEqual(await readChangedPaths(git, history.path, {}, [harmful]), [{ commit: harmful, path: 'secret.key' }]);
    const [range] = await readRanges(git, history.path, {}, [{ tip, bases: [base] }]);
    assert.deepEqual(range, {
      commits: [
        { id: tip, parents: [harmful] },
        { id: harmful, parents: [base] },
      ],
      fastForward: true,
    });
    assert.deepEqual(await readNetPaths(git, history.path, {}, [{ from: base, to: tip }]), [[{ commit: tip, path: 'secret.key' }]]);
  });

  test('a submodule that .gitmodules asks to ignore is a changed path like others', async () => {
    await using history = await RandomHistory.create(new Random(3));
    const modules = await history.write('blob', '[submodule "lib"]\n\tpath = lib\n\turl = https://example.com/lib\n\tignore = all\n');
    const commitWith = async (parents: readonly ObjectId[], submodule: ObjectId): Promise<ObjectId> => {
      const tree = await mustGit(history.path, ['mktree', '--missing'], {
        input: `100644 blob ${modules}\t.gitmodules\n160000 commit ${submodule}\tlib\n`,
      });
      return mustGit(history.path, ['commit-tree', ...parents.flatMap((parent) => ['-p', parent]), '-m', 'x', tree]);
    };
    const before = await commitWith([], '1'.repeat(40));
    const changed = await commitWith([before], '2'.repeat(40));
    await mustGit(history.path, ['update-ref', 'refs/heads/main', changed]);
    assert.deepEqual(await readChangedPaths(git, history.path, {}, [changed]), [{ commit: changed, path: 'lib' }]);
    assert.deepEqual(await readNetPaths(git, history.path, {}, [{ from: before, to: changed }]), [[{ commit: changed, path: 'lib' }]]);
  });

  test('a path that is not UTF-8 is told with the bytes that are none marked, and leaves the others alone', async () => {
    await using history = await RandomHistory.create(new Random(4));
    const blob = await history.write('blob', 'x');
    const input = Buffer.concat([
      Buffer.from(`100644 blob ${blob}\ta\n100644 blob ${blob}\t`),
      Buffer.from([0x62, 0xff]),
      Buffer.from('\n'),
    ]);
    const tree = await mustGit(history.path, ['mktree'], { input });
    const commit = await mustGit(history.path, ['commit-tree', '-m', 'x', tree]);
    const paths = await readChangedPaths(git, history.path, {}, [commit]);
    assert.deepEqual(
      paths.map(({ path }) => path),
      ['a', 'b\ufffd'],
    );
  });
});

describe('facts about tags', () => {
  let folders: GitFolders & AsyncDisposable;
  let git: Git;
  before(async () => {
    folders = await gitFolders();
    git = new Git(folders);
  });
  after(() => folders[Symbol.asyncDispose]());

  // Attack: commits that a rule would refuse on a tag, behind an annotated tag.
  test('an annotated tag brings the commits it stands for, whatever it is read together with', async () => {
    await using history = await RandomHistory.create(new Random(5));
    const base = await root(history, 'base');
    const one = await child(history, [base], 'one');
    const two = await child(history, [one], 'two');
    const tag = await history.tag('v2', two);
    const tagOfTag = await history.tag('v2-again', tag, 'tag');
    const tagOfBase = await history.tag('v0', base);
    const idsOf = async (...ranges: Range[]): Promise<ObjectId[][]> =>
      (await readRanges(git, history.path, {}, ranges)).map(({ commits }) => commits.map(({ id }) => id));
    assert.deepEqual(await idsOf({ tip: tag, bases: [base] }), [[two, one]]);
    assert.deepEqual(await idsOf({ tip: tagOfTag, bases: [] }), [[two, one, base]]);
    assert.deepEqual(await idsOf({ tip: tag, bases: [tagOfBase] }), [[two, one]]);
    const together = [
      { tip: tagOfTag, bases: [one] },
      { tip: two, bases: [tagOfBase] },
      { tip: tagOfBase, bases: [two] },
      { tip: one, bases: [tag] },
    ];
    assert.deepEqual(await idsOf(...together), [[two], [two, one], [], []]);
  });

  test('a tag of what is no commit brings none, and stops no other fact', async () => {
    await using history = await RandomHistory.create(new Random(6));
    const base = await root(history, 'base');
    const one = await child(history, [base], 'one');
    const tag = await history.tag('blob', await history.write('blob', 'x'), 'blob');
    const [ofTag, ofBranch] = await readRanges(git, history.path, {}, [
      { tip: tag, bases: [base] },
      { tip: one, bases: [base] },
    ]);
    assert.deepEqual(ofTag, { commits: [], fastForward: false });
    assert.equal(ofBranch!.commits.length, 1);
  });
});

async function checkRange(history: RandomHistory, { tip, bases }: Range, read: Awaited<ReturnType<typeof readRanges>>[number]) {
  const label = `${tip} without ${bases.join(', ') || 'anything'}`;
  const listed = await mustGit(history.path, ['rev-list', '--parents', '--stdin'], {
    input: [tip, ...bases.map((base) => `^${base}`), ''].join('\n'),
  });
  const byGit = new Map(listed.split('\n').map((line) => [line.split(' ')[0]!, line.split(' ').slice(1)]));
  byGit.delete('');
  assert.deepEqual(new Set(read.commits.map(({ id }) => id)), madeRange(history.commits, { tip, bases }), `as they were made: ${label}`);
  assert.deepEqual(new Map(read.commits.map(({ id, parents }) => [id, parents])), byGit, `as git lists them: ${label}`);
  if (bases.length !== 1) return assert.equal(read.fastForward, false, label);
  const { code } = await clientGit(history.path, ['merge-base', '--is-ancestor', bases[0]!, tip]);
  assert.equal(read.fastForward, code === 0, `fast-forward: ${label}`);
}

function randomRange(random: Random, ids: readonly ObjectId[]): Range {
  const bases = random.chance(0.6) ? 1 : random.below(5);
  return { tip: random.pick(ids), bases: random.sample(ids, bases) };
}

function madeRange(graph: Graph, { tip, bases }: Range): Set<ObjectId> {
  const reached = reach(graph, bases);
  return new Set([...reach(graph, [tip])].filter((id) => !reached.has(id)));
}

function reach(graph: Graph, from: readonly ObjectId[]): Set<ObjectId> {
  const reached = new Set<ObjectId>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    open.push(...graph.get(id)!.parents);
  }
  return reached;
}

/** Of a merge: what it has like none of its parents. */
function pathsTouchedBy({ parents, files }: MadeCommit, graph: Graph): string[] {
  if (parents.length === 0) return [...files.keys()].sort();
  const ofParents = parents.map((parent) => differences(graph.get(parent)!.files, files));
  return ofParents.reduce((common, next) => common.filter((path) => next.includes(path)));
}

async function pathsToldByGit(repository: string, { id, parents }: MadeCommit): Promise<string[]> {
  const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--root', '--no-commit-id'];
  const told = await Promise.all(
    (parents.length === 0 ? [[id]] : parents.map((parent) => [parent, id])).map(async (ends) =>
      (await clientGit(repository, [...args, ...ends])).stdout.split('\0').filter((path) => path !== ''),
    ),
  );
  return told.reduce((common, next) => common.filter((path) => next.includes(path))).sort();
}

function differences(from: Files, to: Files): string[] {
  const same = (path: string): boolean => from.get(path)?.mode === to.get(path)?.mode && from.get(path)?.content === to.get(path)?.content;
  return [...new Set([...from.keys(), ...to.keys()])].filter((path) => !same(path)).sort();
}

function pathsOf(facts: readonly PathFact[] | undefined): string[] {
  return [...new Set((facts ?? []).map(({ path }) => path))].sort();
}

function root(history: RandomHistory, name: string): Promise<ObjectId> {
  return child(history, [], name);
}

/** A commit with these files, all alike. */
async function child(
  history: RandomHistory,
  parents: readonly ObjectId[],
  message: string,
  files: readonly string[] = [],
): Promise<ObjectId> {
  const blob = await history.write('blob', 'content');
  const tree = await mustGit(history.path, ['mktree'], { input: files.map((file) => `100644 blob ${blob}\t${file}\n`).join('') });
  return mustGit(history.path, ['commit-tree', ...parents.flatMap((parent) => ['-p', parent]), '-m', message, tree]);
}
