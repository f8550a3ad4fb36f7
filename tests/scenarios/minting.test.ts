import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { defaultOperations, defaultRuleTypes } from '#model/bypass-bounds.ts';
import { knownScopes } from '#model/capability.ts';
import { ProblemError } from '#model/problem.ts';
import { type BypassInput, mintToken } from '#operations/tokens/mint-token.ts';
import { must } from '../support/api.ts';
import { castOf, elevated, mint, operator, type Persona, type Personas, personaOf } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const aDay = 24 * 60 * 60 * 1000;
const path = '/api/sallyport/v1/tokens';
const inDays = (days: number): string => new Date(Date.now() + days * aDay).toISOString();
const bypass: BypassInput = { repositories: ['acme/app'] };
const elevation = { name: 'robot', scopes: ['repo', 'repo:bypass-protection'], bypass };

describe('minting tokens', () => {
  let server: TestServer;
  let cast: Personas;
  /** The owner of the organization, with the scope to mint elevated tokens. */
  let minter: Persona;

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    minter = await withScopes('olga', ['repo', 'admin:bypass-token']);
  });
  after(() => server[Symbol.asyncDispose]());

  const withScopes = async (login: string, scopes: readonly string[]): Promise<Persona> =>
    personaOf(server, login, await mint(server, login, scopes));

  const byOperator = (scopes: readonly string[], bounds: BypassInput | null = null, expiresAt: number | null = null) =>
    mintToken(server.running.house.context, operator, { user: 'dev', name: 'x', note: null, scopes, expiresAt, bypass: bounds });

  /** That minting is refused with a status, in words that match. */
  async function refused({ api }: Persona, body: Readonly<Record<string, unknown>>, status: number, words: RegExp): Promise<void> {
    const before = await server.running.house.store.read.audit.readHead();
    const answer = await api('POST', path, { name: 'x', scopes: ['repo'], ...body });
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.match(answer.body.message, words);
    assert.deepEqual(await server.running.house.store.read.audit.readHead(), before, 'nothing was written');
  }

  describe('an elevated token', () => {
    test('has the bounds that were asked for, and the defaults for the rest', async () => {
      const made = await must(minter.api('POST', path, elevation));
      const { repository } = { repository: (await must(cast.owner.api('GET', '/repos/acme/app'))).id };
      assert.deepEqual(made.bypass, {
        repositories: [repository],
        refs: ['refs/heads/*', 'refs/heads/**/*'],
        operations: ['update', 'merge'],
        rules: [...defaultRuleTypes],
        paths: null,
        uses: null,
        granted_by: (await must(minter.api('GET', '/user'))).id,
      });
      assert.deepEqual(defaultOperations, ['update', 'merge']);
      const asked = { refs: ['refs/heads/main'], operations: ['force-push'], rules: ['lock'], paths: ['docs/**'], uses: 3 };
      const bounded = await must(minter.api('POST', path, { ...elevation, bypass: { ...bypass, ...asked } }));
      assert.deepEqual(bounded.bypass, { ...made.bypass, ...asked, uses: { max: 3, reserved: 0, spent: 0 } });
    });

    test('never passes force-pushes, deletions, creations, locks or merge queues by default', () => {
      for (const type of ['non_fast_forward', 'deletion', 'creation', 'lock', 'merge_queue'])
        assert.ok(!defaultRuleTypes.includes(type), type);
    });

    test('has the scope and the bounds together, or neither', async () => {
      await refused(minter, { ...elevation, bypass: undefined }, 422, /go together/);
      await refused(minter, { ...elevation, scopes: ['repo'] }, 422, /go together/);
    });

    test('has one of the scopes that can write beside it', async () => {
      await refused(
        minter,
        { ...elevation, scopes: ['repo:bypass-protection'] },
        422,
        /needs one of repo, public_repo, write_repository, api/,
      );
      await refused(minter, { ...elevation, scopes: ['repo:bypass-protection', 'repo:status'] }, 422, /needs one of/);
      for (const scope of ['repo', 'public_repo', 'write_repository', 'api'])
        assert.ok((await byOperator([scope, 'repo:bypass-protection'], bypass)).token.bounds);
    });

    test('is minted by nobody without the scope for it: no other scope implies that', async () => {
      const everythingElse = [...knownScopes].filter((scope) => scope !== 'admin:bypass-token' && scope !== 'repo:bypass-protection');
      await refused(await withScopes('olga', everythingElse), elevation, 403, /admin:bypass-token/);
      const admin = await withScopes('admin', everythingElse);
      await refused(admin, elevation, 403, /admin:bypass-token/);
      const answer = await admin.api('POST', '/admin/users/dev/authorizations', { scopes: elevation.scopes, bypass });
      assert.equal(answer.status, 403);
    });

    test('bypasses only where its granter may edit the rules', async () => {
      const at = (repositories: unknown) => ({ ...elevation, bypass: { repositories } });
      const developer = await withScopes('dev', ['repo', 'admin:bypass-token']);
      await refused(developer, at(['acme/app']), 422, /you may not edit the rules of acme\/app/);
      const maintainer = await withScopes('mona', ['repo', 'admin:bypass-token']);
      assert.ok((await must(maintainer.api('POST', path, at(['acme/app', 'ACME/App'])))).bypass.repositories.length === 1);
      await must(cast.owner.api('POST', '/orgs/acme/repos', { name: 'vault', private: true }));
      await refused(maintainer, at(['acme/app', 'acme/vault']), 422, /"acme\/vault" does not exist/);
      await refused(maintainer, at(['acme/nothing']), 422, /"acme\/nothing" does not exist/);
      for (const name of ['acme', 'acme/app/x', '/app', '']) await refused(maintainer, at([name]), 422, /is not owner\/name/);
      await refused(maintainer, at([]), 422, /name at least one/);
    });

    test('has all repositories only if a site admin or the operator says so', async () => {
      const all = { ...elevation, bypass: { repositories: 'all' } };
      await refused(minter, all, 403, /a site admin/);
      const admin = await withScopes('admin', ['repo', 'admin:bypass-token']);
      assert.equal((await must(admin.api('POST', path, all))).bypass.repositories, 'all');
      assert.equal((await byOperator(elevation.scopes, { repositories: 'all' })).token.bounds?.grantedBy, 'operator');
    });

    test('knows its rules, its uses and its patterns', async () => {
      const at = (more: Readonly<Record<string, unknown>>) => ({ ...elevation, bypass: { ...bypass, ...more } });
      await refused(minter, at({ rules: ['pull_request', 'no_such_rule'] }), 422, /unknown: no_such_rule/);
      await refused(minter, at({ rules: ['constructor'] }), 422, /unknown: constructor/);
      await refused(minter, at({ operations: ['anything'] }), 422, /operations/);
      for (const uses of [0, -1, 1.5, '3']) await refused(minter, at({ uses }), 422, /uses/);
      await refused(minter, at({ refs: [''] }), 422, /pattern/);
      await refused(minter, at({ paths: ['x'.repeat(1001)] }), 422, /pattern/);
    });

    test('mints, lists and ends no token but itself', async () => {
      const robot = await elevated(server, cast.owner, bypass, ['api', 'user', 'repo:bypass-protection']);
      await refused(robot, { scopes: ['repo'] }, 403, /an ordinary token of a person/);
      await refused(robot, elevation, 403, /an ordinary token of a person/);
      assert.equal((await robot.api('GET', path)).status, 403);
      const [own, other] = (await must(cast.owner.api('GET', path))).tokens.toSorted((a: { id: number }, b: { id: number }) => b.id - a.id);
      assert.equal((await robot.api('DELETE', `${path}/${other.id}`)).status, 404);
      assert.equal((await robot.api('GET', `${path}/${own.id}`)).body.elevated, true);
      assert.equal((await robot.api('DELETE', `${path}/${own.id}`)).status, 204);
      assert.equal((await robot.api('GET', '/user')).status, 401);
    });
  });

  describe('the scope that mints elevated tokens', () => {
    test('is never beside a bypass, whoever asks', async () => {
      const both = ['repo', 'repo:bypass-protection', 'admin:bypass-token'];
      await assert.rejects(byOperator(both, bypass), /admin:bypass-token never sits beside repo:bypass-protection/);
      await refused(minter, { ...elevation, scopes: both }, 422, /never sits beside/);
    });

    test('is given out by the operator and over no API', async () => {
      const words = /the command line: admin:bypass-token is not given out over an API/;
      await refused(minter, { scopes: ['admin:bypass-token'] }, 403, words);
      const admin = await withScopes(
        'admin',
        [...knownScopes].filter((scope) => scope !== 'repo:bypass-protection'),
      );
      await refused(admin, { scopes: ['repo', 'admin:bypass-token'] }, 403, words);
      const answer = await admin.api('POST', '/admin/users/dev/authorizations', { scopes: ['admin:bypass-token'] });
      assert.equal(answer.status, 403);
      assert.deepEqual((await byOperator(['admin:bypass-token'])).token.scopes, ['admin:bypass-token']);
    });
  });

  describe('what is minted is within the token that mints:', () => {
    test('its scopes, one by one', async () => {
      const narrow = await withScopes('dev', ['user', 'public_repo']);
      const beyond = [...knownScopes].filter(
        (scope) => !['user', 'read:user', 'user:email', 'public_repo'].includes(scope) && !scope.includes('bypass'),
      );
      for (const scope of beyond) await refused(narrow, { scopes: ['user', scope] }, 403, /at least these scopes/);
      for (const scope of ['read:user', 'user:email', 'public_repo'])
        assert.equal((await narrow.api('POST', path, { name: scope, scopes: [scope] })).status, 201, scope);
    });

    test('scopes that open nothing yet are not handed out either, but for what includes them', async () => {
      const holder = await withScopes('dev', ['user', 'repo', 'admin:public_key']);
      for (const scope of ['repo_deployment', 'repo:invite', 'security_events', 'read:public_key', 'write:public_key'])
        assert.equal((await holder.api('POST', path, { name: 'x', scopes: [scope] })).status, 201, scope);
      await refused(holder, { scopes: ['workflow'] }, 403, /at least these scopes/);
    });

    test('scopes for hooks include each other and are within repo; an organization’s hooks are within nothing', async () => {
      const writer = await withScopes('dev', ['user', 'write:repo_hook']);
      for (const scope of ['write:repo_hook', 'read:repo_hook'])
        assert.equal((await writer.api('POST', path, { name: 'x', scopes: [scope] })).status, 201, scope);
      await refused(writer, { scopes: ['admin:repo_hook'] }, 403, /at least these scopes/);
      const all = await withScopes('dev', ['user', 'repo', 'admin:org']);
      assert.equal((await all.api('POST', path, { name: 'x', scopes: ['admin:repo_hook'] })).status, 201);
      await refused(all, { scopes: ['admin:org_hook'] }, 403, /at least these scopes/);
    });

    test('its expiry, which is also the default when it is sooner', async () => {
      const soon = Date.now() + 2 * aDay;
      const { secret } = await byOperator(['user', 'repo'], null, soon);
      const short = personaOf(server, 'dev', secret);
      await refused(short, { expires_at: inDays(3) }, 422, /may not be later than that of the token that mints/);
      const made = await must(short.api('POST', path, { name: 'x', scopes: ['repo'] }));
      assert.equal(Date.parse(made.expires_at), Math.floor(soon / 1000) * 1000);
    });

    test('and a token that may not manage the account mints nothing', async () => {
      await refused(await withScopes('dev', ['repo', 'admin:org', 'read:user']), {}, 403, /a token with the scope user/);
    });
  });

  test('expiry is 30 days unless said otherwise, at most 366, and never past', async () => {
    const made = await must(cast.owner.api('POST', path, { name: 'x', scopes: ['repo'] }));
    assert.ok(Math.abs(Date.parse(made.expires_at) - Date.now() - 30 * aDay) < 120_000);
    assert.ok((await byOperator(['repo'], null, Date.now() + 366 * aDay - 60_000)).token.expiresAt);
    for (const expiresAt of [Date.now() + 366 * aDay + 60_000, Date.now() - 1000, 0])
      await assert.rejects(byOperator(['repo'], null, expiresAt), /must lie within 366 days/, String(expiresAt));
    await refused(cast.owner, { expires_at: 'tomorrow' }, 422, /is not a time/);
  });

  test('unknown scopes are refused by name, and give nothing', async () => {
    await refused(cast.owner, { scopes: ['repo', 'root', 'everything'] }, 422, /unknown: everything, root/);
    await refused(cast.owner, { scopes: ['__proto__', 'constructor'] }, 422, /unknown: __proto__, constructor/);
  });

  test('a name is needed, without control characters, of at most 100', async () => {
    for (const name of ['', '   ', 'a\u001b[2J', 'x'.repeat(101)]) await refused(cast.owner, { name }, 422, /name is needed/);
  });

  test('for others only a site admin mints, and not for the bot of an app', async () => {
    const others = '/api/sallyport/v1/users/dev/tokens';
    assert.equal((await cast.owner.api('POST', others, { name: 'x', scopes: ['repo'] })).status, 404);
    const plainAdmin = await withScopes('admin', ['user', 'repo']);
    assert.equal((await plainAdmin.api('POST', others, { name: 'x', scopes: ['repo'] })).status, 404);
    const admin = await withScopes('admin', ['user', 'repo', 'site_admin']);
    const { token } = await must(admin.api('POST', others, { name: 'x', scopes: ['repo'] }));
    assert.equal((await must(personaOf(server, 'dev', token).api('GET', '/user'))).login, 'dev');
    await assert.rejects(
      mintToken(server.running.house.context, operator, { user: 'acme', name: 'x', note: null, scopes: [], expiresAt: null, bypass: null }),
      (error) => error instanceof ProblemError && error.problem.kind === 'not-found',
    );
  });

  test('the record of a minting has the bounds and the scopes, never the secret', async () => {
    const made = await must(minter.api('POST', path, elevation));
    const [entry] = (await must(cast.admin.api('GET', '/api/sallyport/v1/audit?phrase=action:oauth_access.create&per_page=1'))).entries;
    assert.equal(entry.actor.login, 'olga');
    assert.equal(entry.data.token_id_created, made.id);
    assert.equal(entry.data.elevated, true);
    assert.deepEqual(entry.data.bounds.repositories, made.bypass.repositories);
    assert.ok(!JSON.stringify(entry).includes(made.token));
  });
});
