import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { moveFence } from '#git/fence.ts';
import { Git } from '#git/git.ts';
import { Repositories } from '#git/repositories.ts';
import type { GitRepository } from '#git/repository.ts';
import type { Authorized } from '#model/authorized.ts';
import { gitFolders } from '../differential/git-parts.ts';

const branch = 'refs/heads/main';

/** Two processes over one repository: `mine` stalls in the middle of a push, `theirs` takes over from it. */
describe('a process that stalls in the middle of moving refs', () => {
  let folders: Awaited<ReturnType<typeof gitFolders>>;
  let git: Git;
  let mine: Repositories;
  let theirs: Repositories;

  before(async () => {
    folders = await gitFolders();
    git = new Git(folders);
    [mine, theirs] = [repositoriesOf(), repositoriesOf()];
  });

  after(async () => {
    for (const one of [mine, theirs]) await one.close();
    await git.stopAll();
    await folders[Symbol.asyncDispose]();
  });

  function repositoriesOf(): Repositories {
    return new Repositories(git, join(folders.owner, 'repositories'), () => true);
  }

  async function commitIn({ path }: GitRepository): Promise<string> {
    const tree = await git.must(path, ['hash-object', '-w', '-t', 'tree', '--stdin'], { input: '' });
    const person = 'Dana <dana@example.com> 1700000000 +0000';
    const text = `tree ${tree.toString('latin1').trim()}\nauthor ${person}\ncommitter ${person}\n\none\n`;
    return (await git.must(path, ['hash-object', '-w', '-t', 'commit', '--stdin'], { input: text })).toString('latin1').trim();
  }

  function pushTo(id: number, newId: string, fence: string): Authorized {
    return { repositoryId: id, updates: [{ refName: branch, oldId: null, newId }], atomic: false, head: null, fence };
  }

  for (const [index, what] of ['that never had a fence', 'whose fence was moved before'].entries()) {
    const id = index + 1;

    test(`moves nothing after somebody has taken over, in a repository ${what}`, async () => {
      await mine.create(id, 'sha1', 'main');
      const [own, other] = [mine.open(id, 'sha1'), theirs.open(id, 'sha1')];
      if (index > 0) await moveFence(git, own.path, 'an earlier takeover');
      const { fence } = await own.refs.table();
      await moveFence(git, other.path, `a takeover of ${id}`);
      const [reason] = await own.writer.apply(pushTo(id, await commitIn(own), fence), () => Promise.resolve(true));
      assert.match(reason ?? 'the ref moved', /refs\/sallyport\/fence/);
      assert.equal((await other.refs.reread()).refs.get(branch), undefined);
    });

    test(`cannot be taken over from between its two last steps, in a repository ${what}`, async () => {
      const [own, other] = [mine.open(id, 'sha1'), theirs.open(id, 'sha1')];
      if (index === 0) await git.must(own.path, ['update-ref', '-d', 'refs/sallyport/fence']);
      const { fence } = await own.refs.reread();
      assert.equal(fence === '', index === 0);
      const newId = await commitIn(own);
      const [reason] = await own.writer.apply(pushTo(id, newId, fence), async () => {
        await assert.rejects(moveFence(git, other.path, `too early in ${id}`), /fence/);
        return true;
      });
      assert.equal(reason, null);
      assert.equal((await other.refs.reread()).refs.get(branch)?.id, newId);
    });
  }
});
