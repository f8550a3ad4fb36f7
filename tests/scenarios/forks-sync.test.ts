import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { git, mustGit } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, elevated, mint, type Persona, type Personas, personaOf } from '../support/personas.ts';
import { allOff, protect } from '../support/protections.ts';
import { entries, entryCount, snapshot } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

for (const database of databases) {
  describe(`bringing a fork up to its parent, on ${database}`, { timeout: 120_000 }, () => {
    let server: TestServer;
    let cast: Personas;
    /** Somebody with write access to the fork who is no admin there. */
    let writer: Persona;
    let upstream: WorkTree;
    let clone: WorkTree;
    let [repository, fork] = ['', ''];
    let count = 0;

    before(async () => {
      server = await startTestServer({ database });
      cast = await castOf(server);
      writer = cast.attacker;
    });
    after(() => server[Symbol.asyncDispose]());
    beforeEach(async () => {
      await upstream?.[Symbol.asyncDispose]();
      await clone?.[Symbol.asyncDispose]();
      const name = `app${++count}`;
      [repository, fork] = [`acme/${name}`, `dev/${name}`];
      await must(cast.owner.api('POST', '/orgs/acme/repos', { name, private: true, allow_forking: true }));
      for (const login of ['dev', 'mallory'])
        await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/${login}`, { permission: 'pull' }));
      upstream = await WorkTree.create();
      await upstream.must('remote', 'add', 'origin', cast.owner.remote(repository));
      await upstream.commit('base', { 'a.txt': '1\n2\n3\n4\n5\n6\n7\n' });
      await upstream.must('push', '--quiet', '-u', 'origin', 'main');
      await must(cast.developer.api('POST', `/repos/${repository}/forks`));
      await must(cast.developer.api('PUT', `/repos/${fork}/collaborators/mallory`, { permission: 'push' }));
      clone = await WorkTree.clone(cast.developer.remote(fork));
    });
    after(async () => {
      await upstream[Symbol.asyncDispose]();
      await clone[Symbol.asyncDispose]();
    });

    const sync = (who: Persona = cast.developer, branch = 'main', headers = {}) =>
      who.api('POST', `/repos/${fork}/merge-upstream`, { branch }, headers);
    const tip = (branch = 'main') => remoteRef(cast.developer.remote(fork), `refs/heads/${branch}`);

    /** A commit on the parent's branch. */
    async function ahead(files: Record<string, string> = { 'up.txt': `${Math.random()}\n` }): Promise<string> {
      const id = await upstream.commit('upstream', files);
      await upstream.must('push', '--quiet', 'origin', 'HEAD');
      return id;
    }

    /** A commit on the fork's. */
    async function own(files: Record<string, string> = { 'own.txt': 'own\n' }): Promise<string> {
      const id = await clone.commit('own', files);
      await clone.must('push', '--quiet', 'origin', 'HEAD');
      return id;
    }

    const lock = (settings: object = {}) =>
      must(
        cast.developer.api('PUT', `/repos/${fork}/branches/main/protection`, {
          ...{ ...allOff, enforce_admins: true, lock_branch: true },
          ...settings,
        }),
      );

    test('a branch without commits of its own is moved forward', async () => {
      const id = await ahead();
      const { status, body } = await sync();
      assert.deepEqual(
        [status, body],
        [
          200,
          {
            message: 'Successfully fetched and fast-forwarded from upstream acme:main.',
            merge_type: 'fast-forward',
            base_branch: 'acme:main',
          },
        ],
      );
      assert.equal(await tip(), id);
      await clone.must('pull', '--quiet');
      await clone.must('fsck', '--strict');
    });

    test('a branch that has everything stays where it is, and nothing is recorded', async () => {
      for (const prepare of [() => Promise.resolve(), own]) {
        await prepare();
        const untouched = await snapshot(server, fork);
        const { status, body } = await sync();
        assert.deepEqual([status, body.merge_type, body.message], [200, 'none', 'This branch is not behind the upstream acme:main.']);
        assert.deepEqual(await snapshot(server, fork), untouched);
      }
    });

    test('a branch with commits of its own gets a merge commit, signed by the server', async () => {
      const [theirs, ours] = [await ahead(), await own()];
      const { status, body } = await sync();
      assert.deepEqual([status, body.merge_type, body.base_branch], [200, 'merge', 'acme:main']);
      const { commit, parents, author } = await must(cast.developer.api('GET', `/repos/${fork}/commits/main`));
      assert.deepEqual(
        parents.map((one: { sha: string }) => one.sha),
        [ours, theirs],
      );
      assert.equal(commit.message, `Merge branch 'acme:main' into main`);
      assert.deepEqual([commit.verification.verified, author?.login], [true, 'dev']);
      await clone.must('pull', '--quiet');
      assert.match(await clone.must('ls-tree', '--name-only', 'HEAD'), /own\.txt\nup\.txt/);
    });

    test('of a long history only what is missing comes', async () => {
      for (let n = 0; n < 30; n++) await clone.commit(`own ${n}`, { 'own.txt': `${n}\n` });
      await clone.must('push', '--quiet', 'origin', 'HEAD');
      await clone.must('branch', '--quiet', 'else', 'HEAD~30');
      const random = Array.from({ length: 4000 }, () => Math.random()).join('\n');
      await ahead({ 'large.txt': random });
      assert.equal((await sync()).body.merge_type, 'merge');
      const { id } = await must(cast.developer.api('GET', `/repos/${fork}`));
      const folder = `${server.data}/repositories/${id}.git`;
      await ahead({ 'small.txt': 'small\n' });
      assert.equal((await sync()).body.merge_type, 'merge');
      await mustGit(folder, ['fsck', '--strict', '--full']);
      const packs = (await mustGit(folder, ['count-objects', '-v'])).match(/in-pack: (\d+)/)![1];
      const reachable = (await mustGit(folder, ['rev-list', '--objects', '--all'])).split('\n').length;
      assert.ok(Number(packs) <= reachable + 4, `${packs} objects are packed, of ${reachable}`);
    });

    test('what both have changed in the same place is a conflict, and nothing moves', async () => {
      await ahead({ 'a.txt': 'theirs\n' });
      await own({ 'a.txt': 'ours\n' });
      const untouched = await snapshot(server, fork);
      const { status, body } = await sync();
      assert.deepEqual([status, body.message], [409, 'There are merge conflicts']);
      assert.deepEqual(await snapshot(server, fork), untouched);
    });

    test('histories with nothing in common are not merged', async () => {
      await upstream.must('switch', '--quiet', '--orphan', 'fresh');
      await upstream.commit('other', { 'x.txt': 'x\n' });
      await upstream.must('push', '--quiet', '--force', 'origin', 'HEAD:main');
      assert.deepEqual(await sync().then(({ status, body }) => [status, body.message]), [409, 'There are merge conflicts']);
    });

    test('a branch is brought up to the one of its name', async () => {
      await upstream.must('switch', '--quiet', '--create', 'topic/one');
      await upstream.commit('topic');
      await upstream.must('push', '--quiet', 'origin', 'HEAD');
      assert.deepEqual(await sync(undefined, 'topic/one').then(({ status, body }) => [status, body.message]), [404, 'Branch not found']);
      await clone.must('push', '--quiet', 'origin', 'HEAD:topic/one', 'HEAD:mine');
      assert.equal((await sync(undefined, 'topic/one')).body.base_branch, 'acme:topic/one');
      assert.equal(await tip('topic/one'), await upstream.head());
      assert.equal((await sync(undefined, 'mine')).status, 404);
    });

    test('what is no fork is not brought up to anything', async () => {
      const { status, body } = await cast.owner.api('POST', `/repos/${repository}/merge-upstream`, { branch: 'main' });
      assert.deepEqual([status, body.message], [422, 'This repository is not a fork']);
      await must(cast.owner.api('DELETE', `/repos/${repository}`));
      assert.equal((await sync()).status, 422);
    });

    for (const [what, body] of [
      ['no branch', {}],
      ['a number', { branch: 7 }],
      ['no name', { branch: '' }],
      ['a name with a line break', { branch: 'main\nx' }],
      ['a name that looks like an option', { branch: '--all' }],
      ['a path', { branch: '../../main' }],
      ['a full ref name', { branch: 'refs/heads/main' }],
      ['an object id', { branch: 'HEAD^{commit}' }],
    ] as const) {
      test(`nothing happens for ${what}`, async () => {
        await ahead();
        const untouched = await snapshot(server, fork);
        const { status } = await cast.developer.api('POST', `/repos/${fork}/merge-upstream`, body);
        assert.ok([404, 422].includes(status), String(status));
        assert.deepEqual(await snapshot(server, fork), untouched);
      });
    }

    test('it needs write access to the fork, and a token that may write', async () => {
      await ahead();
      const untouched = await snapshot(server, fork);
      await must(cast.developer.api('PUT', `/repos/${fork}/collaborators/olga`, { permission: 'pull' }));
      assert.equal((await sync(cast.owner)).status, 403);
      assert.equal((await sync(cast.outsider)).status, 404);
      const reader = personaOf(server, 'dev', await mint(server, 'dev', ['read_api']));
      assert.equal((await sync(reader)).status, 403);
      await must(cast.developer.api('DELETE', `/repos/${fork}/collaborators/olga`));
      await must(cast.developer.api('PATCH', `/repos/${fork}`, { archived: true }));
      assert.equal((await sync()).status, 403);
      await must(cast.developer.api('PATCH', `/repos/${fork}`, { archived: false }));
      const after = (await snapshot(server, fork)) as { refs: unknown };
      assert.deepEqual(after.refs, (untouched as { refs: unknown }).refs);
      assert.equal((await sync(writer)).status, 200);
    });

    test('it is on the record as what it is', async () => {
      const before = await tip();
      const id = await ahead();
      await sync(writer);
      const [push] = await entries(server, `repo:${fork} action:git.push`);
      assert.deepEqual([push.actor, push.means, push.channel], ['mallory', 'fork-sync', 'api']);
      assert.deepEqual([push.updates[0].before, push.updates[0].after, push.updates[0].result], [before, id, 'pass']);
    });

    describe('where the branch is locked', () => {
      test('it is let through where syncing is allowed, and only it', async () => {
        await lock({ allow_fork_syncing: true });
        const id = await ahead();
        for (const who of [cast.developer, writer]) {
          const head = await tip();
          const { status, body } = await who.api('PATCH', `/repos/${fork}/git/refs/heads/main`, { sha: head, force: true });
          assert.deepEqual([status, body.ref], [200, 'refs/heads/main'], 'nothing to do is no change');
          assert.equal((await who.api('PUT', `/repos/${fork}/contents/x.txt`, { message: 'x', content: '' })).status, 409);
          assert.equal((await who.api('DELETE', `/repos/${fork}/git/refs/heads/main`)).status, 422);
        }
        await clone.commit('own');
        await clone.must('push', '--quiet', 'origin', 'HEAD:topic');
        assert.equal((await writer.api('POST', `/repos/${fork}/merges`, { base: 'main', head: 'topic' })).status, 409);
        assert.notEqual((await clone.push('origin', 'HEAD:main')).code, 0);
        assert.deepEqual(await sync(writer).then(({ status, body }) => [status, body.merge_type]), [200, 'fast-forward']);
        assert.equal(await tip(), id);
      });

      test('it is refused where syncing is not allowed, with the reason', async () => {
        await lock();
        await ahead();
        const before = await tip();
        for (const who of [cast.developer, writer]) {
          const { status, body } = await sync(who);
          assert.deepEqual([status, body.message], [422, 'Cannot change this locked branch']);
        }
        assert.equal(await tip(), before);
        const refused = await entries(server, `repo:${fork} action:protected_branch.rejected_ref_update`);
        assert.deepEqual(
          refused.map(({ means, reasons }) => [means, reasons[0].code]),
          [
            ['fork-sync', 'locked'],
            ['fork-sync', 'locked'],
          ],
        );
      });

      test('an admin who is exempt passes, on the record; a writer does not', async () => {
        await lock({ enforce_admins: false });
        await ahead();
        assert.equal((await sync(writer)).status, 422);
        const { status, headers } = await sync();
        assert.equal(status, 200);
        assert.match(headers.get('x-sallyport-bypass')!, /^rules=lock; audit=\d+$/);
      });

      test('an elevated token passes where it names the lock, with its reason on the record', async () => {
        await lock();
        await ahead();
        const plain = await elevated(server, cast.developer, { repositories: [fork] });
        assert.equal((await sync(plain)).status, 422);
        const named = await elevated(server, cast.developer, { repositories: [fork], rules: ['lock'] });
        assert.equal((await sync(named, 'main', { 'sallyport-bypass-reason': 'to be current' })).status, 200);
        const [bypass] = await entries(server, `repo:${fork} action:protected_branch.policy_override`);
        assert.deepEqual([bypass.means, bypass.reason, bypass.bypass_kind], ['fork-sync', 'to be current', 'elevated_token']);
      });
    });

    for (const [what, settings, message] of [
      ['pull requests', { required_pull_request_reviews: {} }, /^Changes must be made through a pull request\.$/],
      ['checks', { required_status_checks: { strict: false, contexts: ['ci'] } }, /Required status check "ci"/],
    ] as const) {
      test(`a branch that demands ${what} is not moved past them, though it is not locked or syncing is allowed`, async () => {
        await protect(cast.developer.api, fork, 'main', { ...settings, enforce_admins: true });
        const id = await ahead();
        const before = await tip();
        const { status, body } = await sync(writer);
        assert.equal(status, 422);
        assert.match(body.message, message);
        await protect(cast.developer.api, fork, 'main', { ...settings, enforce_admins: true, lock_branch: true, allow_fork_syncing: true });
        assert.equal((await sync(writer)).status, 422);
        assert.equal(await tip(), before);
        const { id: number } = await must(cast.developer.api('GET', `/repos/${fork}`));
        const { code } = await git(`${server.data}/repositories/${number}.git`, ['cat-file', '-e', id]);
        assert.notEqual(code, 0, 'nothing of what was refused is in the fork');
      });
    }

    test('a branch that takes a line of commits only is moved forward, and not merged into', async () => {
      await protect(cast.developer.api, fork, 'main', { required_linear_history: true, enforce_admins: true });
      await ahead();
      assert.equal((await sync(writer)).status, 200);
      await clone.must('pull', '--quiet');
      await own();
      await ahead();
      const { status, body } = await sync(writer);
      assert.equal(status, 422, JSON.stringify(body));
    });

    test('many who ask at once move it once', async () => {
      const id = await ahead();
      const before = await entryCount(server);
      const answers = await Promise.all(Array.from({ length: 5 }, () => sync()));
      assert.ok(
        answers.every(({ status }) => [200, 409].includes(status)),
        JSON.stringify(answers.map(({ status }) => status)),
      );
      assert.equal(await tip(), id);
      const moved = await entries(server, `repo:${fork} action:git.push_outcome`);
      assert.equal(moved.filter(({ outcome }) => outcome === 'committed').length, 1);
      assert.ok((await entryCount(server)) > before);
    });
  });
}
