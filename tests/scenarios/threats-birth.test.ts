/**
 * Family G, birth: what is not there yet is judged as if nothing were to be lost. The attacker
 * 1. is the first to push to an empty repository whose branches are protected before they are there;
 * 2. makes the branch by a file, by a rename, in one push with others, or with a history that no push has shown;
 * 3. makes another branch first, so that it becomes the default one;
 * 4. has a protected branch deleted by who may, and makes it anew.
 * Creations beside other branches are rows of the table in tests/table.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, type Persona, type Personas } from '../support/personas.ts';
import { githubRules, gitlabRules, type NativeProtection, protectPattern, type RuleInput } from '../support/protections.ts';
import { entries } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const restricted: RuleInput = { type: 'actor_restriction', parameters: { grants: [], coversCreation: true } };
const review = { approvals: 1, dismissStale: false, codeOwners: false, lastPush: false, dismissal: { mode: 'writers' }, passes: [] };
const grants = [{ kind: 'role', level: 40 }];

/** Rules that concern a branch which is made, and the commit that breaks them. */
const rules: Readonly<
  Record<string, { readonly rules: RuleInput[]; readonly origin: 'github' | 'gitlab'; readonly brings: 'one' | 'merge' }>
> = {
  'a lock': { origin: 'github', rules: githubRules({ type: 'lock', parameters: { forkSync: false } }), brings: 'one' },
  'nobody may create it': { origin: 'github', rules: githubRules(restricted), brings: 'one' },
  'nobody may create it, and pull requests': {
    origin: 'github',
    rules: githubRules(restricted, { type: 'pull_request', parameters: review }),
    brings: 'one',
  },
  'a line of commits': { origin: 'github', rules: githubRules({ type: 'required_linear_history', parameters: {} }), brings: 'merge' },
  'signatures, where creation is restricted': {
    origin: 'github',
    rules: githubRules(restricted, { type: 'required_signatures', parameters: {} }),
    brings: 'one',
  },
  'maintainers alone push': { origin: 'gitlab', rules: gitlabRules({ push: grants, merge: grants }), brings: 'one' },
};

describe('a branch that is protected before it is there', { timeout: 120_000 }, () => {
  let server: TestServer;
  let cast: Personas;
  let mallory: Persona;
  let work: WorkTree;
  let commits: { readonly one: string; readonly merge: string };
  let count = 0;
  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    mallory = cast.attacker;
    work = await WorkTree.create();
    const one = await work.commit('one', { 'a.txt': 'a\n' });
    await work.must('checkout', '--quiet', '-b', 'side');
    await work.commit('side', { 'b.txt': 'b\n' });
    await work.must('checkout', '--quiet', 'main');
    await work.must('merge', '--quiet', '--no-ff', '-m', 'merge', 'side');
    commits = { one, merge: await work.head() };
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** An empty repository whose protection is there already. */
  async function unborn(protection: Pick<NativeProtection, 'origin' | 'pattern' | 'rules'>): Promise<{ name: string; folder: string }> {
    const name = `acme/unborn-${++count}`;
    const { id } = await must(cast.owner.api('POST', '/orgs/acme/repos', { name: name.slice('acme/'.length), private: true }));
    await must(cast.owner.api('PUT', `/repos/${name}/collaborators/mallory`, { permission: 'push' }));
    await protectPattern(cast.owner.api, name, protection);
    return { name, folder: server.running.house.gate.repositories.open(id, 'sha1').path };
  }

  const refs = (folder: string): Promise<string> => mustGit(folder, ['for-each-ref', '--format=%(refname)']);
  const file = (path: string, branch?: string) => ({
    ...{ path: `contents/${path}`, body: { message: 'm', content: '', ...(branch !== undefined && { branch }) } },
  });

  for (const [what, { origin, rules: own, brings }] of Object.entries(rules)) {
    for (const pattern of ['main', 'm*']) {
      test(`${what}: it is not born by any door, with the pattern ${pattern}`, async () => {
        const { name, folder } = await unborn({ origin, pattern, rules: own });
        const remote = mallory.remote(name);
        const commit = commits[brings];
        const pushes = [
          [`${commit}:refs/heads/main`],
          [`+${commit}:refs/heads/main`],
          [`--atomic`, `${commit}:refs/heads/main`, `${commit}:refs/heads/other`],
        ];
        for (const args of pushes) {
          const pushed = await work.push(remote, ...args);
          assert.notEqual(pushed.code, 0, args.join(' '));
          assert.equal(await refs(folder), '', args.join(' '));
        }
        // A file is one commit in a line, and the server signs it.
        if (brings === 'one') {
          for (const { path, body } of [file('x.txt'), file('x.txt', 'main')]) {
            const { status } = await mallory.api('PUT', `/repos/${name}/${path}`, body);
            assert.ok(status === 409 || status === 422, `${path}: ${status}`);
          }
          assert.equal(await refs(folder), '');
        }
        assert.equal(await mustGit(folder, ['symbolic-ref', 'HEAD']), 'refs/heads/main');
        const refused = await entries(server, `action:protected_branch.rejected_ref_update repo:${name}`);
        const recorded = origin === 'gitlab' ? await entries(server, `action:git.push repo:${name}`) : refused;
        assert.ok(recorded.length >= 3, `${recorded.length} entries`);
      });
    }
  }

  test('is not born beside one that is free, nor out of it', async () => {
    const { name, folder } = await unborn({ origin: 'github', pattern: 'main', rules: githubRules(restricted) });
    const pushed = await work.push(mallory.remote(name), `${commits.one}:refs/heads/free`, `${commits.one}:refs/heads/main`);
    assert.notEqual(pushed.code, 0);
    assert.equal(await refs(folder), 'refs/heads/free');
    const attempts = [
      mallory.api('POST', `/repos/${name}/branches/free/rename`, { new_name: 'main' }),
      mallory.api('POST', `/repos/${name}/git/refs`, { ref: 'refs/heads/main', sha: commits.one }),
      mallory.api('PUT', `/repos/${name}/contents/x.txt`, { message: 'm', content: '', branch: 'main' }),
      mallory.api('PATCH', `/repos/${name}`, { default_branch: 'main' }),
    ];
    for (const { status } of await Promise.all(attempts)) assert.ok([403, 404, 409, 422].includes(status), String(status));
    assert.equal(await refs(folder), 'refs/heads/free');
  });

  test('the first branch becomes the default one, and the record says so', async () => {
    const { name, folder } = await unborn({ origin: 'github', pattern: 'main', rules: githubRules(restricted) });
    await work.must('push', '--quiet', mallory.remote(name), `${commits.one}:refs/heads/free`);
    assert.equal(await mustGit(folder, ['symbolic-ref', 'HEAD']), 'refs/heads/free');
    const [moved, ...more] = await entries(server, `action:repo.update_default_branch repo:${name}`);
    assert.deepEqual([moved.actor, moved.default_branch, moved.old_default_branch, more.length], ['mallory', 'free', 'main', 0]);
    assert.notEqual((await work.push(mallory.remote(name), `${commits.one}:refs/heads/main`)).code, 0, 'main is as protected as before');
  });

  test('born by who may, deleted by who may, it is protected at its second birth', async () => {
    const own = { type: 'actor_restriction', parameters: { grants: await olga(), coversCreation: true } };
    const deletable = { type: 'deletion', parameters: { allowed: 'pushers' } };
    const { name, folder } = await unborn({ origin: 'github', pattern: 'main', rules: githubRules(own, deletable) });
    await work.must('push', '--quiet', cast.owner.remote(name), `${commits.one}:refs/heads/free`, `${commits.one}:refs/heads/main`);
    await must(cast.owner.api('PATCH', `/repos/${name}`, { default_branch: 'free' }));
    for (const again of [1, 2]) {
      await must(cast.owner.api('DELETE', `/repos/${name}/git/refs/heads/main`));
      const pushed = await work.push(mallory.remote(name), `${commits.merge}:refs/heads/main`);
      assert.notEqual(pushed.code, 0, String(again));
      assert.equal(await refs(folder), 'refs/heads/free');
      await work.must('push', '--quiet', cast.owner.remote(name), `${commits.one}:refs/heads/main`);
    }
  });

  async function olga(): Promise<unknown[]> {
    return [{ kind: 'user', id: (await must(cast.owner.api('GET', '/user'))).id }];
  }
});
