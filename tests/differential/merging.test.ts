import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { GitFolders } from '#git/environment.ts';
import { Git } from '#git/git.ts';
import { findIncomplete, ingestWithIndexPack } from '#git/ingest.ts';
import { mergeTrees } from '#git/merge-tree.ts';
import { readMergeability } from '#git/mergeability.ts';
import { packOf } from '#git/pack-writer.ts';
import { Quarantine } from '#git/quarantine.ts';
import { rebaseRange, tryRebase } from '#git/rebase.ts';
import type { GitPerson } from '#model/git-commit.ts';
import type { ObjectFormat, ObjectId } from '#model/ref-update.ts';
import { git as clientGit, mustGit } from '../support/git.ts';
import { gitFolders } from './git-parts.ts';
import { firstSeed, Random, runsAsked } from './random.ts';
import { RandomPull } from './random-pull.ts';

const firstOfAll = firstSeed();
const seeds = Array.from({ length: Math.max(4, Math.ceil(runsAsked(60) / 5)) }, (_, index) => firstOfAll + index);
const committer: GitPerson = { name: 'Mö Rger', email: 'merger@example.com', seconds: 1_800_000_000, zone: '+0000' };
const asCommitter = {
  GIT_COMMITTER_NAME: committer.name,
  GIT_COMMITTER_EMAIL: committer.email,
  GIT_COMMITTER_DATE: `${committer.seconds} ${committer.zone}`,
};

function formatOf(seed: number): ObjectFormat {
  return seed % 3 === 0 ? 'sha256' : 'sha1';
}

describe('merging is what git does in a work tree', () => {
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
    test(`whether and how two branches merge, and into which tree (seed ${seed})`, async () => {
      const random = new Random(seed);
      await using pull = await RandomPull.create(random, formatOf(seed), { merges: random.chance(0.7), quarrels: random.chance(0.5) });
      const any = random.pick((await mustGit(pull.bare, ['rev-list', '--all'])).split('\n'));
      for (const [base, head] of [
        ['main', 'topic'],
        ['topic', 'main'],
        ['main', any],
      ] as const) {
        const [baseTip, headTip] = [await pull.tip(base), await pull.tip(head)];
        const untouched = await everythingIn(pull.bare);
        const found = await readMergeability(git, pull.bare, baseTip, headTip);
        assert.deepEqual(await everythingIn(pull.bare), untouched, 'nothing stays');
        const bases = (await clientGit(pull.bare, ['merge-base', '--all', base, head])).stdout.trim().split('\n');
        assert.deepEqual([...found.mergeBases].sort(), bases.sort());
        const count = async (range: string): Promise<number> => Number(await mustGit(pull.bare, ['rev-list', '--count', range]));
        assert.deepEqual([found.ahead, found.behind], [await count(`${base}..${head}`), await count(`${head}..${base}`)]);
        await using quarantine = await Quarantine.create(pull.bare, `test-${head}-${base}`);
        const merged = await mergeTrees(git, pull.bare, { quarantine: quarantine.path }, baseTip, headTip);
        const real = await mergeInWorkTree(pull, base, headTip);
        assert.equal(found.merge.kind, expectedKind(found, real));
        if (found.merge.kind === 'clean') assert.equal(found.merge.tree, real.tree);
        if (found.merge.kind === 'conflict') assert.deepEqual(found.merge.paths, real.conflicts);
        if (real.tree === null) assert.deepEqual(merged, { kind: 'conflict', paths: real.conflicts });
        else assert.deepEqual(merged, { kind: 'merged', tree: real.tree });
      }
    });

    test(`a range rebased commit by commit (seed ${seed})`, async () => {
      const random = new Random(seed + 1_000_000);
      await using pull = await RandomPull.create(random, formatOf(seed), { merges: random.chance(0.15), quarrels: random.chance(0.5) });
      const [base, head] = [await pull.tip('main'), await pull.tip('topic')];
      const before = await everythingIn(pull.bare);
      const kind = await tryRebase(git, pull.bare, pull.format, base, head);
      assert.deepEqual(await everythingIn(pull.bare), before, 'trying leaves nothing');
      await using quarantine = await Quarantine.create(pull.bare, 'test');
      const around = { quarantine: quarantine.path };
      const rebased = await rebaseRange(git, pull.bare, around, { base, head, committer, format: pull.format });
      assert.equal(kind, rebased.kind);
      const merges = await mustGit(pull.bare, ['rev-list', '--merges', '--count', 'main..topic']);
      if (merges !== '0') return assert.equal(rebased.kind, 'merges');
      const real = await rebaseInWorkTree(pull);
      if (rebased.kind !== 'rebased') return assert.deepEqual(rebased, { kind: 'conflict', ...real.conflict });
      assert.equal(rebased.tip, real.tip);
      const ingest = ingestWithIndexPack(git);
      if (rebased.commits.length > 0) {
        const failure = await ingest(pull.bare, quarantine, packOf(rebased.commits, pull.format), { maximumBytes: 1e9 });
        assert.equal(failure, null);
      }
      assert.deepEqual(await findIncomplete(git, pull.bare, quarantine, [rebased.tip]), []);
      await quarantine.migrate();
      await mustGit(pull.bare, ['update-ref', 'refs/heads/landed', rebased.tip]);
      const reached = (await mustGit(pull.bare, ['rev-list', '--all'])).split('\n').sort();
      assert.deepEqual(await commitsIn(pull.bare), reached, 'no commit but those of the branches is left in the store');
      await mustGit(pull.bare, ['fsck', '--strict', '--full']);
    });
  }
});

interface RealMerge {
  readonly tree: ObjectId | null;
  readonly conflicts: readonly string[];
}

async function mergeInWorkTree({ work }: RandomPull, base: string, head: ObjectId): Promise<RealMerge> {
  await work.must('checkout', '--quiet', '--detach', base);
  const { code } = await work.git('merge', '--quiet', '--squash', head);
  const conflicts = code === 0 ? [] : await unmerged(work.path);
  const tree = code === 0 ? await work.must('write-tree') : null;
  await work.must('reset', '--quiet', '--hard');
  return { tree, conflicts };
}

function expectedKind({ ahead, behind }: { ahead: number; behind: number }, { tree }: RealMerge): string {
  if (ahead === 0) return 'up-to-date';
  if (behind === 0) return 'fast-forward';
  return tree === null ? 'conflict' : 'clean';
}

async function rebaseInWorkTree({ work }: RandomPull): Promise<{ tip: ObjectId; conflict: { commit: ObjectId; paths: string[] } | null }> {
  await work.must('checkout', '--quiet', '-B', 'rebased', 'topic');
  const args = ['rebase', '--quiet', '--force-rebase', '--keep-empty', '--empty=drop', '--reapply-cherry-picks', 'main'];
  const { code } = await clientGit(work.path, args, { env: asCommitter });
  if (code === 0) return { tip: await work.head(), conflict: null };
  const conflict = { commit: await work.head('REBASE_HEAD'), paths: await unmerged(work.path) };
  await work.must('rebase', '--abort');
  return { tip: '', conflict };
}

async function unmerged(folder: string): Promise<string[]> {
  const listing = await clientGit(folder, ['diff', '--name-only', '--diff-filter=U', '-z']);
  return [...new Set(listing.stdout.split('\0').filter((path) => path !== ''))].sort();
}

async function commitsIn(repository: string): Promise<string[]> {
  return (await everythingIn(repository)).flatMap((line) => (line.endsWith(' commit') ? line.split(' ')[0]! : []));
}

async function everythingIn(repository: string): Promise<string[]> {
  const args = ['cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)'];
  return (await mustGit(repository, args)).split('\n').sort();
}
