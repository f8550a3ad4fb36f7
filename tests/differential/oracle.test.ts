import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ReceivePack, receivePackWithGit } from '#git/compat/receive-pack.ts';
import type { GitFolders } from '#git/environment.ts';
import { temporaryFolder } from '../support/folders.ts';
import { git, mustGit } from '../support/git.ts';
import { packOf, pushRequest } from '../support/push-request.ts';
import { readReportStatus } from '../support/report-status.ts';
import { gitFolders } from './git-parts.ts';
import { Random } from './random.ts';
import { RandomHistory } from './random-history.ts';

const main = 'refs/heads/main';

describe('the oracle lets a push through on the word "ok" alone', () => {
  const parts = new AsyncDisposableStack();
  let folders: GitFolders;
  let receivePack: ReceivePack;
  let history: RandomHistory;
  let tip: string;
  let creation: Buffer;

  before(async () => {
    folders = parts.use(await gitFolders());
    receivePack = await receivePackWithGit(folders);
    history = parts.use(await RandomHistory.create(new Random(1)));
    tip = (await history.grow(5)).at(-1)!.id;
    const pack = await packOf(history.path, { wanted: [tip] });
    creation = pushRequest({ commands: [{ refName: main, oldId: null, newId: tip }], pack });
  });
  after(() => parts.disposeAsync());

  test('admitted: the ref moves, and until then the objects are in the quarantine alone', async () => {
    await using target = await emptyRepository();
    const seen: (number | null)[] = [];
    const { code, response } = await receivePack(target.path, creation, async (quarantine) => {
      const env = { GIT_OBJECT_DIRECTORY: quarantine!, GIT_ALTERNATE_OBJECT_DIRECTORIES: join(target.path, 'objects') };
      seen.push((await git(target.path, ['cat-file', '-e', tip])).code, (await git(target.path, ['cat-file', '-e', tip], { env })).code);
      return true;
    });
    assert.deepEqual(seen, [1, 0]);
    assert.equal(code, 0);
    assert.deepEqual([...readReportStatus(response).refs], [[main, null]]);
    assert.equal(await mustGit(target.path, ['rev-parse', main]), tip);
  });

  test('refused: no ref, no object, no quarantine', async () => {
    await using target = await emptyRepository();
    const { response } = await receivePack(target.path, creation, async () => false);
    assert.deepEqual([...readReportStatus(response).refs], [[main, 'pre-receive hook declined']]);
    await assertEmpty(target.path);
  });

  test('an admission that fails refuses', async () => {
    await using target = await emptyRepository();
    await assert.rejects(
      receivePack(target.path, creation, () => Promise.reject(new Error('the record cannot be written'))),
      /the record cannot be written/,
    );
    await assertEmpty(target.path);
  });

  test('a deletion is asked about as well, without a quarantine', async () => {
    await using target = await emptyRepository();
    await receivePack(target.path, creation, async () => true);
    await mustGit(target.path, ['symbolic-ref', 'HEAD', 'refs/heads/other']);
    const deletion = pushRequest({ commands: [{ refName: main, oldId: tip, newId: null }], pack: null });
    const asked: (string | null)[] = [];
    const admit = (answer: boolean) => async (quarantine: string | null) => asked.push(quarantine) > 0 && answer;
    assert.deepEqual(
      [...readReportStatus((await receivePack(target.path, deletion, admit(false))).response).refs],
      [[main, 'pre-receive hook declined']],
    );
    assert.deepEqual([...readReportStatus((await receivePack(target.path, deletion, admit(true))).response).refs], [[main, null]]);
    assert.deepEqual(asked, [null, null]);
  });

  // Attack: a shell on the host pushes past the server. Nobody listens on the descriptor then.
  test('a push that does not come through it is refused by the same hook', async () => {
    await using target = await emptyRepository();
    const hooks = join(folders.hooks, 'compat');
    await mustGit(target.path, ['config', 'core.hooksPath', hooks]);
    const pushed = await git(history.path, ['push', target.path, `${tip}:${main}`]);
    assert.notEqual(pushed.code, 0);
    assert.match(pushed.stderr, /pre-receive hook declined/);
    await assertEmpty(target.path);
  });
});

async function emptyRepository() {
  const folder = await temporaryFolder('oracle-');
  await mustGit(folder.path, ['init', '--quiet', '--bare', '--template=', '.']);
  return folder;
}

async function assertEmpty(repository: string): Promise<void> {
  assert.equal(await mustGit(repository, ['for-each-ref']), '');
  assert.equal(await mustGit(repository, ['cat-file', '--batch-all-objects', '--batch-check']), '');
  assert.deepEqual((await readdir(join(repository, 'objects'))).sort(), ['info', 'pack']);
}
