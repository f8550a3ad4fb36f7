import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { newTokenSecret } from '#operations/tokens/secret.ts';
import { askServer } from '#transport/admin-socket.ts';
import { apiOf, must } from '../support/api.ts';
import { installApp } from '../support/apps.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, elevated, mint, type Personas } from '../support/personas.ts';
import { protect } from '../support/protections.ts';
import { entries } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

// biome-ignore lint/suspicious/noExplicitAny: log lines have fields of every shape
type Line = any;

const password = 'correct horse battery staple';
const reason = 'the pipeline is down';

/** A day in the life of a server, in which everything secret is used once; what was secret in it. */
async function useEverything(server: TestServer, cast: Personas): Promise<Map<string, string>> {
  const secrets = new Map<string, string>();
  const { owner, developer, admin } = cast;
  await using work = await WorkTree.create();
  await work.commit('one', { a: '1' });
  const remote = developer.remote('acme/app');
  await work.must('push', '--quiet', remote, 'HEAD:refs/heads/main');
  await protect(owner.api, 'acme/app', 'main', { required_pull_request_reviews: {} });
  await work.commit('two', { a: '2' });
  const robot = await elevated(server, developer, { repositories: ['acme/app'] });
  assert.notEqual((await work.push(remote, 'HEAD:refs/heads/main')).code, 0);
  await work.must('push', '--quiet', '-o', `bypass-reason=${reason}`, robot.remote('acme/app'), 'HEAD:refs/heads/main');
  for (const version of ['0', '1', '2']) {
    await using _clone = await WorkTree.clone(remote, '-c', `protocol.version=${version}`);
  }

  // Tokens in each form, good ones and bad ones.
  for (const persona of [admin, owner, developer, robot]) secrets.set(`the token of ${persona.login}`, persona.token);
  const minted = await must(owner.api('POST', '/api/sallyport/v1/tokens', { name: 'made over the API', scopes: ['repo'] }));
  secrets.set('a token that was minted', minted.token);
  const byAdmin = await must(admin.api('POST', '/admin/users/dev/authorizations', { scopes: ['repo'], note: 'by the site admin' }));
  secrets.set('a token of the endpoint of Enterprise Server', byAdmin.token);
  secrets.set('a token that nobody has', newTokenSecret());
  secrets.set('what only looks like a token', `sly_${'Q'.repeat(36)}`);
  secrets.set('a password where a token belongs', 'Tr0ub4dor&3');
  const anyone = apiOf(server.url, null);
  for (const secret of [...secrets.values()]) {
    const basic = Buffer.from(`dev:${secret}`).toString('base64');
    secrets.set(`Basic ${secret.slice(0, 8)}`, basic);
    for (const authorization of [`Basic ${basic}`, `Bearer ${secret}`, `token ${secret}`])
      await anyone('GET', '/user', undefined, { authorization });
    await anyone('GET', `/user?access_token=${encodeURIComponent(secret)}`);
    await anyone('GET', `/${secret}`);
    await anyone('GET', '/user', undefined, { cookie: `sallyport_session=${secret}`, authorization: `Bearer ${secret}` });
    await work.push(server.url.replace('://', `://${secret}:x-oauth-basic@`).concat('/acme/app.git'), 'HEAD:refs/heads/topic');
  }
  await owner.api('DELETE', `/api/sallyport/v1/tokens/${minted.id}`);

  // An app: its private key, its web tokens, its installation's token.
  const registered = { slug: 'deployer', name: 'deployer', owner: 'acme', permissions: { contents: 'write' } };
  const { private_key: key } = await must(owner.api('POST', '/api/sallyport/v1/apps', registered));
  for (const [index, line] of key.trim().split('\n').slice(1, -1).entries()) secrets.set(`line ${index} of a private key`, line);
  const app = await installApp(server, owner, 'acme', 'linter');
  const installed = await app.token();
  secrets.set('the token of an installation', installed.token);
  secrets.set('the beginning of every JSON web token', 'eyJ');
  await installed.api('GET', '/repos/acme/app');
  await app.asItself('GET', '/app');
  await anyone('GET', '/app', undefined, { authorization: 'Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl' });

  // The command line: a password on standard input, a token on standard output; and a request that is none.
  secrets.set('a password', password);
  secrets.set('the password of the first start', server.running.first!.password);
  const out: string[] = [];
  const io = { out: (text: string) => void out.push(text), err: () => undefined };
  const ask = (argv: string[], attached = {}) => askServer(server.data, { argv, osUser: 'tester', attached }, io);
  assert.equal(await ask(['user', 'create', 'bob', '--email', 'bob@example.com', '--password-stdin'], { stdin: password }), 0);
  assert.equal(await ask(['token', 'create', '--user', 'bob', '--scopes', 'repo']), 0);
  secrets.set('a token of the command line', out.join('').match(/sly_\w+/)![0]);
  await broken(server, `{"argv":["user"],"attached":{"stdin": ${password}}}\n`);

  // What people put where it does not belong.
  const misplaced = { name: 'x', password, token: robot.token, private: true };
  await owner.api('POST', '/orgs/acme/repos', misplaced);
  await owner.api('PUT', '/repos/acme/app/branches/main/protection', { restrictions: { users: [robot.token], teams: [] } });
  await owner.api('POST', '/user/gpg_keys', { armored_public_key: `-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n${password}\n` });
  await owner.api('POST', '/orgs/acme/repos', `{"name": "y", "password": "${password}"`);
  await mint(server, 'dev', ['repo']).then((token) => secrets.set('a token of the operator', token));
  return secrets;
}

function broken(server: TestServer, text: string): Promise<void> {
  const socket = connect(join(server.data, 'admin.sock'), () => socket.write(text));
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

describe('the log', { timeout: 60_000 }, () => {
  let server: TestServer;
  let cast: Personas;
  let secrets: Map<string, string>;
  let lines: Line[];
  before(async () => {
    server = await startTestServer({ config: { logLevel: 'trace' } });
    cast = await castOf(server);
    secrets = await useEverything(server, cast);
    lines = server.logged.map((line) => JSON.parse(line));
  });
  after(() => server[Symbol.asyncDispose]());

  const of = (message: string): Line[] => lines.filter(({ msg }) => msg === message);

  test('tells none of the secrets of a day in which all of them were used', () => {
    assert.ok(secrets.size > 40 && lines.length > 100, `${secrets.size} secrets, ${lines.length} lines`);
    const log = server.logged.join('\n');
    for (const [what, secret] of secrets) {
      assert.ok(secret.length >= 3, what);
      assert.ok(!log.includes(secret), what);
      assert.ok(!log.includes(encodeURIComponent(secret)), what);
    }
    assert.doesNotMatch(log, /sly_|PRIVATE KEY|authorization"|x-oauth-basic/i);
  });

  test('is one object of JSON in each line, with its time and level', () => {
    for (const [index, line] of server.logged.entries()) {
      assert.equal(line.indexOf('\n'), line.length - 1);
      assert.ok(Math.abs(lines[index].time - Date.now()) < 120_000);
      assert.ok([10, 20, 30, 40, 50, 60].includes(lines[index].level));
    }
    assert.deepEqual(
      lines.filter(({ level }) => level >= 40).map(({ msg }) => msg),
      ['a command on the admin socket failed'],
    );
  });

  test('has every API request with the id that its answer and its entry carry, its route without what was filled in', async () => {
    const shown = await cast.owner.api('PATCH', '/repos/acme/app', { description: 'logged' });
    const id = shown.headers.get('x-github-request-id');
    const line = server.logged.map((text) => JSON.parse(text)).find(({ requestId }) => requestId === id);
    assert.deepEqual(
      [line.msg, line.dialect, line.method, line.route, line.status, line.who],
      ['request', 'github', 'PATCH', '/repos/{owner}/{repo}', 200, 'olga'],
    );
    assert.equal(typeof line.ms, 'number');
    const [entry] = await entries(server, 'action:repo.update');
    assert.equal(entry.request_id, id);
    const native = await cast.owner.api('GET', '/api/sallyport/v1/tokens');
    assert.ok(server.logged.some((text) => JSON.parse(text).requestId === native.headers.get('x-request-id')));
  });

  test('has every push with its id, which its entries carry, and every fetch', async () => {
    const [refused, , landed] = [...of('push').filter(({ refs }) => refs === 1)].sort((a, b) => b.refused - a.refused);
    assert.deepEqual([refused.refused, refused.who, landed.refused], [1, 'dev', 0]);
    const found = await entries(server, 'action:protected_branch');
    const byPush = found.filter((entry) => entry.push_id === refused.pushId);
    assert.deepEqual(
      byPush.map((entry) => [entry.action, entry.request_id]),
      [['protected_branch.rejected_ref_update', refused.requestId]],
    );
    const overrides = found.filter((entry) => entry.action === 'protected_branch.policy_override');
    assert.equal(overrides.length, 1);
    assert.equal(overrides[0].reason, reason);
    assert.ok(of('push').some(({ pushId }) => pushId === overrides[0].push_id));
    assert.equal(of('fetch').length, 3);
    for (const line of [...of('push'), ...of('fetch')]) {
      assert.match(line.requestId, /^[0-9A-F]{4}:/);
      assert.equal(typeof line.repository, 'number');
    }
  });

  test('has every refused credential with the address it came from, and every signed head', () => {
    assert.equal(of('credentials refused').length, 3 * 4 + 1);
    for (const line of of('credentials refused')) assert.deepEqual([line.address, typeof line.requestId], ['127.0.0.1', 'string']);
    const heads = of('audit head');
    assert.ok(heads.length > 10);
    for (const { number, hash, signature } of heads) assert.ok(number > 0 && /^[0-9a-f]{64}$/.test(hash) && signature.length > 80);
  });
});
