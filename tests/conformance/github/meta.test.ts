import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { startTestServer } from '../../support/server.ts';
import { refused } from './support/refusals.ts';
import { client, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename);

test('the root names where things are, to everybody', async () => {
  const { status, data, headers } = await stage.as(null).rest.meta.root();
  assert.equal(status, 200);
  assert.equal(data.current_user_url, `${stage.server.url}/api/v3/user`);
  assert.equal(data.repository_url, `${stage.server.url}/api/v3/repos/{owner}/{repo}`);
  assert.equal(headers['x-oauth-scopes'], undefined);
  const own = await stage.as(stage.cast.developer).rest.meta.root();
  assert.match(own.headers['x-oauth-scopes'] ?? '', /\brepo\b/);
});

test('the server says which Enterprise Server it answers as', async () => {
  const { data, headers } = await stage.as(null).rest.meta.get();
  assert.equal((data as { installed_version?: string }).installed_version, '3.19.0');
  assert.equal(data.verifiable_password_authentication, false);
  assert.equal(headers['x-github-enterprise-version'], '3.19.0');
});

test('a sentence is to be had', async () => {
  const { data } = await stage.as(null).rest.meta.getZen();
  assert.ok(String(data).length > 10);
});

test('without a limit there is none to read, and no header speaks of one', async () => {
  await refused(stage.as(stage.cast.developer).rest.rateLimit.get(), 404, 'Rate limiting is not enabled.');
  const { headers } = await stage.as(stage.cast.developer).rest.users.getAuthenticated();
  assert.equal(
    Object.keys(headers).some((name) => name.startsWith('x-ratelimit')),
    false,
  );
});

test('with a limit every request counts but asking for it, and one too many is refused', async () => {
  await using server = await startTestServer({ config: { requestsPerHour: 5 } });
  const admin = client(server.url, stage.observer, server.adminToken);
  const limit = async () => (await admin.rest.rateLimit.get()).data.resources.core;
  const before = await limit();
  assert.deepEqual([before.limit, before.used, before.remaining], [5, 0, 5]);
  assert.deepEqual(await limit(), before);
  for (let used = 1; used <= 5; used++) {
    const { headers } = await admin.rest.users.getAuthenticated();
    assert.deepEqual(
      [headers['x-ratelimit-limit'], headers['x-ratelimit-remaining'], headers['x-ratelimit-used']],
      ['5', String(5 - used), String(used)],
    );
    assert.equal(headers['x-ratelimit-resource'], 'core');
  }
  const { headers } = await refused(admin.rest.users.getAuthenticated(), 403, /^API rate limit exceeded/);
  assert.equal(headers['x-ratelimit-remaining'], '0');
  assert.match(String(headers['retry-after']), /^\d+$/);
  assert.equal((await limit()).remaining, 0);
  // Others have an hour of their own.
  assert.equal((await client(server.url, stage.observer, null).rest.meta.root()).status, 200);
});

test('answers name the address that the client used, and never one that is none', async () => {
  assert.equal((await getWithHost(stage.server.url, 'git.example.test:8443')).current_user_url, 'http://git.example.test:8443/api/v3/user');
  assert.equal((await getWithHost(stage.server.url, 'evil"><x')).current_user_url, 'http://localhost/api/v3/user');
});

/** The root, asked for under another name; fetch would not send one. */
async function getWithHost(url: string, host: string): Promise<Record<string, string>> {
  const [response] = (await once(get(`${url}/api/v3/`, { headers: { host } }), 'response')) as [IncomingMessage];
  return JSON.parse(Buffer.concat(await response.toArray()).toString('utf8')) as Record<string, string>;
}
