import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { installApp } from '../support/apps.ts';
import { remoteLines } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, createPersona, type Persona, type Personas } from '../support/personas.ts';
import { createTeam, githubRules, protect, protectPattern } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const repository = 'acme/app';
const notListed = "You're not authorized to push to this branch.";

describe('a branch that only some may push to', () => {
  let server: TestServer;
  let cast: Personas;
  let work: WorkTree;
  let changes = 0;

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    work = await WorkTree.create();
    await work.commit('begin');
    await work.must('push', '--quiet', cast.developer.remote(repository), 'HEAD:refs/heads/main');
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const restrict = (lists: { users?: string[]; teams?: string[]; apps?: string[] }, settings: Record<string, unknown> = {}) =>
    protect(cast.owner.api, repository, 'main', {
      restrictions: { users: [], teams: [], apps: [], ...lists },
      enforce_admins: true,
      ...settings,
    });

  /** Whether a push of one more commit landed; refused, it must be for the list and nothing else. */
  async function mayPush(persona: Persona, branch = 'main'): Promise<boolean> {
    const remote = cast.developer.remote(repository);
    const exists = (await remoteRef(remote, `refs/heads/${branch}`)) !== null;
    await work.must('fetch', '--quiet', remote, exists ? branch : 'main');
    await work.must('reset', '--quiet', '--hard', 'FETCH_HEAD');
    changes += 1;
    const commit = await work.commit(`change ${changes}`);
    const result = await work.push(persona.remote(repository), `HEAD:refs/heads/${branch}`);
    const landed = (await remoteRef(remote, `refs/heads/${branch}`)) === commit;
    assert.equal(result.code === 0, landed, result.stderr);
    if (!landed)
      assert.ok(
        remoteLines(result).some((line) => line.startsWith(`- ${notListed}`)),
        result.stderr,
      );
    return landed;
  }

  /** A person of the organization who reaches the repository by teams alone. */
  async function member(login: string): Promise<Persona> {
    const persona = await createPersona(server, login);
    await must(cast.owner.api('PUT', `/orgs/acme/memberships/${login}`, { role: 'member' }));
    return persona;
  }

  test('who is listed may push; who may merely write may not, an admin neither while admins are bound', async () => {
    await restrict({ users: ['dev'] });
    assert.equal(await mayPush(cast.developer), true);
    for (const persona of [cast.attacker, cast.maintainer, cast.owner]) assert.equal(await mayPush(persona), false, persona.login);
  });

  test('nobody may push to a branch with an empty list', async () => {
    await restrict({});
    for (const persona of [cast.developer, cast.maintainer, cast.owner]) assert.equal(await mayPush(persona), false, persona.login);
  });

  test('admins pass where they are not bound, on the record', async () => {
    await restrict({}, { enforce_admins: false });
    assert.equal(await mayPush(cast.maintainer), true);
    assert.equal(await mayPush(cast.developer), false);
  });

  test('a listed person may push to this branch of this repository only', async () => {
    await restrict({ users: ['mallory'] });
    await protect(cast.owner.api, repository, 'main');
    await must(cast.owner.api('POST', `/repos/${repository}/git/refs`, { ref: 'refs/heads/other', sha: await tip() }));
    await protect(cast.owner.api, repository, 'other', { restrictions: { users: ['dev'], teams: [] }, enforce_admins: true });
    await restrict({ users: ['mallory'] });
    assert.equal(await mayPush(cast.attacker), true);
    assert.equal(await mayPush(cast.attacker, 'other'), false);
  });

  const tip = async (): Promise<string> => (await remoteRef(cast.developer.remote(repository), 'refs/heads/main'))!;

  test('members of a listed team may push, those of its child teams too; those of its parent and of other teams may not', async () => {
    const [ann, ben, cy, dan] = await Promise.all(['ann', 'ben', 'cy', 'dan'].map(member));
    const top = await createTeam(cast.owner.api, 'acme', 'top', { members: ['ann'], grants: { [repository]: 'push' } });
    const release = await createTeam(cast.owner.api, 'acme', 'release', {
      parent: top.id,
      members: ['ben'],
      grants: { [repository]: 'push' },
    });
    await createTeam(cast.owner.api, 'acme', 'night', { parent: release.id, members: ['cy'] });
    await createTeam(cast.owner.api, 'acme', 'others', { members: ['dan'], grants: { [repository]: 'push' } });
    await restrict({ teams: ['release'] });
    const may = [];
    for (const persona of [ann, ben, cy, dan]) may.push(await mayPush(persona!));
    assert.deepEqual(may, [false, true, true, false]);
  });

  test('who is taken out of the team may not push from the very next push on, though they may still write', async () => {
    const eve = await member('eve');
    await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/eve`, { permission: 'push' }));
    await createTeam(cast.owner.api, 'acme', 'deployers', { members: ['eve'], grants: { [repository]: 'push' } });
    await restrict({ teams: ['deployers'] });
    assert.equal(await mayPush(eve), true);
    await must(cast.owner.api('DELETE', '/orgs/acme/teams/deployers/memberships/eve'));
    assert.equal(await mayPush(eve), false);
  });

  test('a team that is deleted, or loses its grant, lets nobody in; the list stays on', async () => {
    const fay = await member('fay');
    await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/fay`, { permission: 'push' }));
    await createTeam(cast.owner.api, 'acme', 'shortlived', { members: ['fay'], grants: { [repository]: 'push' } });
    await restrict({ teams: ['shortlived'] });
    assert.equal(await mayPush(fay), true);
    await must(cast.owner.api('DELETE', '/orgs/acme/teams/shortlived'));
    assert.equal(await mayPush(fay), false);
    const shown = await must(cast.owner.api('GET', `/repos/${repository}/branches/main/protection/restrictions`));
    assert.deepEqual(shown.teams, []);
  });

  test('a team that comes back under the old name is another team', async () => {
    await createTeam(cast.owner.api, 'acme', 'phoenix', { grants: { [repository]: 'push' } });
    await restrict({ teams: ['phoenix'] });
    await must(cast.owner.api('DELETE', '/orgs/acme/teams/phoenix'));
    const gus = await member('gus');
    await createTeam(cast.owner.api, 'acme', 'phoenix', { members: ['gus'], grants: { [repository]: 'push' } });
    assert.equal(await mayPush(gus), false);
  });

  test('an app may push only where it is listed, as the app it is', async () => {
    const [relbot, otherbot] = await Promise.all(['relbot', 'otherbot'].map((slug) => installApp(server, cast.owner, 'acme', slug)));
    await restrict({ apps: ['relbot'] });
    assert.equal(await mayPush(await relbot!.token()), true);
    assert.equal(await mayPush(await otherbot!.token()), false);
    assert.equal(await mayPush(cast.owner), false);
  });

  test('an app with the right to administer is no admin', async () => {
    const keeper = await installApp(server, cast.owner, 'acme', 'keeper', { contents: 'write', administration: 'write' });
    await restrict({}, { enforce_admins: false });
    assert.equal(await mayPush(await keeper.token()), false);
    assert.equal(await mayPush(cast.maintainer), true);
  });

  test('a token of the app that was made for less does not write', async () => {
    const half = await installApp(server, cast.owner, 'acme', 'half');
    await must(cast.owner.api('POST', '/orgs/acme/repos', { name: 'elsewhere', private: true }));
    await restrict({ apps: ['half'] });
    const commit = await work.commit('too narrow');
    for (const limits of [{ permissions: { contents: 'read' } }, { repositories: ['elsewhere'] }]) {
      const narrow = await half.token(limits);
      const result = await work.push(narrow.remote(repository), 'HEAD:refs/heads/main');
      assert.equal(result.code, 128, result.stderr);
      assert.match(result.stderr, /403|not found/);
    }
    assert.notEqual(await tip(), commit);
  });

  test('a row is dead while its person may not write, and alive again when they may', async () => {
    await restrict({ users: ['dev'] });
    await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/dev`, { permission: 'pull' }));
    const result = await work.push(cast.developer.remote(repository), 'HEAD:refs/heads/main');
    assert.match(result.stderr, /denied to dev|403/);
    const shown = await must(cast.owner.api('GET', `/repos/${repository}/branches/main/protection/restrictions/users`));
    assert.deepEqual(
      shown.map((user: { login: string }) => user.login),
      ['dev'],
    );
    await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/dev`, { permission: 'push' }));
    assert.equal(await mayPush(cast.developer), true);
  });

  test('who is taken off the repository loses their row: coming back does not bring it back', async () => {
    await restrict({ users: ['dev', 'mallory'] });
    await must(cast.owner.api('DELETE', `/repos/${repository}/collaborators/mallory`));
    await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/mallory`, { permission: 'push' }));
    assert.equal(await mayPush(cast.attacker), false);
    assert.equal(await mayPush(cast.developer), true);
  });

  test('a suspended person does not come in at all', async () => {
    const ida = await member('ida');
    await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/ida`, { permission: 'push' }));
    await restrict({ users: ['ida'] });
    assert.equal(await mayPush(ida), true);
    await must(cast.admin.api('PUT', '/users/ida/suspended'));
    const result = await work.push(ida.remote(repository), 'HEAD:refs/heads/main');
    assert.match(result.stderr, /Authentication failed|401/);
    assert.equal((await ida.api('GET', '/user')).status, 401);
    await must(cast.admin.api('DELETE', '/users/ida/suspended'));
    assert.equal(await mayPush(ida), true);
  });

  test('names that are unknown or may not write are refused by name, and nothing changes', async () => {
    await restrict({ users: ['dev'] });
    await createTeam(cast.owner.api, 'acme', 'readers', { grants: { [repository]: 'pull' } });
    const before = await must(cast.owner.api('GET', `/repos/${repository}/branches/main/protection`));
    const lists = { users: ['ova', 'nobody-here'], teams: ['readers', 'ghosts'], apps: ['unheard-of'] };
    const body = { required_status_checks: null, enforce_admins: null, required_pull_request_reviews: null, restrictions: lists };
    const answer = await cast.owner.api('PUT', `/repos/${repository}/branches/main/protection`, body);
    assert.equal(answer.status, 422);
    for (const name of ['ova', 'nobody-here', 'readers', 'ghosts', 'unheard-of'])
      assert.ok(
        answer.body.errors.some((error: string) => error.includes(`"${name}"`)),
        name,
      );
    assert.deepEqual(await must(cast.owner.api('GET', `/repos/${repository}/branches/main/protection`)), before);
  });

  describe('with creations covered, by a pattern', () => {
    before(async () => {
      const { id } = await must(cast.developer.api('GET', '/user'));
      const restriction = { type: 'actor_restriction', parameters: { grants: [{ kind: 'user', id }], coversCreation: true } };
      await protectPattern(cast.owner.api, repository, { origin: 'github', pattern: 'release/*', rules: githubRules(restriction) });
    });

    test('only who is listed creates a branch that the pattern covers', async () => {
      assert.equal(await mayPush(cast.attacker, 'release/1'), false);
      assert.equal(await mayPush(cast.owner, 'release/1'), false);
      assert.equal(await mayPush(cast.developer, 'release/1'), true);
      assert.equal(await mayPush(cast.attacker, 'release/1'), false);
    });

    test('the API refuses with few words and the reasons beside them', async () => {
      const body = { ref: 'refs/heads/release/2', sha: await tip() };
      const answer = await cast.attacker.api('POST', `/repos/${repository}/git/refs`, body);
      assert.deepEqual([answer.status, answer.body.message], [422, 'Reference update failed']);
      assert.equal(answer.body.violations[0].code, 'creation_not_listed');
      await must(cast.developer.api('POST', `/repos/${repository}/git/refs`, body));
    });

    test('a branch is not renamed into the pattern, nor written into it by a file', async () => {
      await must(cast.attacker.api('POST', `/repos/${repository}/git/refs`, { ref: 'refs/heads/plain', sha: await tip() }));
      const renamed = await cast.attacker.api('POST', `/repos/${repository}/branches/plain/rename`, { new_name: 'release/3' });
      assert.equal(renamed.status, 422);
      const file = { message: 'x', content: 'eA==', branch: 'release/3' };
      assert.equal((await cast.attacker.api('PUT', `/repos/${repository}/contents/x.txt`, file)).status, 404);
      assert.equal(await remoteRef(cast.developer.remote(repository), 'refs/heads/release/3'), null);
    });

    test('names that the pattern does not cover are free, tags among them', async () => {
      assert.equal(await mayPush(cast.attacker, 'release/1.x/fix'), true);
      assert.equal(await mayPush(cast.attacker, 'Release/9'), true);
      assert.equal((await work.push(cast.attacker.remote(repository), 'HEAD:refs/tags/release/1')).code, 0);
    });
  });

  test('without creations covered, who may write creates the branch and may then not push to it', async () => {
    const restriction = { type: 'actor_restriction', parameters: { grants: [], coversCreation: false } };
    await protectPattern(cast.owner.api, repository, { origin: 'github', pattern: 'open/*', rules: githubRules(restriction) });
    assert.equal(await mayPush(cast.attacker, 'open/1'), true);
    assert.equal(await mayPush(cast.attacker, 'open/1'), false);
  });
});
