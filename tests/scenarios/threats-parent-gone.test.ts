import assert from 'node:assert/strict';
import { test } from 'node:test';
import { must } from '../support/api.ts';
import { WorkTree } from '../support/history.ts';
import { castOf } from '../support/personas.ts';
import { startTestServer } from '../support/server.ts';

// Attack (family A): a lock that lets forks be synced lets in what the parent has. mallory holds the oldest fork of olga's repository; when that
// one goes, hers must not become the parent of the others.
for (const [how, body] of [
  ['is deleted', null],
  ['becomes private', { private: true }],
] as const) {
  test(`a locked branch takes nothing from a sibling when the parent ${how}`, { timeout: 60_000 }, async () => {
    await using server = await startTestServer();
    const { owner, attacker, developer } = await castOf(server);
    await using work = await WorkTree.create();
    await must(owner.api('POST', '/user/repos', { name: 'p' }));
    const base = await work.commit('begin', { 'a.txt': 'a\n' });
    await work.must('push', '--quiet', owner.remote('olga/p'), `${base}:refs/heads/main`);
    await must(attacker.api('POST', '/repos/olga/p/forks', {}));
    await must(developer.api('POST', '/repos/olga/p/forks', {}));
    await must(developer.api('PUT', '/repos/dev/p/collaborators/mallory', { permission: 'push' }));
    const locked = { required_status_checks: null, enforce_admins: true, restrictions: null, required_pull_request_reviews: null };
    await must(developer.api('PUT', '/repos/dev/p/branches/main/protection', { ...locked, lock_branch: true, allow_fork_syncing: true }));
    const evil = await work.commit('evil', { 'a.txt': 'evil\n' });
    await work.must('push', '--quiet', attacker.remote('mallory/p'), `${evil}:refs/heads/main`);

    await must(body === null ? owner.api('DELETE', '/repos/olga/p') : owner.api('PATCH', '/repos/olga/p', body));
    assert.equal((await attacker.api('POST', '/repos/dev/p/merge-upstream', { branch: 'main' })).status, 422);
    const { fork, parent } = await must(developer.api('GET', '/repos/dev/p'));
    assert.deepEqual([fork, parent], [false, undefined]);
    assert.equal((await must(developer.api('GET', '/repos/dev/p/branches/main'))).commit.sha, base);
  });
}
