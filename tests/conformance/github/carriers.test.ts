import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elevated, mint } from '../../support/personas.ts';
import { stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename);
const basic = (user: string, password: string): string => Buffer.from(`${user}:${password}`).toString('base64');

/** Every way in which clients carry a token. */
const carriers: readonly (readonly [name: string, authorization: (token: string) => string])[] = [
  ['Bearer', (token) => `Bearer ${token}`],
  ['bearer in lower case', (token) => `bearer ${token}`],
  ['token', (token) => `token ${token}`],
  ['TOKEN in upper case', (token) => `TOKEN ${token}`],
  ['the password of Basic', (token) => `Basic ${basic('dev', token)}`],
  ['the password of basic, for x-access-token', (token) => `basic ${basic('x-access-token', token)}`],
  ['the password of Basic, for somebody else', (token) => `Basic ${basic('olga', token)}`],
  ['the user of Basic, with x-oauth-basic', (token) => `Basic ${basic(token, 'x-oauth-basic')}`],
  ['the user of Basic, with an empty password', (token) => `Basic ${basic(token, '')}`],
];

/** Questions whose answers differ by who asks and by what the token may do. */
const questions = [
  ['GET', '/user'],
  ['GET', '/repos/acme/app'],
  ['GET', '/repos/acme/app/branches/main/protection'],
  ['GET', '/orgs/acme/audit-log'],
  ['GET', '/user/teams'],
  ['PUT', '/repos/acme/app/branches/main/protection'],
] as const;

async function answers(authorization: string | null): Promise<unknown[]> {
  const headers: Record<string, string> = authorization === null ? {} : { authorization };
  const all: unknown[] = [];
  for (const [method, path] of questions) {
    const answer = await stage.raw(null, method, path, { headers, ...(method === 'PUT' && { body: '{}' }) });
    all.push([
      path,
      answer.status,
      answer.headers.get('x-oauth-scopes'),
      answer.headers.get('x-accepted-oauth-scopes'),
      await answer.json(),
    ]);
  }
  return all;
}

for (const [who, scopes] of [
  ['a token with every right', ['repo', 'admin:org', 'read:audit_log']],
  ['a token that may read organizations only', ['read:org']],
  ['a token without scopes', []],
] as const) {
  test(`${who} has one verdict, however it is carried`, async () => {
    const token = await mint(stage.server, 'olga', scopes);
    const [[, first] = ['', () => '']] = carriers;
    const expected = await answers(first(token));
    for (const [name, carry] of carriers.slice(1)) assert.deepEqual(await answers(carry(token)), expected, name);
  });
}

for (const [name, carry] of carriers) {
  test(`a token that is no good is refused as ${name}`, async () => {
    const answer = await stage.raw(null, 'GET', '/user', { headers: { authorization: carry('sly_nothing') } });
    assert.equal(answer.status, 401);
    assert.equal(((await answer.json()) as { message: string }).message, 'Bad credentials');
  });
}

test('a revoked token is no good at its next use', async () => {
  const token = await mint(stage.server, 'dev', ['repo']);
  assert.equal((await stage.raw(token, 'GET', '/user')).status, 200);
  const listed = await stage.cast.developer.api('GET', '/api/sallyport/v1/tokens');
  const id = listed.body.tokens.find((one: { last_eight: string }) => token.endsWith(one.last_eight)).id;
  await stage.cast.developer.api('DELETE', `/api/sallyport/v1/tokens/${id}`);
  assert.equal((await stage.raw(token, 'GET', '/user')).status, 401);
});

for (const authorization of ['Digest abc', 'Bearer', 'Bearer a b', 'Basic not-base-64!', 'sly_bare']) {
  test(`"${authorization}" says nothing that could be believed`, async () => {
    const answer = await stage.raw(null, 'GET', '/repos/acme/app', { headers: { authorization } });
    assert.equal(answer.status, 401);
  });
}

test('a token in the query is no credential', async () => {
  const answer = await stage.raw(null, 'GET', `/user?access_token=${stage.cast.developer.token}`);
  assert.equal(answer.status, 401);
  assert.equal(((await answer.json()) as { message: string }).message, 'Requires authentication');
});

test('a cookie beside a token is refused', async () => {
  const headers = { cookie: 'sallyport_session=anything' };
  assert.equal((await stage.raw(stage.cast.developer, 'GET', '/user', { headers })).status, 400);
});

test('scopes are listed sorted, the elevated one under its own name', async () => {
  const robot = await elevated(stage.server, stage.cast.developer, { repositories: ['acme/app'] }, [
    'repo',
    'repo:bypass-protection',
    'read:org',
  ]);
  const { headers } = await stage.as(robot).rest.users.getAuthenticated();
  assert.equal(headers['x-oauth-scopes'], 'read:org, repo, repo:bypass-protection');
});

test('who comes without a credential has no scopes', async () => {
  const { headers } = await stage.raw(null, 'GET', '/');
  assert.equal(headers.get('x-oauth-scopes'), null);
});

test('git is asked for credentials, and refused with a token that is no good', async () => {
  const refs = `${stage.server.url}/acme/app.git/info/refs?service=git-receive-pack`;
  const anonymous = await fetch(refs);
  assert.equal(anonymous.status, 401);
  assert.match(anonymous.headers.get('www-authenticate') ?? '', /^Basic realm="/);
  const bad = await fetch(refs, { headers: { authorization: `Basic ${basic('dev', 'sly_nothing')}` } });
  assert.equal(bad.status, 401);
  const good = await fetch(refs, { headers: { authorization: `Basic ${basic('anybody', stage.cast.developer.token)}` } });
  assert.equal(good.status, 200);
  await good.body?.cancel();
});
