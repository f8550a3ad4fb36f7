/**
 * Family K, revoked but alive: what a request was let in by is gone when it acts. The attacker
 * 1. authenticates, and keeps the request open (a slow body, a queue, a lock that somebody else has);
 * 2. meanwhile the token is revoked, the account suspended, the right taken away;
 * 3. and the request goes on.
 * Every operation that changes something is tried so: the table is that of audit-entries.test.ts, one half of it here and the other in
 * threats-revoked-work.test.ts. Pushes that are paused while each row that judges them changes are in tests/faults/paused-pushes.test.ts; apps
 * that are uninstalled in tests/conformance/github/apps.test.ts.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { apiOf, must } from '../support/api.ts';
import { mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { rowsOfSettings } from './audit-entries/rows.ts';
import { AuditStage } from './audit-entries/stage.ts';
import { testEnds } from './threats/revoked.ts';

describe('what a request was let in by is gone when it acts', { timeout: 300_000 }, () => {
  let stage: AuditStage;
  before(async () => {
    stage = await AuditStage.open('sqlite');
  });
  after(() => stage[Symbol.asyncDispose]());

  testEnds(rowsOfSettings, () => stage);

  test('on one connection that is kept: what is taken away between two requests is gone for the second', async () => {
    const { owner } = stage.cast;
    const { fullName } = await stage.repository();
    const { login, token, remote } = await stage.person();
    await must(owner.api('PUT', `/repos/${fullName}/collaborators/${login}`, { permission: 'push' }));
    const api = apiOf(stage.server.url, token);
    await using work = await WorkTree.clone(remote(fullName));
    await work.commit('mine');
    assert.equal((await api('GET', `/repos/${fullName}`)).status, 200);
    await work.must('push', '--quiet', 'origin', 'HEAD:refs/heads/mine');
    await must(owner.api('DELETE', `/repos/${fullName}/collaborators/${login}`));
    assert.equal((await api('GET', `/repos/${fullName}`)).status, 404);
    await work.commit('more');
    const pushed = await work.push('origin', 'HEAD:refs/heads/mine');
    assert.notEqual(pushed.code, 0);
    assert.match(pushed.stderr, /Repository not found/);
    await assert.rejects(mustGit('/', ['ls-remote', remote(fullName)]), /Repository not found/);
    const statuses = await Promise.all(
      ['git/refs', 'contents/a.txt', 'branches', 'commits'].map(async (path) => (await api('GET', `/repos/${fullName}/${path}`)).status),
    );
    assert.deepEqual(new Set(statuses), new Set([404]));
  });
});
