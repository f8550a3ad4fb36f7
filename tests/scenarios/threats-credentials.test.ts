/**
 * Family H, the shape of the credential. The attacker
 * 1. carries one token in every form there is, hoping that one of them is judged otherwise;
 * 2. puts it where it is no credential, repeats the header, or hides a second request in the first;
 * 3. guesses, and replays what was recorded.
 * What a narrow token may mint is in minting.test.ts, a session beside a token in elevated-token.test.ts.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Token } from '#model/token.ts';
import { setUserState } from '#operations/accounts/set-user-state.ts';
import { revokeToken } from '#operations/tokens/revoke-token.ts';
import { newTokenSecret } from '#operations/tokens/secret.ts';
import { apiOf, must } from '../support/api.ts';
import { git } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, createPersona, elevated, mint, operator, type Persona, type Personas } from '../support/personas.ts';
import { protect } from '../support/protections.ts';
import { packOf, pushRequest } from '../support/push-request.ts';
import { entries } from '../support/record.ts';
import { readReportStatus } from '../support/report-status.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const main = 'refs/heads/main';
const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Every form in which a token is a credential. */
const carriers: Readonly<Record<string, (token: string) => string>> = {
  Bearer: (token) => `Bearer ${token}`,
  'bearer, in small letters and with more blanks': (token) => `  bearer   ${token}  `,
  token: (token) => `token ${token}`,
  TOKEN: (token) => `TOKEN ${token}`,
  'the password of its owner': (token) => basic('mallory', token),
  'the password of somebody else': (token) => basic('olga', token),
  'the password of an app': (token) => basic('x-access-token', token),
  'the password of nobody': (token) => basic('', token),
  'the user name, without a password': (token) => basic(token, ''),
  'the user name, with x-oauth-basic': (token) => basic(token, 'x-oauth-basic'),
};

describe('credentials', { timeout: 120_000 }, () => {
  let server: TestServer;
  let cast: Personas;
  let mallory: Persona;
  let robot: Persona;
  let work: WorkTree;
  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    mallory = cast.attacker;
    robot = await elevated(server, mallory, { repositories: ['acme/app'] });
    work = await WorkTree.create();
    await work.commit('one', { 'a.txt': 'a\n' });
    await work.must('push', '--quiet', cast.owner.remote('acme/app'), `HEAD:${main}`);
    await protect(cast.owner.api, 'acme/app', 'main', {
      restrictions: { users: ['olga', 'dev'], teams: [], apps: [] },
      enforce_admins: true,
    });
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const plainRemote = (): string => `${server.url}/acme/app.git`;
  const pushAs = (authorization: string, ...args: string[]) =>
    git(work.path, ['-c', `http.extraHeader=Authorization: ${authorization.trim()}`, 'push', plainRemote(), ...args]);
  const ask = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
    apiOf(server.url, null)(method, path, body, headers);

  for (const [form, carry] of Object.entries(carriers)) {
    test(`a token as ${form} is the same token: plain it is refused, elevated it passes, for its owner`, async () => {
      const user = await ask('GET', '/user', { authorization: carry(mallory.token) });
      assert.deepEqual([user.status, user.body.login], [200, 'mallory']);
      const next = await work.commit(`for ${form}`);
      await work.must('push', '--quiet', mallory.remote('acme/app'), 'HEAD:refs/heads/parked');
      const tip = await remoteRef(cast.owner.remote('acme/app'), main);
      assert.notEqual((await pushAs(carry(mallory.token), `HEAD:${main}`)).code, 0);
      const patch = { sha: next, force: false };
      assert.equal((await ask('PATCH', '/repos/acme/app/git/refs/heads/main', { authorization: carry(mallory.token) }, patch)).status, 422);
      assert.equal(await remoteRef(cast.owner.remote('acme/app'), main), tip);
      const passed = await ask('PATCH', '/repos/acme/app/git/refs/heads/main', { authorization: carry(robot.token) }, patch);
      assert.equal(passed.status, 200, JSON.stringify(passed.body));
      assert.match(passed.headers.get('x-sallyport-bypass')!, /actor_restriction/);
      await work.commit(`and by git for ${form}`);
      const pushed = await pushAs(carry(robot.token), `HEAD:${main}`);
      assert.equal(pushed.code, 0, pushed.stderr);
      const [override] = await entries(server, 'action:protected_branch.policy_override');
      assert.deepEqual([override.actor, override.channel, override.bypass_kind], ['mallory', 'git-http', 'elevated_token']);
    });
  }

  test('where a token is no credential, it is none', async () => {
    const { token } = cast.admin;
    const nowhere: [path: string, headers: Record<string, string>][] = [
      [`/user?access_token=${token}`, {}],
      [`/user?private_token=${token}`, {}],
      [`/user?token=${token}`, {}],
      ['/user', { 'private-token': token }],
      ['/user', { 'job-token': token }],
      ['/user', { 'x-api-key': token }],
      ['/user', { 'x-access-token': token }],
      ['/user', { 'proxy-authorization': `Bearer ${token}` }],
      ['/user', { cookie: `sallyport_session=${token}` }],
      ['/user', { cookie: `token=${token}; authorization=${token}` }],
      ['/user', { authorization: token }],
      ['/user', { authorization: `Digest ${token}` }],
      ['/user', { authorization: `Bearer ${token} ${token}` }],
      ['/user', { authorization: `Bearer ${mallory.token},${token}` }],
    ];
    for (const [path, headers] of nowhere) assert.equal((await ask('GET', path, headers)).status, 401, JSON.stringify([path, headers]));
    const password = server.running.first!.password;
    for (const authorization of [basic('admin', password), `Bearer ${password}`]) {
      assert.equal((await ask('GET', '/user', { authorization })).status, 401, 'passwords are for the web');
      const pushed = await pushAs(authorization, 'HEAD:refs/heads/x');
      assert.notEqual(pushed.code, 0);
    }
    for (const header of ['x-http-method-override', 'x-method-override', 'x-http-method']) {
      const answer = await cast.owner.api('GET', '/repos/acme/app?_method=DELETE', undefined, { [header]: 'DELETE' });
      assert.equal(answer.body.full_name, 'acme/app');
    }
    assert.equal((await cast.owner.api('GET', '/repos/acme/app')).status, 200);
  });

  test('of two headers the second adds nothing, and a request has no second one hidden in it', async () => {
    const twice = await raw(
      `GET /api/v3/user HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${mallory.token}\r\nAuthorization: Bearer ${cast.admin.token}`,
    );
    assert.doesNotMatch(twice, /"login":"admin"/);
    const hidden = `DELETE /api/v3/repos/acme/app HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${cast.owner.token}\r\n\r\n`;
    const path = '/acme/app.git/git-receive-pack';
    for (const lengths of [
      `Content-Length: 4\r\nTransfer-Encoding: chunked`,
      `Transfer-Encoding: chunked\r\nContent-Length: ${hidden.length}`,
      'Content-Length: 0\r\nContent-Length: 5',
      'Transfer-Encoding: chunked, identity',
      'Transfer-Encoding: xchunked',
      'Transfer-Encoding : chunked',
      'Content-Length: +4',
      'Content-Length: 0x4',
    ]) {
      const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('mallory', mallory.token)}\r\n${lengths}`;
      const answer = await raw(head, `0\r\n\r\n${hidden}`);
      assert.match(answer, /^HTTP\/1\.1 400 /, `${lengths}: ${answer.slice(0, 100)}`);
      assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, lengths);
    }
    assert.equal((await cast.owner.api('GET', '/repos/acme/app')).status, 200);
  });

  async function raw(head: string, body = ''): Promise<string> {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => socket.destroy());
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.write(`${head}\r\nConnection: close\r\n\r\n${body}`);
    await once(socket, 'close');
    return Buffer.concat(chunks).toString('latin1');
  }

  test('whose token is dead is not told how it died', async () => {
    const { login } = await createPersona(server, 'gone');
    const { context } = server.running.house;
    const revoked = await mint(server, login, ['repo']);
    await revokeToken(context, operator, (await tokenOf(login, revoked)).id);
    const suspended = await mint(server, login, ['repo']);
    await setUserState(context, operator, login, 'suspended');
    const answers = await Promise.all(
      [revoked, suspended, newTokenSecret(), `${revoked.slice(0, -1)}A`, 'nonsense'].map((secret) =>
        apiOf(server.url, secret)('GET', '/user'),
      ),
    );
    for (const { status, body: said } of answers) assert.deepEqual([status, said], [401, answers[0]!.body]);
    assert.equal(answers[0]!.body.message, 'Bad credentials');
  });

  test('a push that was recorded lands once: sent again it is stale, and takes no use', async () => {
    const twice = await elevated(server, mallory, { repositories: ['acme/app'], uses: 2 });
    const tip = (await remoteRef(cast.owner.remote('acme/app'), main))!;
    await work.must('checkout', '--quiet', '-B', 'replay', tip);
    const next = await work.commit('to be replayed');
    const pack = await packOf(work.path, { wanted: [next], without: [tip] });
    const body = new Uint8Array(pushRequest({ commands: [{ refName: main, oldId: tip, newId: next }], pack }));
    const send = async (): Promise<string | null | undefined> => {
      const response = await fetch(`${plainRemote()}/git-receive-pack`, {
        method: 'POST',
        headers: { authorization: basic('bot', twice.token) },
        body,
      });
      return readReportStatus(Buffer.from(await response.arrayBuffer())).refs.get(main);
    };
    assert.equal(await send(), null);
    for (let count = 0; count < 3; count++) assert.match((await send())!, /stale|fetch first|already/);
    await must(cast.owner.api('PATCH', '/repos/acme/app/git/refs/heads/main', { sha: next, force: true }));
    assert.deepEqual((await tokenOf('mallory', twice.token)).bounds?.uses, { max: 2, reserved: 0, spent: 1 });
  });

  async function tokenOf(login: string, secret: string): Promise<Token> {
    const { store } = server.running.house.context;
    const { id } = (await store.read.accounts.findByLogin(login))!;
    const { items } = await store.read.tokens.listOfUser(id, { limit: 100, offset: 0 });
    return items.find(({ lastEight }) => secret.endsWith(lastEight))!;
  }

  test('guessing becomes slow, and does not lock out who knows', async () => {
    await using guessed = await startTestServer();
    const statuses: number[] = [];
    for (let count = 0; count < 40; count++) statuses.push((await apiOf(guessed.url, newTokenSecret())('GET', '/user')).status);
    assert.deepEqual(new Set(statuses.slice(0, 30)), new Set([401]));
    assert.deepEqual(new Set(statuses.slice(30)), new Set([403]));
    const { host } = new URL(guessed.url);
    const pushed = await git(work.path, ['push', `http://admin:${newTokenSecret()}@${host}/admin/r.git`, 'HEAD:main']);
    assert.match(pushed.stderr, /403|Too many failed attempts/);
    assert.equal((await apiOf(guessed.url, guessed.adminToken)('GET', '/user')).status, 200);
  });
});
