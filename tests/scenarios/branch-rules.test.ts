import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { remoteLines } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, type Persona, type Personas } from '../support/personas.ts';
import { githubRules, protect, protectPattern } from '../support/protections.ts';
import { entries } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const repository = 'acme/app';
const forced = 'Cannot force-push to this branch';
const deleted = 'Cannot delete this protected branch';
const merges = 'This branch must not contain merge commits.';
const locked = 'Cannot change this locked branch';

describe('a protected branch', () => {
  let server: TestServer;
  let cast: Personas;
  let work: WorkTree;
  let remote: string;
  let base: string;
  let changes = 0;

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    remote = cast.developer.remote(repository);
    work = await WorkTree.create();
    base = await work.commit('begin', { 'a.txt': 'a\n' });
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/trunk');
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  // Every test begins with an unprotected `main` beside the default branch `trunk`, and the work tree on it.
  beforeEach(async () => {
    await cast.owner.api('DELETE', `/repos/${repository}/branches/main/protection`);
    await work.must('checkout', '--quiet', '-B', 'work', base);
    await work.must('push', '--quiet', '--force', remote, `${base}:refs/heads/main`);
  });

  const tip = (branch = 'main') => remoteRef(remote, `refs/heads/${branch}`);
  const change = (): Promise<string> => {
    changes += 1;
    return work.commit(`change ${changes}`);
  };

  /** What a push is told: nothing when it landed, else the reasons of the first refused ref. */
  async function told(persona: Persona, ...refspecs: string[]): Promise<string[]> {
    const result = await work.push(persona.remote(repository), ...refspecs);
    if (result.code === 0) return [];
    assert.match(result.stderr, /protected branch hook declined/);
    return remoteLines(result)
      .filter((line) => line.startsWith('- '))
      .map((line) => line.slice(2));
  }

  /** Work on a side, merged: a commit with two parents at the top. */
  async function merge(): Promise<void> {
    const from = await work.head();
    await change();
    await work.must('checkout', '--quiet', '-B', 'side', from);
    await change();
    await work.must('checkout', '--quiet', 'work');
    await work.must('merge', '--quiet', '--no-edit', '--no-ff', 'side');
  }

  describe('that wants a line of commits', () => {
    beforeEach(() => protect(cast.owner.api, repository, 'main', { required_linear_history: true, enforce_admins: true }));

    test('takes a line, refuses a merge at the tip', async () => {
      await change();
      assert.deepEqual(await told(cast.developer, 'HEAD:main'), []);
      await merge();
      assert.deepEqual(await told(cast.developer, 'HEAD:main'), [merges]);
    });

    test('finds a merge in the middle of the push, names it, and finds one that was parked elsewhere first', async () => {
      await merge();
      const culprit = await work.head();
      await change();
      await work.must('push', '--quiet', '--force', remote, 'HEAD:parked');
      await change();
      const result = await work.push(remote, 'HEAD:main');
      assert.match(result.stderr, new RegExp(`must not contain merge commits\\.[\\s\\S]*${culprit}`));
    });

    test('leaves alone what was merged before it was protected', async () => {
      await must(cast.owner.api('DELETE', `/repos/${repository}/branches/main/protection`));
      await merge();
      assert.equal((await work.push(remote, 'HEAD:main')).code, 0);
      await protect(cast.owner.api, repository, 'main', { required_linear_history: true });
      await change();
      assert.deepEqual(await told(cast.developer, 'HEAD:main'), []);
    });

    test('refuses a merge by the API, and one that a force push brings', async () => {
      await change();
      await work.must('push', '--quiet', '--force', remote, 'HEAD:topic');
      const answer = await cast.developer.api('POST', `/repos/${repository}/merges`, { base: 'main', head: 'topic' });
      assert.deepEqual([answer.status, answer.body.message], [409, merges]);
      await protect(cast.owner.api, repository, 'main', { required_linear_history: true, allow_force_pushes: true, enforce_admins: true });
      await merge();
      assert.deepEqual(await told(cast.developer, '+HEAD:main'), [merges]);
    });

    test('holds for a branch that is being made', async () => {
      const rules = githubRules({ type: 'required_linear_history', parameters: {} });
      const { id } = await protectPattern(cast.owner.api, repository, { origin: 'github', pattern: 'line/*', rules });
      await merge();
      assert.deepEqual(await told(cast.developer, 'HEAD:refs/heads/line/1'), [merges]);
      await must(cast.owner.api('DELETE', `/api/sallyport/v1/repos/${repository}/protections/${id}`));
    });
  });

  describe('that is locked', () => {
    const lock = (settings: Record<string, unknown> = {}) =>
      protect(cast.owner.api, repository, 'main', { lock_branch: true, enforce_admins: true, ...settings });

    test('does not move by any door', async () => {
      await lock({ allow_deletions: true, allow_force_pushes: true });
      const next = await change();
      await work.must('push', '--quiet', '--force', remote, 'HEAD:topic');
      for (const refspec of ['HEAD:main', '+HEAD:main', ':main'])
        assert.ok((await told(cast.developer, refspec)).includes(locked), refspec);
      const path = `/repos/${repository}`;
      const calls = await Promise.all([
        cast.owner.api('PATCH', `${path}/git/refs/heads/main`, { sha: next }),
        cast.owner.api('DELETE', `${path}/git/refs/heads/main`),
        cast.owner.api('PUT', `${path}/contents/x.txt`, { message: 'x', content: 'eA==', branch: 'main' }),
        cast.owner.api('POST', `${path}/merges`, { base: 'main', head: 'topic' }),
        cast.owner.api('POST', `${path}/branches/main/rename`, { new_name: 'free' }),
      ]);
      assert.deepEqual(
        calls.map(({ status }) => status),
        [422, 422, 409, 409, 422],
      );
      for (const { body } of calls) assert.ok(body.message.includes(locked), body.message);
      assert.equal(await tip(), base);
    });

    test('opens for an admin who is not bound, on the record', async () => {
      await lock({ enforce_admins: false });
      const next = await change();
      assert.deepEqual(await told(cast.developer, 'HEAD:main'), [locked]);
      const result = await work.push(cast.maintainer.remote(repository), 'HEAD:main');
      assert.deepEqual(remoteLines(result).slice(0, 3), ['Bypassed rule violations for refs/heads/main:', '', `- ${locked}`]);
      const [entry] = await entries(server, 'action:protected_branch.policy_override actor:mona');
      assert.deepEqual([entry.bypass_kind, entry.after, entry.overridden_codes], ['admin', next, ['locked']]);
    });

    test('keeps a name from being created', async () => {
      const rules = githubRules({ type: 'lock', parameters: { forkSync: false } });
      await protectPattern(cast.owner.api, repository, { origin: 'github', pattern: 'frozen/*', rules });
      assert.deepEqual(await told(cast.developer, 'HEAD:refs/heads/frozen/1'), [locked]);
    });
  });

  describe('that may not be forced', () => {
    test('stays, whoever forces it and however: admins are never exempt', async () => {
      await protect(cast.owner.api, repository, 'main', { enforce_admins: false });
      const next = await change();
      assert.deepEqual(await told(cast.developer, 'HEAD:main'), []);
      await work.must('reset', '--quiet', '--hard', base);
      const other = await change();
      await work.must('push', '--quiet', '--force', remote, 'HEAD:topic');
      for (const persona of [cast.developer, cast.maintainer, cast.owner]) {
        for (const refspec of ['+HEAD:main', `+${base}:main`]) assert.deepEqual(await told(persona, refspec), [forced], persona.login);
        const answer = await persona.api('PATCH', `/repos/${repository}/git/refs/heads/main`, { sha: other, force: true });
        assert.deepEqual([answer.status, answer.body.message], [422, forced]);
      }
      const unforced = await cast.developer.api('PATCH', `/repos/${repository}/git/refs/heads/main`, { sha: other });
      assert.deepEqual([unforced.status, unforced.body.message], [422, 'Update is not a fast forward']);
      assert.equal(await tip(), next);
    });

    test('may be forced where that is allowed, by who may push; the other rules stand', async () => {
      await protect(cast.owner.api, repository, 'main', { allow_force_pushes: true, enforce_admins: true });
      await change();
      await told(cast.developer, 'HEAD:main');
      await work.must('reset', '--quiet', '--hard', base);
      const other = await change();
      assert.deepEqual(await told(cast.developer, '+HEAD:main'), []);
      assert.equal(await tip(), other);
      const reviews = { required_pull_request_reviews: {} };
      await protect(cast.owner.api, repository, 'main', { allow_force_pushes: true, enforce_admins: true, ...reviews });
      assert.deepEqual(await told(cast.developer, `+${base}:main`), ['Changes must be made through a pull request.']);
    });
  });

  describe('that may not be deleted', () => {
    test('stays, for admins too', async () => {
      await protect(cast.owner.api, repository, 'main', { enforce_admins: false });
      for (const persona of [cast.developer, cast.owner]) {
        assert.deepEqual(await told(persona, ':main'), [deleted]);
        const answer = await persona.api('DELETE', `/repos/${repository}/git/refs/heads/main`);
        assert.deepEqual([answer.status, answer.body.message], [422, deleted]);
      }
      assert.equal(await tip(), base);
    });

    test('goes where that is allowed, for who may push', async () => {
      const restrictions = { users: ['mona'], teams: [] };
      await protect(cast.owner.api, repository, 'main', { allow_deletions: true, enforce_admins: true, restrictions });
      assert.match((await told(cast.developer, ':main'))[0]!, /^You're not authorized to push/);
      assert.deepEqual(await told(cast.maintainer, ':main'), []);
      assert.equal(await tip(), null);
      const gone = await cast.owner.api('GET', `/repos/${repository}/branches/main/protection`);
      assert.deepEqual([gone.status, gone.body.message], [404, 'Branch not found']);
    });

    test('deleted and made again, it is protected as before', async () => {
      await protect(cast.owner.api, repository, 'main', { allow_deletions: true, required_pull_request_reviews: {}, enforce_admins: true });
      assert.deepEqual(await told(cast.developer, ':main'), []);
      assert.deepEqual(await told(cast.developer, 'HEAD:main'), []);
      await change();
      assert.deepEqual(await told(cast.developer, 'HEAD:main'), ['Changes must be made through a pull request.']);
    });

    test('the default branch never goes, protected or not, by anybody', async () => {
      for (const persona of [cast.developer, cast.owner]) {
        const result = await work.push(persona.remote(repository), ':trunk');
        assert.match(result.stderr, /refusing to delete the current branch: refs\/heads\/trunk/);
        const answer = await persona.api('DELETE', `/repos/${repository}/git/refs/heads/trunk`);
        assert.deepEqual([answer.status, answer.body.message], [422, 'refusing to delete the current branch']);
      }
      assert.equal(await tip('trunk'), base);
    });
  });

  test('binds admins or exempts them, by one switch that counts from the next push on', async () => {
    const through = 'Changes must be made through a pull request.';
    await protect(cast.owner.api, repository, 'main', { required_pull_request_reviews: {}, enforce_admins: true });
    await change();
    assert.deepEqual(await told(cast.owner, 'HEAD:main'), [through]);
    await must(cast.owner.api('DELETE', `/repos/${repository}/branches/main/protection/enforce_admins`));
    assert.deepEqual(await told(cast.developer, 'HEAD:main'), [through]);
    assert.deepEqual(await told(cast.owner, 'HEAD:main'), []);
    await must(cast.owner.api('POST', `/repos/${repository}/branches/main/protection/enforce_admins`));
    await change();
    assert.deepEqual(await told(cast.owner, 'HEAD:main'), [through]);
  });

  test('a site admin without a membership is no admin of the branch', async () => {
    await protect(cast.owner.api, repository, 'main', { required_pull_request_reviews: {}, enforce_admins: false });
    await change();
    const result = await work.push(cast.admin.remote(repository), 'HEAD:main');
    assert.match(result.stderr, /Write access to the repository is needed/);
    assert.equal((await work.push(cast.admin.remote(repository), '+HEAD:unprotected')).code, 0);
    assert.equal(await tip(), base);
  });

  test('tells every reason at once', async () => {
    await protect(cast.owner.api, repository, 'main', {
      required_pull_request_reviews: {},
      required_status_checks: { strict: false, contexts: ['build'] },
      restrictions: { users: [], teams: [] },
      required_linear_history: true,
      lock_branch: true,
      enforce_admins: true,
    });
    await must(cast.owner.api('POST', `/repos/${repository}/branches/main/protection/required_signatures`));
    await merge();
    await work.must('push', '--quiet', '--force', remote, 'HEAD:topic');
    const { body } = await cast.developer.api('PATCH', `/repos/${repository}/git/refs/heads/main`, { sha: await work.head() });
    assert.deepEqual(
      body.violations.map((one: { rule: string }) => one.rule),
      ['lock', 'actor_restriction', 'pull_request', 'required_status_checks', 'required_linear_history', 'required_signatures'],
    );
  });

  test('an exact name wins over a pattern, and the oldest of two patterns', async () => {
    const review = {
      type: 'pull_request',
      parameters: { approvals: 1, dismissStale: false, codeOwners: false, lastPush: false, dismissal: { mode: 'writers' }, passes: [] },
    };
    const lock = { type: 'lock', parameters: { forkSync: false } };
    await protectPattern(cast.owner.api, repository, { origin: 'github', pattern: 'rel/*', rules: githubRules(review) });
    await protectPattern(cast.owner.api, repository, { origin: 'github', pattern: 'rel/**/*', rules: githubRules(lock) });
    assert.deepEqual(await told(cast.developer, 'HEAD:refs/heads/rel/1'), []);
    assert.deepEqual(await told(cast.developer, 'HEAD:refs/heads/rel/a/b'), [locked]);
    await change();
    assert.deepEqual(await told(cast.developer, 'HEAD:refs/heads/rel/1'), ['Changes must be made through a pull request.']);
    await protect(cast.owner.api, repository, 'rel/1', { required_linear_history: true });
    assert.deepEqual(await told(cast.developer, 'HEAD:refs/heads/rel/1'), []);
  });
});
