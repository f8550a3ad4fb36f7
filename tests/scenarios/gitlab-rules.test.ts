import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { type GitResult, remoteLines } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, createPersona, type Persona, type Personas } from '../support/personas.ts';
import { createTeam, gitlabRules, protect, protectPattern } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const mayNotPush = 'GitLab: You are not allowed to push code to protected branches on this project.';
const mayNotForce = 'GitLab: You are not allowed to force push code to a protected branch on this project.';
const developers = { kind: 'role', level: 30 };
const maintainers = { kind: 'role', level: 40 };

let server: TestServer;
let cast: Personas;
let work: WorkTree;
let base: string;
let changes = 0;

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

/** A new repository of the organization, its default branch `trunk`, and a branch `main`, both at the first commit. */
async function newRepository(name: string): Promise<string> {
  await must(cast.owner.api('POST', '/orgs/acme/repos', { name, private: true }));
  for (const [login, permission] of [
    ['dev', 'push'],
    ['mallory', 'push'],
    ['mona', 'admin'],
  ])
    await must(cast.owner.api('PUT', `/repos/acme/${name}/collaborators/${login}`, { permission }));
  const remote = cast.owner.remote(`acme/${name}`);
  await work.must('push', '--quiet', remote, `${base}:refs/heads/trunk`);
  await work.must('push', '--quiet', remote, `${base}:refs/heads/main`);
  return `acme/${name}`;
}

const protectGitlab = (repository: string, pattern: string, lists: Parameters<typeof gitlabRules>[0], manage: unknown[] = []) =>
  protectPattern(cast.owner.api, repository, { origin: 'gitlab', pattern, rules: gitlabRules(lists), manage });

const tip = (repository: string, branch = 'main') => remoteRef(cast.owner.remote(repository), `refs/heads/${branch}`);

async function push(persona: Persona, repository: string, ...refspecs: string[]): Promise<GitResult> {
  return work.push(persona.remote(repository), ...refspecs);
}

/** A push of one more commit than the branch has. Null: it landed, else what GitLab's rules say. */
async function pushOneMore(persona: Persona, repository: string, branch = 'main'): Promise<string[] | null> {
  const present = (await tip(repository, branch)) ?? base;
  await work.must('fetch', '--quiet', cast.owner.remote(repository));
  await work.must('checkout', '--quiet', '-B', 'work', present);
  changes += 1;
  await work.commit(`change ${changes}`);
  const result = await push(persona, repository, `HEAD:refs/heads/${branch}`);
  if (result.code === 0) return null;
  return remoteLines(result).filter((line) => line.startsWith('GitLab: '));
}

describe('a protection of GitLab origin', () => {
  test('lets in whom it lists: roles, people, members of a team but not of its child teams', async () => {
    const repository = await newRepository('listed');
    const [ann, ben] = await Promise.all(['ann', 'ben'].map((login) => createPersona(server, login)));
    for (const login of ['ann', 'ben']) await must(cast.owner.api('PUT', `/orgs/acme/memberships/${login}`, { role: 'member' }));
    const team = await createTeam(cast.owner.api, 'acme', 'crew', { members: ['ann'], grants: { [repository]: 'push' } });
    await createTeam(cast.owner.api, 'acme', 'cadets', { parent: team.id, members: ['ben'], grants: { [repository]: 'push' } });
    const { id } = await must(cast.developer.api('GET', '/user'));
    await protectGitlab(repository, 'main', {
      push: [maintainers, { kind: 'user', id }, { kind: 'team', id: team.id, childTeams: false }],
    });
    const told = [];
    for (const persona of [cast.maintainer, cast.developer, ann!, ben!, cast.attacker]) told.push(await pushOneMore(persona, repository));
    assert.deepEqual(told, [null, null, null, [mayNotPush], [mayNotPush]]);
  });

  test('binds admins and owners: an empty list lets nobody in', async () => {
    const repository = await newRepository('nobody');
    await protectGitlab(repository, 'main', {});
    for (const persona of [cast.developer, cast.maintainer, cast.owner])
      assert.deepEqual(await pushOneMore(persona, repository), [mayNotPush]);
    assert.equal(await tip(repository), base);
  });

  test('refuses the whole push: a ref that nothing protects does not move either', async () => {
    const repository = await newRepository('whole');
    await protectGitlab(repository, 'main', { push: [maintainers] });
    await work.must('checkout', '--quiet', '-B', 'work', base);
    await work.commit('for both');
    const result = await push(cast.developer, repository, 'HEAD:refs/heads/main', 'HEAD:refs/heads/free', 'HEAD:refs/tags/v1');
    assert.equal(result.code, 1);
    assert.deepEqual(
      remoteLines(result).filter((line) => line.startsWith('GitLab:')),
      [mayNotPush],
    );
    assert.match(result.stderr, /main \(pre-receive hook declined\)/);
    for (const ref of ['refs/heads/free', 'refs/tags/v1']) assert.equal(await remoteRef(cast.owner.remote(repository), ref), null);
    const unseen = await cast.developer.api('GET', `/repos/${repository}/git/commits/${await work.head()}`);
    assert.equal(unseen.status, 404);
  });

  test('forbids to lose commits unless it allows that, by those who may push', async () => {
    const repository = await newRepository('forced');
    await protectGitlab(repository, 'main', { push: [developers] });
    assert.equal(await pushOneMore(cast.developer, repository), null);
    const refused = await push(cast.owner, repository, `+${base}:refs/heads/main`);
    assert.deepEqual(
      remoteLines(refused).filter((line) => line.startsWith('GitLab:')),
      [mayNotForce],
    );
    await protectGitlab(repository, 'ma*', { push: [maintainers], force: true });
    assert.equal((await push(cast.developer, repository, `+${base}:refs/heads/main`)).code, 0);
  });

  test('unites what all matching patterns grant, each at the level of the repository', async () => {
    const repository = await newRepository('united');
    await protectGitlab(repository, 'm*', { push: [maintainers] });
    await protectGitlab(repository, '*n', { push: [{ kind: 'role', level: 0 }] });
    assert.deepEqual(await pushOneMore(cast.developer, repository), [mayNotPush]);
    assert.equal(await pushOneMore(cast.maintainer, repository), null);
    const { id } = await must(cast.developer.api('GET', '/user'));
    await protectGitlab(repository, 'ma*', { push: [{ kind: 'user', id }] });
    assert.equal(await pushOneMore(cast.developer, repository), null);
  });

  test('keeps a name from being created by git, except by who may push; by the API from a protected tip', async () => {
    const repository = await newRepository('created');
    await protectGitlab(repository, 'stable-*', { push: [maintainers], merge: [developers] });
    await work.must('checkout', '--quiet', '-B', 'work', base);
    const unprotected = await work.commit('not in any protected branch');
    await work.must('push', '--quiet', cast.developer.remote(repository), 'HEAD:refs/heads/topic');
    const byGit = await push(cast.developer, repository, 'HEAD:refs/heads/stable-1');
    assert.deepEqual(
      remoteLines(byGit).filter((line) => line.startsWith('GitLab:')),
      [
        'GitLab: You can only use an existing protected branch ref as the basis of a new protected branch.',
        'GitLab: You can only create protected branches using the web interface and API.',
      ],
    );
    const create = (persona: Persona, sha: string, name: string) =>
      persona.api('POST', `/repos/${repository}/git/refs`, { ref: `refs/heads/${name}`, sha });
    assert.equal((await create(cast.developer, unprotected, 'stable-1')).status, 422);
    assert.equal((await push(cast.maintainer, repository, `${base}:refs/heads/stable-1`)).code, 0);
    assert.equal((await create(cast.developer, base, 'stable-2')).status, 201);
    assert.equal((await create(cast.developer, unprotected, 'stable-3')).status, 422);
  });

  test('is deleted by maintainers through the API, and by nobody through git', async () => {
    const repository = await newRepository('deleted');
    await protectGitlab(repository, 'main', { push: [developers] });
    const byGit = await push(cast.owner, repository, ':refs/heads/main');
    assert.deepEqual(
      remoteLines(byGit).filter((line) => line.startsWith('GitLab:')),
      ['GitLab: You can only delete protected branches using the web interface.'],
    );
    assert.equal((await cast.developer.api('DELETE', `/repos/${repository}/git/refs/heads/main`)).status, 422);
    assert.equal((await cast.maintainer.api('DELETE', `/repos/${repository}/git/refs/heads/main`)).status, 204);
    assert.equal(await tip(repository), null);
  });

  test('is edited by those on its own list only, and widened by an overlap by nobody else', async () => {
    const repository = await newRepository('managed');
    const { id } = await must(cast.maintainer.api('GET', '/user'));
    const own = await protectGitlab(repository, 'main', { push: [maintainers] }, [{ kind: 'user', id }]);
    const path = `/api/sallyport/v1/repos/${repository}/protections`;
    assert.equal((await cast.owner.api('PATCH', `${path}/${own.id}`, { rules: gitlabRules({ push: [developers] }) })).status, 404);
    assert.equal((await cast.owner.api('DELETE', `${path}/${own.id}`)).status, 404);
    const wider = { origin: 'gitlab', pattern: 'mai*', rules: gitlabRules({ push: [developers] }) };
    assert.equal((await cast.owner.api('POST', path, wider)).status, 404);
    const narrower = { ...wider, rules: gitlabRules({ push: [{ kind: 'role', level: 0 }] }) };
    const { id: other } = await must(cast.owner.api('POST', path, narrower));
    assert.equal((await cast.owner.api('PATCH', `${path}/${other}`, { rules: wider.rules })).status, 404);
    assert.deepEqual(await pushOneMore(cast.developer, repository), [mayNotPush]);
    await must(cast.maintainer.api('PATCH', `${path}/${other}`, { rules: wider.rules }));
    assert.equal(await pushOneMore(cast.developer, repository), null);
  });
});

describe('a protection of the organization', () => {
  test('is a floor: a repository adds to it and never takes from it', async () => {
    const repository = await newRepository('floored');
    const floor = await protectPattern(cast.owner.api, 'acme', {
      origin: 'gitlab',
      pattern: 'main',
      rules: gitlabRules({ push: [maintainers] }),
    });
    try {
      assert.deepEqual(await pushOneMore(cast.developer, repository), [mayNotPush]);
      assert.equal(await pushOneMore(cast.maintainer, repository), null);
      await protectGitlab(repository, 'main', { push: [developers], force: true });
      assert.deepEqual(await pushOneMore(cast.developer, repository), [mayNotPush]);
      const forced = await push(cast.maintainer, repository, `+${base}:refs/heads/main`);
      assert.ok(remoteLines(forced).includes(mayNotForce), forced.stderr);
      await protectGitlab(repository, '*', { push: [{ kind: 'role', level: 0 }] });
      assert.equal(await pushOneMore(cast.maintainer, repository), null);
    } finally {
      await must(cast.owner.api('DELETE', `/api/sallyport/v1/orgs/acme/protections/${floor.id}`));
    }
  });

  test('is seen and changed by owners of the organization alone', async () => {
    const repository = await newRepository('sheltered');
    const floor = await protectPattern(cast.owner.api, 'acme', {
      origin: 'gitlab',
      pattern: 'main',
      rules: gitlabRules({ push: [maintainers] }),
    });
    const path = `/api/sallyport/v1/orgs/acme/protections/${floor.id}`;
    for (const persona of [cast.maintainer, cast.developer, cast.outsider]) {
      assert.equal((await persona.api('GET', path)).status, 404);
      assert.equal((await persona.api('PATCH', path, { rules: gitlabRules({ push: [developers] }) })).status, 404);
      assert.equal((await persona.api('DELETE', path)).status, 404);
      const byRepository = `/api/sallyport/v1/repos/${repository}/protections/${floor.id}`;
      assert.equal((await persona.api('DELETE', byRepository)).status, 404);
    }
    assert.deepEqual(await pushOneMore(cast.developer, repository), [mayNotPush]);
    await must(cast.owner.api('DELETE', path));
    assert.equal(await pushOneMore(cast.developer, repository), null);
  });
});

describe('protections of both origins', () => {
  test('have to agree, and a refusal shows what each of them says', async () => {
    const repository = await newRepository('agreed');
    await protectGitlab(repository, 'main', { push: [maintainers] });
    await protect(cast.owner.api, repository, 'main', { required_pull_request_reviews: {}, enforce_admins: true });
    await work.must('checkout', '--quiet', '-B', 'work', base);
    await work.commit('against both');
    const both = await push(cast.developer, repository, 'HEAD:refs/heads/main');
    assert.deepEqual(
      remoteLines(both).filter((line) => /^(error:|- |GitLab:)/.test(line)),
      ['error: GH006: Protected branch update failed for refs/heads/main.', '- Changes must be made through a pull request.', mayNotPush],
    );
    assert.match(both.stderr, /pre-receive hook declined/);
    const one = await push(cast.maintainer, repository, 'HEAD:refs/heads/main');
    assert.match(one.stderr, /protected branch hook declined/);
    assert.doesNotMatch(one.stderr, /GitLab:/);
  });

  test('are loosened one by one: what one dialect takes away, the other still holds', async () => {
    const repository = await newRepository('loosened');
    await protectGitlab(repository, 'main', { push: [maintainers] });
    await protect(cast.owner.api, repository, 'main', { restrictions: { users: ['dev'], teams: [] }, enforce_admins: false });
    await must(cast.owner.api('DELETE', `/repos/${repository}/branches/main/protection`));
    assert.deepEqual(await pushOneMore(cast.developer, repository), [mayNotPush]);
    await protect(cast.owner.api, repository, 'main', { enforce_admins: false });
    assert.deepEqual(await pushOneMore(cast.developer, repository), [mayNotPush]);
    const branch = await must(cast.developer.api('GET', `/repos/${repository}/branches/main`));
    assert.equal(branch.protected, true);
  });

  test('read the same pattern each in its own grammar', async () => {
    const repository = await newRepository('grammar');
    await protectGitlab(repository, 'rel/*', { push: [maintainers] });
    assert.deepEqual(await pushOneMore(cast.developer, repository, 'rel/a/b'), [
      'GitLab: You are not allowed to create protected branches on this project.',
      'GitLab: You can only use an existing protected branch ref as the basis of a new protected branch.',
      'GitLab: You can only create protected branches using the web interface and API.',
    ]);
    const other = await newRepository('grammar-too');
    await protectPattern(cast.owner.api, other, {
      origin: 'github',
      pattern: 'rel/*',
      rules: [
        { type: 'non_fast_forward', parameters: { allowed: false } },
        { type: 'deletion', parameters: { allowed: 'nobody' } },
        { type: 'lock', parameters: { forkSync: false } },
      ],
    });
    assert.equal(await pushOneMore(cast.developer, other, 'rel/a/b'), null);
  });
});
