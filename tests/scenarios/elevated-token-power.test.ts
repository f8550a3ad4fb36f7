import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, createPersona, elevated, mint, type Persona, type Personas, personaOf } from '../support/personas.ts';
import { gitlabRules, protect, protectPattern } from '../support/protections.ts';
import { entries } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const repository = 'acme/app';
const noMore = /whoever granted it may not edit this rule any more/;
const native = '/api/sallyport/v1';

describe('the power of an elevated token', () => {
  let server: TestServer;
  let cast: Personas;
  let work: WorkTree;
  let remote: string;
  let changes = 0;

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    remote = cast.developer.remote(repository);
    work = await WorkTree.create();
    await work.commit('begin');
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/main');
    await protect(cast.owner.api, repository, 'main', { required_pull_request_reviews: {}, enforce_admins: true });
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Null: it landed; else what the client was shown. */
  async function told(persona: Persona, branch = 'main'): Promise<string | null> {
    await work.must('fetch', '--quiet', remote, `refs/heads/${branch}`);
    await work.must('reset', '--quiet', '--hard', 'FETCH_HEAD');
    changes += 1;
    await work.commit(`change ${changes}`);
    const result = await work.push(persona.remote(repository), `HEAD:refs/heads/${branch}`);
    return result.code === 0 ? null : result.stderr;
  }

  /** A person's token that may mint elevated ones; only the command line gives it out. */
  const minter = async (login: string, scopes: string[] = ['repo', 'user']): Promise<Persona> =>
    personaOf(server, login, await mint(server, login, [...scopes, 'admin:bypass-token']));

  const bounded = (fields: Record<string, unknown> = {}) => ({
    name: `robot ${changes++}`,
    scopes: ['repo', 'repo:bypass-protection'],
    bypass: { repositories: [repository] },
    ...fields,
  });

  async function mintOver(
    persona: Persona,
    path = `${native}/tokens`,
    fields: Record<string, unknown> = {},
  ): Promise<Persona & { id: number }> {
    const { id, token, user_id } = await must(persona.api('POST', path, bounded(fields)));
    assert.ok(user_id > 0);
    return { ...personaOf(server, persona.login, token), id };
  }

  describe('follows who granted it', () => {
    test('and is gone while they are no admin of the repository', async () => {
      const robot = await mintOver(await minter('mona'));
      assert.equal(await told(robot), null);
      await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/mona`, { permission: 'push' }));
      assert.match((await told(robot))!, noMore);
      await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/mona`, { permission: 'admin' }));
      assert.equal(await told(robot), null);
    });

    test('and is gone while they are suspended, or no site admin any more', async () => {
      await createPersona(server, 'chief');
      await must(cast.admin.api('PUT', '/users/chief/site_admin'));
      const chief = await minter('chief', ['repo', 'user', 'site_admin']);
      const robot = await mintOver(chief, `${native}/users/dev/tokens`);
      assert.equal(await told(robot), null);
      await must(cast.admin.api('PUT', '/users/chief/suspended'));
      assert.match((await told(robot))!, noMore);
      await must(cast.admin.api('DELETE', '/users/chief/suspended'));
      assert.equal(await told(robot), null);
      await must(cast.admin.api('DELETE', '/users/chief/site_admin'));
      assert.match((await told(robot))!, noMore);
    });

    test('and stops at what they may not edit: a list of editors without them, a protection of the organization', async () => {
      const robot = await mintOver(await minter('mona'));
      await work.must('push', '--quiet', remote, 'HEAD:refs/heads/listed', 'HEAD:refs/heads/floor');
      await protectPattern(cast.owner.api, repository, {
        origin: 'gitlab',
        pattern: 'listed',
        rules: gitlabRules({}),
        manage: [{ kind: 'role', level: 60 }],
      });
      const floor = await protectPattern(cast.owner.api, 'acme', { origin: 'gitlab', pattern: 'floor', rules: gitlabRules({}) });
      for (const branch of ['listed', 'floor']) assert.match((await told(robot, branch))!, noMore, branch);
      await must(cast.owner.api('PUT', '/orgs/acme/memberships/mona', { role: 'admin' }));
      assert.equal(await told(robot, 'floor'), null);
      await must(cast.owner.api('PUT', '/orgs/acme/memberships/mona', { role: 'member' }));
      assert.match((await told(robot, 'floor'))!, noMore);
      await must(cast.owner.api('DELETE', `${native}/orgs/acme/protections/${floor.id}`));
    });

    test('except when that was the operator at the command line', async () => {
      const robot = await elevated(server, cast.developer, { repositories: [repository] });
      assert.equal(await told(robot), null);
    });
  });

  describe('ends at once', () => {
    test('when the token is revoked, by its owner, its granter, a site admin or itself', async () => {
      for (const by of ['owner', 'granter', 'site admin', 'itself'] as const) {
        const chief = await minter('admin', ['repo', 'user', 'site_admin']);
        const robot = await mintOver(chief, `${native}/users/dev/tokens`);
        const asDev = { ...robot, ...personaOf(server, 'dev', robot.token) };
        assert.equal(await told(asDev), null, by);
        const who = { owner: cast.developer, granter: chief, 'site admin': cast.admin, itself: asDev }[by];
        assert.equal((await who.api('DELETE', `${native}/tokens/${robot.id}`)).status, 204, by);
        assert.match((await told(asDev))!, /Authentication failed|401/, by);
        assert.equal((await asDev.api('GET', '/user')).status, 401, by);
        const [entry] = await entries(server, 'action:oauth_access.destroy');
        assert.equal(entry.token_id_revoked, robot.id);
      }
    });

    test('not when a stranger asks: to them there is no such token', async () => {
      const robot = await mintOver(await minter('mona'));
      for (const persona of [cast.attacker, cast.outsider, cast.developer]) {
        assert.equal((await persona.api('GET', `${native}/tokens/${robot.id}`)).status, 404);
        assert.equal((await persona.api('DELETE', `${native}/tokens/${robot.id}`)).status, 404);
      }
      assert.equal(await told(robot), null);
    });
  });

  describe('does not grow', () => {
    test('an elevated token mints no token and looks after none', async () => {
      const robot = await elevated(server, cast.maintainer, { repositories: [repository] }, [
        'repo',
        'user',
        'admin:org',
        'repo:bypass-protection',
      ]);
      const other = await mintOver(await minter('mona'));
      const calls = await Promise.all([
        robot.api('POST', `${native}/tokens`, bounded()),
        robot.api('POST', `${native}/tokens`, { name: 'plain', scopes: ['repo'] }),
        robot.api('GET', `${native}/tokens`),
        robot.api('POST', `${native}/users/mona/tokens`, bounded()),
        robot.api('POST', '/admin/users/mona/authorizations', bounded()),
        robot.api('GET', `${native}/tokens/${other.id}`),
        robot.api('DELETE', `${native}/tokens/${other.id}`),
        robot.api('POST', `${native}/apps`, { slug: 'own', name: 'own', owner: 'mona', permissions: { contents: 'write' } }),
      ]);
      assert.deepEqual(
        calls.map(({ status }) => status),
        [403, 403, 403, 404, 404, 404, 404, 403],
      );
    });

    test('an elevated token of a site admin is no more than that', async () => {
      const robot = await elevated(server, cast.admin, { repositories: [repository] }, [
        'repo',
        'user',
        'site_admin',
        'repo:bypass-protection',
      ]);
      for (const [path, body] of [
        [`${native}/users/dev/tokens`, bounded()],
        ['/admin/users/dev/authorizations', { scopes: ['repo'] }],
      ] as const)
        assert.equal((await robot.api('POST', path, body)).status, 404, path);
    });

    test('a token without the scope for it mints no elevated one, an elevated one never holds that scope, and no API gives it out', async () => {
      for (const scopes of [['repo', 'user'], ['api'], ['repo', 'user', 'admin:org', 'site_admin']]) {
        const persona = personaOf(server, 'admin', await mint(server, 'admin', scopes));
        const answer = await persona.api('POST', `${native}/tokens`, bounded());
        assert.equal(answer.status, 403, scopes.join());
      }
      const mona = await minter('mona');
      const both = { scopes: ['repo', 'repo:bypass-protection', 'admin:bypass-token'] };
      assert.equal((await mona.api('POST', `${native}/tokens`, bounded(both))).status, 422);
      assert.equal((await mona.api('POST', `${native}/tokens`, { name: 'another', scopes: ['user', 'admin:bypass-token'] })).status, 403);
      await assert.rejects(mint(server, 'dev', both.scopes, { repositories: [repository] }), /never sits beside/);
    });

    test('what is minted lies within what the minter has: repositories, scopes, time', async () => {
      const mona = await minter('mona', ['repo', 'user']);
      const refused: Record<string, unknown>[] = [
        { bypass: { repositories: 'all' } },
        { bypass: { repositories: ['acme/nowhere'] } },
        { bypass: { repositories: [] } },
        { bypass: { repositories: [repository], uses: 0 } },
        { bypass: { repositories: [repository], rules: ['everything'] } },
        { bypass: { repositories: [repository], refs: [''] } },
        { scopes: ['repo', 'admin:org', 'repo:bypass-protection'] },
        { scopes: ['repo:bypass-protection'] },
        { scopes: ['read:org', 'repo:bypass-protection'] },
        { scopes: ['repo'] },
        { expires_at: new Date(Date.now() + 400 * 86_400_000).toISOString() },
        { expires_at: new Date(Date.now() + 31 * 86_400_000).toISOString() },
        { expires_at: new Date(Date.now() - 1000).toISOString() },
        { expires_at: 'tomorrow' },
        { name: '' },
        { name: 'a\nb' },
      ];
      for (const fields of refused) {
        const { status } = await mona.api('POST', `${native}/tokens`, bounded(fields));
        assert.ok(status === 422 || status === 403, `${JSON.stringify(fields)}: ${status}`);
      }
      const dev = await minter('dev');
      const answer = await dev.api('POST', `${native}/tokens`, bounded());
      assert.equal(answer.status, 422, 'who may not edit the rules of a repository grants no bypass of them');
      assert.equal((await dev.api('POST', `${native}/users/mona/tokens`, bounded())).status, 404);
    });

    test('it shows the defaults it was minted with, and its secret once', async () => {
      const mona = await minter('mona');
      const minted = await must(mona.api('POST', `${native}/tokens`, bounded()));
      assert.match(minted.token, /^sly_/);
      assert.deepEqual(minted.bypass.operations, ['update', 'merge']);
      assert.ok(!minted.bypass.rules.includes('lock') && !minted.bypass.rules.includes('non_fast_forward'));
      const days = (Date.parse(minted.expires_at) - Date.now()) / 86_400_000;
      assert.ok(days > 29 && days <= 30, `${days} days`);
      const shown = await must(mona.api('GET', `${native}/tokens/${minted.id}`));
      assert.deepEqual({ ...shown, token: minted.token }, minted);
      const [entry] = await entries(server, 'action:oauth_access.create');
      assert.deepEqual([entry.token_id_created, entry.elevated], [minted.id, true]);
      assert.doesNotMatch(JSON.stringify(entry), new RegExp(minted.token));
    });

    test('the endpoint of Enterprise Server mints one too, for a site admin who may', async () => {
      const chief = await minter('admin', ['repo', 'user', 'site_admin']);
      const body = { scopes: ['repo', 'repo:bypass-protection'], note: 'release bot', bypass: { repositories: [repository], uses: 1 } };
      assert.equal((await cast.admin.api('POST', '/admin/users/dev/authorizations', body)).status, 403);
      const { token } = await must(chief.api('POST', '/admin/users/dev/authorizations', body));
      const robot = personaOf(server, 'dev', token);
      assert.equal(await told(robot), null);
      assert.match((await told(robot))!, /its uses are used up/);
      const root = await robot.api('GET', '/');
      assert.equal(root.headers.get('x-oauth-scopes'), 'repo, repo:bypass-protection');
    });
  });

  test('an elevated token of an admin does not edit its way past its own bounds', async () => {
    // 1. A robot's token of an admin is bounded to releases. 2. Whoever holds it removes the protection of main. 3. It pushes to main.
    const robot = await elevated(server, cast.maintainer, { repositories: [repository], refs: ['refs/heads/release/*'] });
    const path = `/repos/${repository}/branches/main/protection`;
    const attempts: [string, string, unknown?][] = [
      ['DELETE', path],
      ['DELETE', `${path}/enforce_admins`],
      ['DELETE', `${path}/required_pull_request_reviews`],
      ['PATCH', `${path}/required_pull_request_reviews`, { bypass_pull_request_allowances: { users: ['mona'] } }],
      ['POST', `${native}/repos/${repository}/protections`, { origin: 'github', pattern: 'x', rules: [] }],
      ['PUT', `/repos/${repository}/collaborators/ova`, { permission: 'admin' }],
      ['PATCH', `/repos/${repository}`, { default_branch: 'main', visibility: 'public' }],
    ];
    for (const [method, target, body] of attempts) {
      const answer = await robot.api(method, target, body);
      assert.ok([403, 404].includes(answer.status), `${method} ${target}: ${answer.status}`);
    }
    assert.match((await told(robot))!, /Changes must be made through a pull request/);
    assert.ok(await remoteRef(remote, 'refs/heads/main'));
  });
});
