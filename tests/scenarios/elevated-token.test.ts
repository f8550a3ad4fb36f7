import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { mintToken } from '#operations/tokens/mint-token.ts';
import { must } from '../support/api.ts';
import { type GitResult, remoteLines } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, elevated, mint, operator, type Persona, type Personas, personaOf } from '../support/personas.ts';
import { githubRules, protect, protectPattern } from '../support/protections.ts';
import { entries, entryCount } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const repository = 'acme/app';
const through = 'Changes must be made through a pull request.';

describe('an elevated token', () => {
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
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/main');
    await protect(cast.owner.api, repository, 'main', { required_pull_request_reviews: {}, enforce_admins: true });
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const tip = (branch = 'main') => remoteRef(remote, `refs/heads/${branch}`);

  /** One more commit on top of a branch, in the work tree. */
  async function oneMore(branch = 'main'): Promise<string> {
    await work.must('fetch', '--quiet', remote, `refs/heads/${branch}`);
    await work.must('reset', '--quiet', '--hard', 'FETCH_HEAD');
    changes += 1;
    return work.commit(`change ${changes}`);
  }

  async function push(persona: Persona, ...args: string[]): Promise<GitResult> {
    await oneMore();
    return work.push(persona.remote(repository), ...args, 'HEAD:refs/heads/main');
  }

  const reasons = (result: GitResult): string[] =>
    remoteLines(result).filter((line) => line.startsWith('- ') || /elevated token/.test(line));

  test('passes what stops its owner, with a receipt that names the entry of the record', async () => {
    assert.deepEqual(reasons(await push(cast.developer)), [`- ${through}`]);
    const robot = await elevated(server, cast.developer, { repositories: [repository] });
    const result = await push(robot);
    assert.equal(result.code, 0, result.stderr);
    const number = (await entries(server, 'action:protected_branch.policy_override'))[0]._document_id.replace('sallyport-', '');
    assert.deepEqual(remoteLines(result), [
      'Bypassed rule violations for refs/heads/main:',
      '',
      `- ${through}`,
      '',
      `Bypass recorded: token "${await nameOf(robot)}" (repo:bypass-protection), audit entry ${number}.`,
    ]);
    const next = await oneMore();
    await work.must('push', '--quiet', '--force', remote, 'HEAD:refs/heads/topic');
    const answer = await robot.api('PATCH', `/repos/${repository}/git/refs/heads/main`, { sha: next });
    assert.equal(answer.status, 200);
    const entry = (await entries(server, 'action:protected_branch.policy_override'))[0];
    assert.equal(answer.headers.get('x-sallyport-bypass'), `rules=pull_request; audit=${entry._document_id.replace('sallyport-', '')}`);
    assert.deepEqual([entry.after, entry.channel], [next, 'api']);
  });

  async function nameOf(robot: Persona): Promise<string> {
    return (await server.running.house.context.store.read.tokens.listOfUser(await idOf(robot.login), { limit: 1, offset: 0 })).items[0]!
      .name;
  }

  const idOf = async (login: string): Promise<number> => (await must(cast.admin.api('GET', `/users/${login}`))).id;

  test('passes by every door that writes a branch', async () => {
    const robot = await elevated(server, cast.developer, { repositories: [repository] });
    const file = { message: 'x', content: 'eA==', branch: 'main' };
    const created = await robot.api('PUT', `/repos/${repository}/contents/by-token.txt`, file);
    assert.deepEqual([created.status, created.headers.get('x-sallyport-bypass')?.split(';')[0]], [201, 'rules=pull_request']);
    await work.must('push', '--quiet', '--force', remote, `${await work.commit('to merge', { 'm.txt': 'm\n' })}:refs/heads/to-merge`);
    const merged = await robot.api('POST', `/repos/${repository}/merges`, { base: 'main', head: 'to-merge' });
    assert.deepEqual([merged.status, merged.headers.get('x-sallyport-bypass')?.split(';')[0]], [201, 'rules=pull_request']);
    const sha = created.body.content.sha;
    const removed = await robot.api('DELETE', `/repos/${repository}/contents/by-token.txt`, { message: 'x', sha, branch: 'main' });
    assert.deepEqual([removed.status, removed.headers.get('x-sallyport-bypass')?.split(';')[0]], [200, 'rules=pull_request']);
  });

  test('that was not needed leaves no bypass: no receipt, no use, a pass in the record', async () => {
    const { robot, uses } = await withUses(1);
    await oneMore();
    const result = await work.push(robot.remote(repository), 'HEAD:refs/heads/free');
    assert.equal(result.code, 0);
    assert.deepEqual(remoteLines(result), []);
    await must(
      cast.owner.api('PATCH', `/repos/${repository}/branches/main/protection/required_pull_request_reviews`, {
        bypass_pull_request_allowances: { users: ['mona'] },
      }),
    );
    await protect(cast.owner.api, repository, 'free');
    const compliant = await work.commit('compliant');
    const second = await work.push(robot.remote(repository), 'HEAD:refs/heads/free');
    assert.deepEqual([second.code, remoteLines(second)], [0, []]);
    assert.deepEqual(await uses(), { max: 1, reserved: 0, spent: 0 });
    const [entry] = await entries(server, 'action:git.push');
    assert.deepEqual([entry.updates[0].after, entry.updates[0].result, entry.bypass], [compliant, 'pass', undefined]);
  });

  /** A robot with so many uses, and what has become of them. */
  async function withUses(uses: number, bounds: { refs?: string[] } = {}) {
    const input = {
      ...{ user: 'dev', name: `uses ${changes++}`, note: null, expiresAt: null },
      scopes: ['repo', 'repo:bypass-protection'],
      bypass: { repositories: [repository], uses, ...bounds },
    };
    const { token, secret } = await mintToken(server.running.house.context, operator, input);
    const shown = async () => (await must(cast.admin.api('GET', `/api/sallyport/v1/tokens/${token.id}`))).bypass.uses;
    return { robot: personaOf(server, 'dev', secret), uses: shown };
  }

  describe('with a number of uses', () => {
    const branches = Array.from({ length: 20 }, (_, index) => `many/${index}`);

    before(async () => {
      await work.must('push', '--quiet', remote, ...branches.map((branch) => `${base}:refs/heads/${branch}`));
      const parameters = {
        approvals: 1,
        dismissStale: false,
        codeOwners: false,
        lastPush: false,
        dismissal: { mode: 'writers' },
        passes: [],
      };
      await protectPattern(cast.owner.api, repository, {
        origin: 'github',
        pattern: 'many/*',
        rules: githubRules({ type: 'pull_request', parameters }),
      });
    });

    test('lands exactly that many of twenty pushes at once', async () => {
      const { robot, uses } = await withUses(5);
      await work.must('reset', '--quiet', '--hard', base);
      const commit = await work.commit('for all of them');
      const results = await Promise.all(branches.map((branch) => work.push(robot.remote(repository), `${commit}:refs/heads/${branch}`)));
      assert.equal(results.filter(({ code }) => code === 0).length, 5);
      for (const result of results.filter(({ code }) => code !== 0)) assert.match(result.stderr, /its uses are used up/);
      const tips = await Promise.all(branches.map((branch) => tip(branch)));
      assert.equal(tips.filter((id) => id === commit).length, 5);
      assert.deepEqual(await uses(), { max: 5, reserved: 0, spent: 5 });
      const recorded = await entries(server, `action:protected_branch.policy_override ${commit}`);
      assert.equal(recorded.filter((entry) => entry.after === commit).length, 5);
    });

    test('takes none for a push that loses the race for its ref', async () => {
      const { robot, uses } = await withUses(5);
      const present = (await tip('many/0'))!;
      await work.must('fetch', '--quiet', remote, present);
      const commits: string[] = [];
      for (let index = 0; index < 8; index++) {
        await work.must('reset', '--quiet', '--hard', present);
        commits.push(await work.commit(`racer ${index}`));
      }
      const results = await Promise.all(commits.map((commit) => work.push(robot.remote(repository), `${commit}:refs/heads/many/0`)));
      const landed = results.filter(({ code }) => code === 0).length;
      assert.equal(landed, 1, results.map(({ stderr }) => stderr).join('\n'));
      assert.deepEqual(await uses(), { max: 5, reserved: 0, spent: 1 });
    });

    test('is not shared out among the refs of a push that needs more than are left', async () => {
      const { robot, uses } = await withUses(2);
      await work.must('reset', '--quiet', '--hard', (await tip('many/1'))!).catch(() => work.must('reset', '--quiet', '--hard', base));
      const three = ['many/11', 'many/12', 'many/13'];
      const present = await Promise.all(three.map((branch) => tip(branch)));
      await work.must('reset', '--quiet', '--hard', present.find((id) => id !== base) ?? base);
      const commit = await work.commit('three at once');
      const refused = await work.push(robot.remote(repository), ...three.map((branch) => `${commit}:refs/heads/${branch}`));
      assert.equal(refused.code, 1);
      assert.deepEqual(await Promise.all(three.map((branch) => tip(branch))), present);
      const taken = await work.push(robot.remote(repository), ...three.slice(1).map((branch) => `${commit}:refs/heads/${branch}`));
      assert.equal(taken.code, 0, taken.stderr);
      assert.deepEqual(await uses(), { max: 2, reserved: 0, spent: 2 });
    });

    test('counts a use on the API as on git', async () => {
      const { robot, uses } = await withUses(1);
      const file = { message: 'x', content: 'eA==', branch: 'main' };
      assert.equal((await robot.api('PUT', `/repos/${repository}/contents/one.txt`, file)).status, 201);
      const second = await robot.api('PUT', `/repos/${repository}/contents/two.txt`, file);
      assert.deepEqual([second.status, second.body.elevated_token], [409, ['its uses are used up']]);
      assert.match((await push(robot)).stderr, /its uses are used up/);
      assert.deepEqual(await uses(), { max: 1, reserved: 0, spent: 1 });
    });
  });

  const outside: readonly [bound: string, bounds: Record<string, unknown>, says: RegExp][] = [
    ['another repository', { repositories: ['acme/other'] }, /it is not for this repository/],
    ['another ref', { refs: ['refs/heads/release/*'] }, /it is not for this ref/],
    ['a ref of which this is only the end', { refs: ['main', 'heads/main', 'refs/heads'] }, /it is not for this ref/],
    ['another operation', { operations: ['merge'] }, /it is not for this operation/],
    ['another rule', { rules: ['required_status_checks'], operations: ['update'] }, /it does not cover this rule/],
    ['other paths', { paths: ['docs/**/*'] }, /it does not cover every path/],
  ];
  test('bounded elsewhere is refused here, and is told by which bound', async () => {
    await must(cast.owner.api('POST', '/orgs/acme/repos', { name: 'other', private: true }));
    for (const [bound, bounds, says] of outside) {
      const robot = await elevated(server, cast.developer, { repositories: [repository], ...bounds });
      await oneMore();
      await work.commit('with a path', { 'src/x.ts': `${bound}\n` });
      const result = await work.push(robot.remote(repository), 'HEAD:refs/heads/main');
      assert.equal(result.code, 1, bound);
      assert.match(result.stderr, says, bound);
      assert.match(result.stderr, new RegExp(through), bound);
    }
  });

  test('passes force pushes, deletions, creations and locks only where they are named', async () => {
    const wide = await elevated(server, cast.developer, {
      repositories: [repository],
      operations: ['update', 'force-push', 'create', 'delete'],
    });
    const plain = await elevated(server, cast.developer, { repositories: [repository] });
    await protect(cast.owner.api, repository, 'topic', { enforce_admins: true });
    await work.must('reset', '--quiet', '--hard', base);
    await work.commit('instead');
    const attempts = ['+HEAD:refs/heads/topic', ':refs/heads/topic'];
    for (const refspec of attempts)
      assert.match((await work.push(plain.remote(repository), refspec)).stderr, /it is not for this operation/);
    for (const refspec of attempts) assert.equal((await work.push(wide.remote(repository), refspec)).code, 0, refspec);
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/locked');
    await protect(cast.owner.api, repository, 'locked', { lock_branch: true, enforce_admins: true });
    await work.commit('against the lock');
    assert.match((await work.push(wide.remote(repository), 'HEAD:refs/heads/locked')).stderr, /it does not cover this rule/);
    const named = await elevated(server, cast.developer, { repositories: [repository], rules: ['lock'] });
    assert.equal((await work.push(named.remote(repository), 'HEAD:refs/heads/locked')).code, 0);
  });

  test('is dead when its time is over', async () => {
    const input = { user: 'dev', name: 'short', note: 'for a moment', scopes: ['repo', 'repo:bypass-protection'] };
    const expiresAt = Date.now() + 2000;
    const bypass = { repositories: [repository] };
    const { secret } = await mintToken(server.running.house.context, operator, { ...input, expiresAt, bypass });
    const robot = personaOf(server, 'dev', secret);
    assert.equal((await push(robot)).code, 0);
    await sleep(expiresAt + 50 - Date.now());
    assert.match((await push(robot)).stderr, /Authentication failed|401/);
    assert.deepEqual((await robot.api('GET', '/user')).body.message, 'Bad credentials');
  });

  test('says in the record why it passed, if its bearer said so, and has to where that is demanded', async () => {
    const robot = await elevated(server, cast.developer, { repositories: [repository] });
    const spoken = await push(robot, '-o', 'bypass-reason=hotfix for\ttonight', '-o', 'ci.skip', '-o', 'merge_request.create');
    assert.equal(spoken.code, 0, spoken.stderr);
    assert.equal((await entries(server, 'action:protected_branch.policy_override'))[0].reason, 'hotfix for tonight');

    const [{ id }] = (await must(cast.owner.api('GET', `/api/sallyport/v1/repos/${repository}/protections`))).protections;
    const path = `/api/sallyport/v1/repos/${repository}/protections/${id}`;
    await must(cast.owner.api('PATCH', path, { demands_reason: true }));
    try {
      assert.match((await push(robot)).stderr, /this protection demands a reason: git push -o bypass-reason=/);
      assert.match((await push(robot, '-o', 'bypass-reason=  ')).stderr, /this protection demands a reason/);
      assert.equal((await push(robot, '-o', 'bypass-reason=because')).code, 0);
      const file = { message: 'x', content: 'eA==', branch: 'main' };
      const silent = await robot.api('PUT', `/repos/${repository}/contents/silent.txt`, file);
      assert.equal(silent.status, 409);
      const reason = { 'sallyport-bypass-reason': 'said on the API' };
      assert.equal((await robot.api('PUT', `/repos/${repository}/contents/spoken.txt`, file, reason)).status, 201);
      assert.equal((await entries(server, 'action:protected_branch.policy_override'))[0].reason, 'said on the API');
    } finally {
      await must(cast.owner.api('PATCH', path, { demands_reason: false }));
    }
  });

  test('does not pass a protection that takes none', async () => {
    const [{ id }] = (await must(cast.owner.api('GET', `/api/sallyport/v1/repos/${repository}/protections`))).protections;
    const path = `/api/sallyport/v1/repos/${repository}/protections/${id}`;
    await must(cast.owner.api('PATCH', path, { accepts_elevated: false }));
    const robot = await elevated(server, cast.developer, { repositories: [repository] });
    assert.match((await push(robot)).stderr, /this protection accepts no elevated tokens/);
    await must(cast.owner.api('PATCH', path, { accepts_elevated: true }));
    assert.equal((await push(robot)).code, 0);
  });

  test('is no use where its owner may not write, or is asked for more than its scopes', async () => {
    const robot = await elevated(server, cast.developer, { repositories: [repository] });
    await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/dev`, { permission: 'pull' }));
    assert.match((await push(robot).catch((error: Error) => ({ code: 1, stdout: '', stderr: error.message }))).stderr, /denied to dev|403/);
    await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/dev`, { permission: 'push' }));
    const gitOnly = await elevated(server, cast.developer, { repositories: [repository] }, ['write_repository', 'repo:bypass-protection']);
    assert.equal((await push(gitOnly)).code, 0);
    const file = { message: 'x', content: 'eA==', branch: 'main' };
    assert.equal((await gitOnly.api('PUT', `/repos/${repository}/contents/x.txt`, file)).status, 403);
  });

  test('a plain token of an admin does not pass where admins are bound, whatever its other scopes', async () => {
    const scopes = ['repo', 'admin:org', 'user', 'delete_repo', 'workflow', 'write_repository', 'api', 'admin:repo_hook'];
    const plain = personaOf(server, 'mona', await mint(server, 'mona', scopes));
    assert.deepEqual(reasons(await push(plain)), [`- ${through}`]);
    const site = personaOf(server, 'admin', await mint(server, 'admin', [...scopes, 'site_admin', 'admin:enterprise']));
    assert.equal((await push(site)).code, 1);
  });

  test('sent beside a session is refused as neither', async () => {
    const robot = await elevated(server, cast.developer, { repositories: [repository] });
    const before = await entryCount(server);
    const cookie = { cookie: 'sallyport_session=anything' };
    const file = { message: 'x', content: 'eA==', branch: 'main' };
    assert.equal((await robot.api('PUT', `/repos/${repository}/contents/x.txt`, file, cookie)).status, 400);
    assert.equal((await robot.api('GET', '/api/sallyport/v1/tokens', undefined, cookie)).status, 400);
    const next = await oneMore();
    const result = await work.git(
      '-c',
      'http.extraHeader=Cookie: sallyport_session=anything',
      'push',
      robot.remote(repository),
      'HEAD:refs/heads/main',
    );
    assert.notEqual(result.code, 0);
    assert.notEqual(await tip(), next);
    assert.equal(await entryCount(server), before);
  });
});
