import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const KB = 1024;
const own = '/repos/mallory/own';

// mallory's repository, in which dev writes; it is public, so that everybody reads it.
describe('what reviews and the files that they lean on can be used for', { timeout: 120_000 }, () => {
  let server: TestServer;
  let cast: Personas;
  let work: WorkTree;
  let base: string;
  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    work = await WorkTree.create();
    await must(cast.attacker.api('POST', '/user/repos', { name: 'own' }));
    await must(cast.attacker.api('PUT', `${own}/collaborators/dev`, { permission: 'push' }));
    base = await work.commit('begin', { 'a.txt': 'a\n' });
    await push(base, 'main');
    const reviews = { required_approving_review_count: 1, dismiss_stale_reviews: true };
    const demand = { required_status_checks: null, enforce_admins: true, restrictions: null, required_pull_request_reviews: reviews };
    await must(cast.attacker.api('PUT', `${own}/branches/main/protection`, demand));
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const push = (id: string, branch: string) =>
    work.must('push', '--quiet', '--force', cast.attacker.remote('mallory/own'), `${id}:refs/heads/${branch}`);

  async function proposed(branch: string, files: Record<string, string>): Promise<{ number: number; head: string; at: string }> {
    await work.must('checkout', '--quiet', '-B', branch, base);
    const head = await work.commit(branch, files);
    await push(head, branch);
    const { number } = await must(cast.attacker.api('POST', `${own}/pulls`, { title: branch, head: branch, base: 'main' }));
    return { number, head, at: `${own}/pulls/${number}` };
  }

  const state = async (at: string): Promise<string> => (await must(cast.attacker.api('GET', at))).mergeable_state;

  // Family B. A review gets its id when it is begun.
  test('a demand for changes that was begun before an approval is the last word when it is said last', async () => {
    const { at } = await proposed('order', { 'b.txt': 'b\n' });
    const pending = await must(cast.developer.api('POST', `${at}/reviews`, { body: 'hm' }));
    await must(cast.developer.api('POST', `${at}/reviews`, { event: 'APPROVE' }));
    assert.equal(await state(at), 'clean');
    await must(cast.developer.api('POST', `${at}/reviews/${pending.id}/events`, { event: 'REQUEST_CHANGES', body: 'no' }));
    assert.equal(await state(at), 'blocked');
  });

  // Family B. What the pull request was opened with comes back behind the back of who approved something else.
  test('an approval does not outlive what it was given to while the pull request is closed', async () => {
    const { at, head: first } = await proposed('back', { 'a.txt': 'bad\n' });
    await work.must('checkout', '--quiet', '-B', 'back', base);
    const second = await work.commit('better', { 'a.txt': 'good\n' });
    await push(second, 'back');
    await must(cast.developer.api('POST', `${at}/reviews`, { event: 'APPROVE', commit_id: second }));
    assert.equal(await state(at), 'clean');
    await must(cast.attacker.api('PATCH', at, { state: 'closed' }));
    await push(first, 'back');
    await must(cast.attacker.api('PATCH', at, { state: 'open' }));
    assert.equal(await state(at), 'blocked');
    assert.deepEqual(
      (await must(cast.attacker.api('GET', `${at}/reviews`))).map((review: { state: string }) => review.state),
      ['DISMISSED'],
    );
  });

  test('an approval of the very head stays when a pull request is closed and opened again', async () => {
    const { at } = await proposed('stay', { 'a.txt': 'stay\n' });
    await must(cast.developer.api('POST', `${at}/reviews`, { event: 'APPROVE' }));
    for (const next of ['closed', 'open']) await must(cast.attacker.api('PATCH', at, { state: next }));
    assert.equal(await state(at), 'clean');
  });

  test('a remark on an endless line keeps the end of it', async () => {
    const { at } = await proposed('long', { 'l.txt': `${'x'.repeat(500 * KB)}\n` });
    const comments = Array.from({ length: 20 }, () => ({ path: 'l.txt', line: 1, body: 'long' }));
    await must(cast.outsider.api('POST', `${at}/reviews`, { event: 'COMMENT', body: 'x', comments }));
    const kept: { diff_hunk: string }[] = await must(cast.outsider.api('GET', `${at}/comments`));
    assert.equal(kept.length, 20);
    for (const { diff_hunk } of kept) {
      assert.ok(diff_hunk.length <= 18 * KB, `${diff_hunk.length} characters`);
      assert.match(diff_hunk, /^@@ .*\nx+$/);
    }
  });

  for (const [what, lines] of [
    ['one endless line', [`* ${Array.from({ length: 5000 }, (_, at) => `@nobody-${at}`).join(' ')}`]],
    ['very many lines', Array.from({ length: 100_000 }, (_, at) => `* @nobody-${at}`)],
  ] as const) {
    test(`what is wrong in CODEOWNERS with ${what} is told in few words`, async () => {
      await cast.attacker.api('DELETE', `${own}/branches/main/protection`);
      await work.must('checkout', '--quiet', '-B', 'owners', base);
      await push(await work.commit(what, { CODEOWNERS: `${lines.join('\n')}\n` }), 'main');
      const answer = await fetch(`${server.url}/api/v3${own}/codeowners/errors`);
      const text = await answer.text();
      assert.equal(answer.status, 200);
      assert.ok(text.length < 512 * KB, `${text.length} characters`);
      assert.equal(JSON.parse(text).errors.length, 100);
    });
  }
});
