import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ApiAnswer, must } from '../support/api.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, elevated, type Persona, type Personas } from '../support/personas.ts';
import { allOff, githubRules, gitlabRules, protect, protectPattern } from '../support/protections.ts';
import { snapshot } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let cast: Personas;
let work: WorkTree;
let base: string;

before(async () => {
  server = await startTestServer();
  cast = await castOf(server);
  work = await WorkTree.create();
  base = await work.commit('begin', { 'a.txt': 'a\n' });
});
after(async () => {
  await work[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** A new repository of the organization with these branches at the first commit; the first one is the default. */
async function repositoryWith(name: string, ...branches: readonly [string, ...string[]]): Promise<string> {
  await must(cast.owner.api('POST', '/orgs/acme/repos', { name, private: true }));
  await must(cast.owner.api('PUT', `/repos/acme/${name}/collaborators/dev`, { permission: 'push' }));
  await must(cast.owner.api('PUT', `/repos/acme/${name}/collaborators/mona`, { permission: 'admin' }));
  for (const branch of branches) await work.must('push', '--quiet', cast.owner.remote(`acme/${name}`), `${base}:refs/heads/${branch}`);
  return `acme/${name}`;
}

const tip = (repository: string, branch: string) => remoteRef(cast.owner.remote(repository), `refs/heads/${branch}`);

describe('an archived repository', () => {
  test('takes nothing by any door, from nobody, and forgets nothing', async () => {
    const repository = await repositoryWith('old', 'main', 'topic');
    await protect(cast.owner.api, repository, 'main', { required_pull_request_reviews: {} });
    const robot = await elevated(server, cast.maintainer, {
      repositories: [repository],
      refs: ['refs/*', 'refs/**/*'],
      operations: ['update', 'force-push', 'create', 'delete', 'merge'],
      rules: ['pull_request', 'lock'],
    });
    const next = await work.commit('too late');
    await must(cast.owner.api('PATCH', `/repos/${repository}`, { archived: true }));
    const before = await snapshot(server, repository);

    for (const persona of [cast.developer, cast.maintainer, cast.owner, cast.admin, robot]) {
      for (const refspec of ['HEAD:main', 'HEAD:topic', 'HEAD:fresh', ':topic', 'HEAD:refs/tags/v1']) {
        const result = await work.push(persona.remote(repository), refspec);
        assert.equal(result.code, 128, `${persona.login} ${refspec}: ${result.stderr}`);
        assert.match(result.stderr, /archived so it is read-only|403/);
      }
      const path = `/repos/${repository}`;
      const calls: Promise<ApiAnswer>[] = [
        persona.api('POST', `${path}/git/refs`, { ref: 'refs/heads/x', sha: base }),
        persona.api('PATCH', `${path}/git/refs/heads/topic`, { sha: base, force: true }),
        persona.api('DELETE', `${path}/git/refs/heads/topic`),
        persona.api('PUT', `${path}/contents/x`, { message: 'x', content: 'eA==' }),
        persona.api('DELETE', `${path}/contents/a.txt`, { message: 'x', sha: base }),
        persona.api('POST', `${path}/merges`, { base: 'main', head: 'topic' }),
        persona.api('POST', `${path}/git/blobs`, { content: 'x' }),
        persona.api('POST', `${path}/git/commits`, { message: 'x', tree: base }),
        persona.api('POST', `${path}/branches/topic/rename`, { new_name: 'other' }),
      ];
      for (const { status, body } of await Promise.all(calls))
        assert.deepEqual([status, body.message], [403, 'Repository was archived so is read-only.'], persona.login);
    }
    assert.deepEqual(await snapshot(server, repository), before);

    await must(cast.owner.api('PATCH', `/repos/${repository}`, { archived: false }));
    assert.equal((await work.push(cast.developer.remote(repository), 'HEAD:topic')).code, 0);
    assert.equal(await tip(repository, 'topic'), next);
    const shown = await must(cast.owner.api('GET', `/repos/${repository}/branches/main/protection`));
    assert.equal(shown.required_pull_request_reviews.required_approving_review_count, 1);
  });

  test('keeps its settings, its lists and its checks as they are', async () => {
    const repository = await repositoryWith('kept', 'main');
    await protect(cast.owner.api, repository, 'main', { required_status_checks: { strict: true, contexts: ['build'] } });
    await must(cast.owner.api('PATCH', `/repos/${repository}`, { archived: true }));
    const before = await snapshot(server, repository);
    const path = `/repos/${repository}`;
    const protection = `${path}/branches/main/protection`;
    const calls: [string, string, unknown?][] = [
      ['PUT', protection, allOff],
      ['DELETE', protection],
      ['POST', `${protection}/enforce_admins`],
      ['POST', `${protection}/required_signatures`],
      ['PATCH', `${protection}/required_status_checks`, { strict: false }],
      ['POST', `${protection}/required_status_checks/contexts`, ['lint']],
      ['DELETE', `${protection}/required_status_checks`],
      ['POST', `/api/sallyport/v1${path}/protections`, { origin: 'github', pattern: 'x', rules: githubRules() }],
      ['POST', `${path}/statuses/${base}`, { state: 'success', context: 'build' }],
      ['POST', `${path}/check-runs`, { name: 'build', head_sha: base, conclusion: 'success' }],
      ['PUT', `${path}/collaborators/ova`, { permission: 'push' }],
      ['PATCH', path, { default_branch: 'main', name: 'renamed' }],
    ];
    for (const call of calls) {
      const answer = await cast.owner.api(...call);
      assert.equal(answer.status, 403, `${call[0]} ${call[1]}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    assert.deepEqual(await snapshot(server, repository), before);
  });
});

describe('renaming a branch', () => {
  const rename = (persona: Persona, repository: string, from: string, to: string) =>
    persona.api('POST', `/repos/${repository}/branches/${from}/rename`, { new_name: to });

  test('is for anybody who writes while nothing protects it', async () => {
    const repository = await repositoryWith('plain', 'main', 'topic');
    const answer = await rename(cast.developer, repository, 'topic', 'better');
    assert.deepEqual([answer.status, answer.body.name], [201, 'better']);
    assert.deepEqual([await tip(repository, 'topic'), await tip(repository, 'better')], [null, base]);
  });

  test('of the default branch takes an admin; HEAD, the protection and old addresses follow', async () => {
    const repository = await repositoryWith('moved', 'main', 'topic');
    assert.equal((await rename(cast.developer, repository, 'main', 'trunk')).status, 403);
    await protect(cast.owner.api, repository, 'main', { required_pull_request_reviews: {}, allow_deletions: true, enforce_admins: false });
    const answer = await rename(cast.maintainer, repository, 'main', 'trunk');
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    assert.equal((await must(cast.owner.api('GET', `/repos/${repository}`))).default_branch, 'trunk');
    await using clone = await WorkTree.clone(cast.developer.remote(repository));
    assert.equal(await clone.must('symbolic-ref', '--short', 'HEAD'), 'trunk');
    const shown = await must(cast.owner.api('GET', `/repos/${repository}/branches/trunk/protection`));
    assert.equal(shown.allow_deletions.enabled, true);
    const old = await cast.developer.api('GET', `/repos/${repository}/branches/main`);
    assert.deepEqual([old.status, old.body.message], [301, 'Moved Permanently']);
    await clone.commit('direct');
    const direct = await clone.push(cast.developer.remote(repository), 'HEAD:trunk');
    assert.match(direct.stderr, /Changes must be made through a pull request/);
  });

  test('of a protected branch is the deletion and the creation that it is for the rules', async () => {
    const repository = await repositoryWith('kept-name', 'main', 'stable');
    await protect(cast.owner.api, repository, 'stable', { enforce_admins: false });
    assert.equal((await rename(cast.developer, repository, 'stable', 'free')).status, 403);
    const refused = await rename(cast.maintainer, repository, 'stable', 'free');
    assert.deepEqual([refused.status, refused.body.message], [422, 'Cannot delete this protected branch']);
    assert.deepEqual([await tip(repository, 'stable'), await tip(repository, 'free')], [base, null]);
    const robot = await elevated(server, cast.maintainer, { repositories: [repository], operations: ['create', 'delete'] });
    const answer = await rename(robot, repository, 'stable', 'free');
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    assert.match(answer.headers.get('x-sallyport-bypass') ?? '', /^rules=deletion; audit=\d+$/);
  });

  test('does not carry a branch out of a pattern, or into a locked one', async () => {
    const repository = await repositoryWith('patterns', 'main', 'rel/1', 'topic');
    await protectPattern(cast.owner.api, repository, { origin: 'github', pattern: 'rel/*', rules: githubRules() });
    const lock = githubRules({ type: 'lock', parameters: { forkSync: false } });
    await protectPattern(cast.owner.api, repository, { origin: 'github', pattern: 'frozen/*', rules: lock });
    assert.equal((await rename(cast.developer, repository, 'rel/1', 'loose')).status, 403);
    assert.equal((await rename(cast.owner, repository, 'rel/1', 'loose')).status, 422);
    const frozen = await rename(cast.developer, repository, 'topic', 'frozen/1');
    assert.deepEqual([frozen.status, frozen.body.message], [422, 'Cannot change this locked branch']);
    assert.deepEqual([await tip(repository, 'rel/1'), await tip(repository, 'topic')], [base, base]);
  });

  test('leaves what GitLab protects to who may edit that', async () => {
    const repository = await repositoryWith('both', 'main', 'stable');
    await protectPattern(cast.owner.api, repository, {
      origin: 'gitlab',
      pattern: 'stable',
      rules: gitlabRules({ push: [{ kind: 'role', level: 30 }] }),
      manage: [{ kind: 'role', level: 60 }],
    });
    assert.equal((await rename(cast.maintainer, repository, 'stable', 'free')).status, 403);
    assert.equal(await tip(repository, 'stable'), base);
  });

  test('to a name that is taken or none changes nothing', async () => {
    const repository = await repositoryWith('names', 'main', 'topic');
    const before = await snapshot(server, repository);
    for (const name of ['main', '', '-x', 'a..b', 'x.lock', 'HEAD', 'refs/heads/x', 'topic/sub/../x', 'a b', `x${'y'.repeat(1024)}`]) {
      assert.equal((await rename(cast.owner, repository, 'topic', name)).status, 422, name);
    }
    assert.equal((await rename(cast.owner, repository, 'absent', 'present')).status, 404);
    assert.deepEqual(await snapshot(server, repository), before);
  });

  test('down a folder of its own name is refused: git has no instant for it', async () => {
    const repository = await repositoryWith('folders', 'main', 'topic');
    const answer = await rename(cast.owner, repository, 'topic', 'topic/deeper');
    assert.equal(answer.status, 409, JSON.stringify(answer.body));
    assert.equal(await tip(repository, 'topic'), base);
  });
});
