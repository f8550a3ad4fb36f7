/**
 * Family K, revoked but alive: what a request was let in by is gone when it acts. The attacker
 * 1. authenticates, and keeps the request open (a slow body, a queue, a lock that somebody else has);
 * 2. meanwhile the token is revoked, the account suspended, the right taken away;
 * 3. and the request goes on.
 * Every operation that changes something is tried so (the table is that of audit-entries.test.ts). Pushes that are paused while each row that judges
 * them changes are in tests/faults/paused-pushes.test.ts; apps that are uninstalled in tests/conformance/github/apps.test.ts.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AuthenticatedCaller } from '#model/caller.ts';
import type { Transaction } from '#model/ports/store.ts';
import { ProblemError } from '#model/problem.ts';
import { setUserState } from '#operations/accounts/set-user-state.ts';
import { revokeToken } from '#operations/tokens/revoke-token.ts';
import { apiOf, must } from '../support/api.ts';
import { dump } from '../support/dump.ts';
import { mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { operator } from '../support/personas.ts';
import { contentRows } from './audit-entries/content.ts';
import { organizationRows } from './audit-entries/organizations.ts';
import { accountRows } from './audit-entries/people.ts';
import { protectionRows, repositoryRows } from './audit-entries/repositories.ts';
import { AuditStage } from './audit-entries/stage.ts';

const rows = [...accountRows, ...organizationRows, ...repositoryRows, ...protectionRows, ...contentRows];

/** What one may do to one's own account whatever one's rights elsewhere are. */
const own = /^(keys\/|tokens\/(mint-token|revoke-token))/;

/** What a plain member of the organization may do too, who reads its repositories: fork them, and bring the own fork up to them. */
const readers = /^(repositories\/create-fork|content\/merge-upstream)/;

describe('what a request was let in by is gone when it acts', { timeout: 300_000 }, () => {
  let stage: AuditStage;
  before(async () => {
    stage = await AuditStage.open('sqlite');
  });
  after(() => stage[Symbol.asyncDispose]());

  type End = (by: AuthenticatedCaller) => Promise<() => Promise<void>>;
  const nothingToUndo = (): Promise<void> => Promise.resolve();
  const revoked: End = async (by) => {
    await revokeToken(stage.context, operator, by.token!.id);
    return nothingToUndo;
  };
  const suspended: End = async ({ user }) => {
    await setUserState(stage.context, operator, user.login, 'suspended');
    return () => setUserState(stage.context, operator, user.login, 'active');
  };
  /** Whoever owned organizations is a plain member of them, and a site admin an ordinary person. */
  const demoted: End = async ({ user }) => {
    const { store } = stage.context;
    const organizations = await store.read.organizations.listOfUser(user.id);
    const set = (level: number, siteAdmin: boolean): Promise<void> =>
      store.write(async (tx) => {
        await tx.accounts.updateUser(user.id, { siteAdmin });
        for (const { id } of organizations) await tx.organizations.setMembership(id, user.id, level);
      });
    await set(10, false);
    return () => set(50, user.siteAdmin);
  };

  /** Whoever read the organization's repositories as a member of it reads none of them. */
  const expelled: End = async ({ user }) => {
    const { store } = stage.context;
    const organizations = await store.read.organizations.listOfUser(user.id);
    const forEach = (change: (tx: Transaction, id: number) => Promise<unknown>, siteAdmin: boolean): Promise<void> =>
      store.write(async (tx) => {
        await tx.accounts.updateUser(user.id, { siteAdmin });
        for (const { id } of organizations) await change(tx, id);
      });
    await forEach((tx, id) => tx.organizations.removeMembership(id, user.id), false);
    return () => forEach((tx, id) => tx.organizations.setMembership(id, user.id, 50), user.siteAdmin);
  };

  /** Everything but the record, in which a refusal has its place. */
  async function everything(): Promise<unknown> {
    const { tables, files } = (await dump(stage.server)) as { tables: Record<string, unknown>; files: unknown };
    return { files, tables: Object.entries(tables).filter(([name]) => !name.startsWith('audit_')) };
  }

  for (const [what, end, isExempt] of [
    ['the token was revoked', revoked, () => false],
    ['the account was suspended', suspended, () => false],
    ['the right was taken away', demoted, (operation: string) => own.test(operation) || readers.test(operation)],
    ['the membership was taken away', expelled, (operation: string) => own.test(operation)],
  ] as const) {
    test(what, async () => {
      let tried = 0;
      for (const { operation, what: does, ready } of rows) {
        const { by, ask } = await ready(stage);
        if (by.kind !== 'actor' || isExempt(operation)) continue;
        const undo = await end(by);
        try {
          const untouched = await everything();
          await assert.rejects(ask(stage.context), isRefused, `${operation}: ${does}`);
          assert.deepEqual(await everything(), untouched, `${operation}: ${does}`);
        } finally {
          await undo();
        }
        tried++;
      }
      assert.ok(tried >= rows.length - 10, `${tried} of ${rows.length}`);
    });
  }

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

/** Refused, and not broken. */
function isRefused(error: unknown): boolean {
  if (!(error instanceof ProblemError)) throw error;
  return ['unauthenticated', 'forbidden', 'not-found', 'refused'].includes(error.problem.kind);
}
