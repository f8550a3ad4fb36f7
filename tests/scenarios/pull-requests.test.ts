import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { apiOf, must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, elevated, type Personas } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

for (const database of databases) {
  for (const format of ['sha1', 'sha256'] as const) {
    describe(`a pull request of ${format} objects, on ${database}`, { timeout: 60_000 }, () => {
      let server: TestServer;
      let cast: Personas;
      let work: WorkTree;
      const pulls = '/repos/acme/code/pulls';
      before(async () => {
        server = await startTestServer({ database });
        cast = await castOf(server);
        const { owner } = cast;
        await must(owner.api('POST', '/orgs/acme/repos', { name: 'code', private: true, object_format: format }));
        await must(owner.api('PUT', '/repos/acme/code/collaborators/dev', { permission: 'push' }));
        work = await WorkTree.create(format);
        await work.commit('base', { 'a.txt': 'one\ntwo\nthree\n', 'old name.txt': 'x\n'.repeat(20) });
        await work.must('push', '--quiet', owner.remote('acme/code'), 'HEAD:refs/heads/main');
      });
      after(async () => {
        await work[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      });

      test('lives from its opening to its end, through two pushes, a rename and a rebase', async () => {
        const { developer, owner } = cast;
        const remote = developer.remote('acme/code');
        await work.must('switch', '--quiet', '--create', 'feature/ü', 'main');
        await work.must('mv', 'old name.txt', 'new name.txt');
        const first = await work.commit('rename', { 'a.txt': 'one\nzwei\nthree\n' });
        await work.must('push', '--quiet', remote, 'HEAD');
        const opened = await must(developer.api('POST', pulls, { title: 'Ü', head: 'feature/ü', base: 'main', draft: true }));
        const at = `${pulls}/${opened.number}`;
        assert.deepEqual([opened.head.ref, opened.head.sha, opened.mergeable_state], ['feature/ü', first, 'draft']);
        const files = await must(developer.api('GET', `${at}/files`));
        assert.deepEqual(
          files.map((file: Record<string, unknown>) => [file['filename'], file['status'], file['previous_filename']]),
          [
            ['a.txt', 'modified', undefined],
            ['new name.txt', 'renamed', 'old name.txt'],
          ],
        );
        const comment = await must(owner.api('POST', `${at}/comments`, { path: 'a.txt', line: 2, side: 'LEFT', body: 'Keep two' }));
        assert.equal(comment.diff_hunk, '@@ -1,3 +1,3 @@\n one\n-two');
        const second = await work.commit('more', { 'b.txt': 'b\n' });
        await work.must('push', '--quiet', remote, 'HEAD');
        assert.equal((await must(developer.api('GET', `${at}/comments`)))[0].line, undefined);
        await must(developer.api('PATCH', at, { draft: false }));
        const ready = await must(developer.api('GET', at));
        assert.deepEqual([ready.head.sha, ready.commits, ready.changed_files, ready.mergeable_state], [second, 2, 3, 'clean']);
        await work.must('switch', '--quiet', 'main');
        await work.commit('meanwhile', { 'c.txt': 'c\n' });
        await work.must('push', '--quiet', owner.remote('acme/code'), 'HEAD:refs/heads/main');
        await work.must('switch', '--quiet', 'feature/ü');
        await work.must('rebase', '--quiet', 'main');
        await work.must('push', '--quiet', '--force', remote, 'HEAD');
        const rebased = await must(owner.api('GET', at));
        assert.deepEqual([rebased.head.sha, rebased.commits, rebased.changed_files], [await work.head(), 2, 3]);
        const patch = await owner.api('GET', at, undefined, { accept: 'application/vnd.github.patch' });
        assert.equal(String(patch.body).match(/^Subject: /gm)?.length, 2);
        assert.equal((await must(owner.api('POST', `${at}/reviews`, { event: 'APPROVE' }))).commit_id, await work.head());
        await must(developer.api('PATCH', at, { state: 'closed' }));
        assert.deepEqual(await must(developer.api('GET', pulls)), []);
      });

      test('is read when its branch is gone, as far as its commits are there', async () => {
        const { developer } = cast;
        await work.must('switch', '--quiet', '--create', 'short-lived', 'main');
        await work.commit('short', { 'short.txt': 's\n' });
        await work.must('push', '--quiet', developer.remote('acme/code'), 'HEAD');
        const { number } = await must(developer.api('POST', pulls, { title: 'x', head: 'short-lived', base: 'main' }));
        await must(developer.api('DELETE', '/repos/acme/code/git/refs/heads/short-lived'));
        const shown = await must(developer.api('GET', `${pulls}/${number}`));
        assert.deepEqual([shown.mergeable, shown.mergeable_state, shown.head.ref], [null, 'unknown', 'short-lived']);
        for (const rest of ['/files', '/commits']) assert.equal((await developer.api('GET', `${pulls}/${number}${rest}`)).status, 404);
        const review = await developer.api('POST', `${pulls}/${number}/reviews`, { event: 'COMMENT', body: 'x' });
        assert.equal(review.status, 422);
      });

      test('is opened by an elevated token, which says nothing about it', async () => {
        const { developer } = cast;
        const robot = await elevated(server, developer, { repositories: ['acme/code'] } as never);
        await work.must('switch', '--quiet', '--create', 'by-robot', 'main');
        await work.commit('robot', { 'robot.txt': 'r\n' });
        await work.must('push', '--quiet', developer.remote('acme/code'), 'HEAD');
        const { number, user } = await must(robot.api('POST', pulls, { title: 'x', head: 'by-robot', base: 'main' }));
        assert.equal(user.login, 'dev');
        const said = await robot.api('POST', `${pulls}/${number}/reviews`, { event: 'COMMENT', body: 'x' });
        assert.deepEqual([said.status, said.body.message], [403, 'Resource not accessible by this token']);
        assert.equal((await apiOf(server.url, null)('GET', `${pulls}/${number}`)).status, 404);
      });
    });
  }
}
