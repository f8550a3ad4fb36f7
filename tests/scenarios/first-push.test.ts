import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { remoteLines } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

for (const database of databases) {
  describe(`on ${database}`, () => {
    let server: TestServer;
    let cast: Personas;

    before(async () => {
      server = await startTestServer({ database });
      cast = await castOf(server);
    });
    after(() => server[Symbol.asyncDispose]());

    test('a developer pushes the first branch, which becomes the default one', async () => {
      await using work = await WorkTree.create();
      const id = await work.commit('begin', { 'a.txt': 'a\n' });
      const result = await work.push(cast.developer.remote('acme/app'), 'HEAD:refs/heads/trunk');
      assert.equal(result.code, 0, result.stderr);
      assert.equal(await remoteRef(cast.developer.remote('acme/app'), 'refs/heads/trunk'), id);
      const repository = await must(cast.developer.api('GET', '/repos/acme/app'));
      assert.equal(repository.default_branch, 'trunk');
    });

    test('a clone has what was pushed, at its default branch', async () => {
      await using work = await WorkTree.clone(cast.developer.remote('acme/app'));
      assert.equal(await work.must('symbolic-ref', '--short', 'HEAD'), 'trunk');
      assert.equal(await work.must('show', 'HEAD:a.txt'), 'a');
    });

    test('an unprotected branch moves, is forced and goes', async () => {
      await using work = await WorkTree.create();
      await work.commit('one', { f: '1' });
      const remote = cast.developer.remote('acme/app');
      assert.equal((await work.push(remote, 'HEAD:topic')).code, 0);
      await work.must('commit', '--quiet', '--amend', '-m', 'other');
      const refused = await work.push(remote, 'HEAD:topic');
      assert.match(refused.stderr, /rejected/);
      assert.equal((await work.push(remote, '+HEAD:topic')).code, 0);
      assert.equal(await remoteRef(remote, 'refs/heads/topic'), await work.head());
      assert.equal((await work.push(remote, ':topic')).code, 0);
      assert.equal(await remoteRef(remote, 'refs/heads/topic'), null);
    });

    test('the default branch cannot be deleted by anybody', async () => {
      const result = await (await WorkTree.create()).push(cast.owner.remote('acme/app'), ':trunk');
      assert.match(result.stderr, /refusing to delete the current branch: refs\/heads\/trunk/);
      assert.deepEqual(
        remoteLines(result).filter((line) => line.startsWith('error:')),
        ['error: refusing to delete the current branch'],
      );
    });
  });
}
