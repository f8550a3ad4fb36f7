import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HookReceiver } from '../../support/hook-receiver.ts';
import { settledHook } from '../../support/hooks.ts';
import { createPersona, mint, personaOf } from '../../support/personas.ts';
import { refused } from './support/refusals.ts';
import { here, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename, async ({ server }) => void (await createPersona(server, 'ann')), {
  config: { webhookAllow: ['127.0.0.0/8'] },
  seams: { hooks: { every: 10 } },
});
const repos = () => stage.as(stage.cast.maintainer).rest.repos;
const orgs = () => stage.as(stage.cast.owner).rest.orgs;
const acme = { org: 'acme' } as const;
let count = 0;
// Of a network for documents, to which nothing is ever sent.
const fresh = (): string => `https://192.0.2.1/${++count}`;

test('a repository’s hook is made, read, listed, changed and removed', async () => {
  const config = { url: fresh(), content_type: 'json', secret: 'hidden', insecure_ssl: '1' };
  const { data: made, status, headers } = await repos().createWebhook({ ...here, name: 'web', config, events: ['push', 'create'] });
  assert.equal(status, 201);
  assert.equal(headers.location, made.url);
  assert.partialDeepStrictEqual(made, { type: 'Repository', name: 'web', active: true, events: ['push', 'create'] });
  assert.deepEqual(made.config, { ...config, secret: '********' });
  assert.deepEqual(made.last_response, { code: null, status: 'unused', message: null });
  const at = { ...here, hook_id: made.id };
  assert.equal((await repos().getWebhook(at)).data.id, made.id);
  assert.ok((await repos().listWebhooks(here)).data.some(({ id }) => id === made.id));
  const { data: changed } = await repos().updateWebhook({ ...at, active: false, add_events: ['status'], remove_events: ['create'] });
  assert.partialDeepStrictEqual(changed, { active: false, events: ['push', 'status'], config: made.config });
  assert.equal((await repos().deleteWebhook(at)).status, 204);
  await refused(repos().getWebhook(at), 404, 'Not Found');
  await refused(repos().deleteWebhook(at), 404, 'Not Found');
});

test('what is not said is as on GitHub: pushes, a form, no secret, checked certificates', async () => {
  const url = fresh();
  const { data } = await repos().createWebhook({ ...here, config: { url } });
  assert.deepEqual(data.events, ['push']);
  assert.deepEqual(data.config, { url, content_type: 'form', insecure_ssl: '0' });
});

test('an organization’s hook is made, read, listed, changed and removed', async () => {
  const config = { url: fresh(), content_type: 'json', secret: 'hidden' };
  const { data: made, status } = await orgs().createWebhook({ ...acme, name: 'web', config, events: ['*'] });
  assert.equal(status, 201);
  assert.partialDeepStrictEqual(made, { type: 'Organization', name: 'web', active: true, events: ['*'] });
  const at = { ...acme, hook_id: made.id };
  assert.equal((await orgs().getWebhook(at)).data.id, made.id);
  assert.deepEqual(
    (await orgs().listWebhooks(acme)).data.map(({ id }) => id),
    [made.id],
  );
  const { data: changed } = await orgs().updateWebhook({ ...at, events: ['team'] });
  assert.deepEqual(changed.events, ['team']);
  assert.equal((await orgs().pingWebhook(at)).status, 204);
  assert.equal((await orgs().deleteWebhook(at)).status, 204);
  await refused(orgs().getWebhook(at), 404, 'Not Found');
});

test('a configuration is replaced as a whole with its hook, and piece by piece by itself', async () => {
  const url = fresh();
  const { data: repo } = await repos().createWebhook({ ...here, config: { url, content_type: 'json', secret: 'hidden' } });
  const { data: org } = await orgs().createWebhook({ ...acme, name: 'web', config: { url, content_type: 'json', secret: 'hidden' } });
  const [ofRepo, ofOrg] = [
    { ...here, hook_id: repo.id },
    { ...acme, hook_id: org.id },
  ];
  const shown = { url, content_type: 'json', insecure_ssl: '0', secret: '********' };
  assert.deepEqual((await repos().getWebhookConfigForRepo(ofRepo)).data, shown);
  assert.deepEqual((await orgs().getWebhookConfigForOrg(ofOrg)).data, shown);
  assert.deepEqual((await repos().updateWebhookConfigForRepo({ ...ofRepo, insecure_ssl: 1 })).data, { ...shown, insecure_ssl: '1' });
  assert.deepEqual((await orgs().updateWebhookConfigForOrg({ ...ofOrg, content_type: 'form' })).data, { ...shown, content_type: 'form' });
  const { data: written } = await repos().updateWebhook({ ...ofRepo, config: { ...shown, insecure_ssl: '1' } });
  assert.deepEqual(written.config, { ...shown, insecure_ssl: '1' }, 'what is shown, written back, changes nothing');
  const { data: bare } = await repos().updateWebhook({ ...ofRepo, config: { url } });
  assert.deepEqual(bare.config, { url, content_type: 'form', insecure_ssl: '0' }, 'the secret is gone with the rest');
});

test('deliveries are listed, looked at and sent again', async () => {
  await using receiver = await HookReceiver.open();
  const config = { url: receiver.url(), content_type: 'json' };
  const { data: repo } = await repos().createWebhook({ ...here, config });
  const { data: org } = await orgs().createWebhook({ ...acme, name: 'web', config: { ...config, url: receiver.url('/org') } });
  assert.equal((await repos().pingWebhook({ ...here, hook_id: repo.id })).status, 204);
  assert.equal((await repos().testPushWebhook({ ...here, hook_id: repo.id })).status, 204);
  await receiver.until('/hook', 'ping', 2);
  await receiver.until('/hook', 'push');
  await receiver.until('/org', 'ping');
  const ofRepo = { ...here, hook_id: repo.id };
  const ofOrg = { ...acme, hook_id: org.id };
  const settled = async <T>(list: () => Promise<{ data: T[] }>, many: number): Promise<T[]> => {
    for (let waited = 0; ; waited += 20) {
      const { data } = await list();
      if (data.length >= many) return data;
      assert.ok(waited < 5000, `only ${data.length}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const deliveries = await settled(() => repos().listWebhookDeliveries(ofRepo), 3);
  assert.deepEqual(
    deliveries.map(({ event, status_code }) => [event, status_code]),
    [
      ['push', 200],
      ['ping', 200],
      ['ping', 200],
    ],
  );
  const { data: one } = await repos().getWebhookDelivery({ ...ofRepo, delivery_id: deliveries[0]!.id });
  assert.equal(one.response.payload, 'thanks');
  assert.equal((await repos().redeliverWebhookDelivery({ ...ofRepo, delivery_id: one.id })).status, 202);
  await receiver.until('/hook', 'push', 2);
  const [ofOrganization] = await settled(() => orgs().listWebhookDeliveries(ofOrg), 1);
  assert.equal((await orgs().getWebhookDelivery({ ...ofOrg, delivery_id: ofOrganization!.id })).data.event, 'ping');
  assert.equal((await orgs().redeliverWebhookDelivery({ ...ofOrg, delivery_id: ofOrganization!.id })).status, 202);
  await refused(repos().getWebhookDelivery({ ...ofRepo, delivery_id: 999_999 }), 404, 'Not Found');
  await refused(repos().listWebhookDeliveries({ ...ofRepo, cursor: 'x' }), 422, 'Validation Failed');
  // So that nothing else of this file is told to somebody who is gone.
  await repos().deleteWebhook(ofRepo);
  await orgs().deleteWebhook(ofOrg);
});

const wrong: readonly (readonly [what: string, body: object, words: RegExp])[] = [
  ['no address', { config: {} }, /url cannot be blank/],
  ['no configuration', {}, /url cannot be blank/],
  ['no URL', { config: { url: 'example.com/hook' } }, /url is not a URL of http or https/],
  ['a host that is none', { config: { url: 'http://' } }, /url is not a URL/],
  ['a scheme that is none of the web', { config: { url: 'ftp://example.com/' } }, /url is not a URL of http or https/],
  ['a file', { config: { url: 'file:///etc/passwd' } }, /url is not a URL of http or https/],
  ['a script', { config: { url: 'javascript:alert(1)' } }, /url is not a URL of http or https/],
  ['a user in the URL', { config: { url: 'https://me@example.com/' } }, /may not carry credentials/],
  ['a password in the URL', { config: { url: 'https://me:secret@example.com/' } }, /may not carry credentials/],
  ['a line break in the URL', { config: { url: 'https://example.com/\r\nX-Evil: 1' } }, /url is not a URL/],
  ['an endless URL', { config: { url: `https://example.com/${'x'.repeat(3000)}` } }, /url is not a URL/],
  ['another kind of body', { config: { url: 'https://example.com/', content_type: 'xml' } }, /content_type must be json or form/],
  ['a switch that is neither', { config: { url: 'https://example.com/', insecure_ssl: 'yes' } }, /insecure_ssl must be 0 or 1/],
  ['an endless secret', { config: { url: 'https://example.com/', secret: 'x'.repeat(2000) } }, /secret is too long/],
  ['an event that nobody knows', { config: { url: 'https://example.com/' }, events: ['push', 'earthquake'] }, /not known: earthquake/],
  ['no event at all', { config: { url: 'https://example.com/' }, events: [] }, /events names none/],
  ['a service of old', { name: 'irc', config: { url: 'https://example.com/' } }, /name must be web/],
];

for (const [what, body, words] of wrong) {
  test(`a hook with ${what} is refused, in a repository and in an organization`, async () => {
    for (const path of ['/repos/acme/app/hooks', '/orgs/acme/hooks']) {
      const answer = await stage.raw(stage.cast.owner, 'POST', path, { body: JSON.stringify(body) });
      assert.equal(answer.status, 422);
      const { message, errors } = (await answer.json()) as { message: string; errors: { resource: string; message: string }[] };
      assert.equal(message, 'Validation Failed');
      assert.equal(errors[0]!.resource, 'Hook');
      assert.match(errors[0]!.message, words);
    }
  });
}

test('fields of other types are refused by name', async () => {
  const bodies = [{ config: 'x' }, { config: { url: 5 } }, { events: 'push' }, { events: [5] }, { active: 'yes' }];
  for (const body of bodies) {
    const answer = await stage.raw(stage.cast.owner, 'POST', '/repos/acme/app/hooks', { body: JSON.stringify(body) });
    assert.equal(answer.status, 422);
    assert.match(((await answer.json()) as { message: string }).message, /^Invalid request\./);
  }
});

test('the same hook twice is refused, and the twenty-first of an event', async () => {
  const owners = stage.as(stage.cast.owner).rest.repos;
  await owners.createInOrg({ org: 'acme', name: 'crowded' });
  const crowded = { owner: 'acme', repo: 'crowded' };
  const config = { url: fresh() };
  await owners.createWebhook({ ...crowded, config });
  const twice = await refused(owners.createWebhook({ ...crowded, config }), 422, 'Validation Failed');
  assert.equal(twice.data.errors[0].message, 'Hook already exists on this repository');
  for (let more = 1; more < 20; more++) await owners.createWebhook({ ...crowded, config: { url: fresh() } });
  const full = await refused(owners.createWebhook({ ...crowded, config: { url: fresh() } }), 422, 'Validation Failed');
  assert.equal(full.data.errors[0].message, 'The "push" event cannot have more than 20 hooks');
  await owners.createWebhook({ ...crowded, config: { url: fresh() }, events: ['create'] });
});

test('a change is checked like a new hook', async () => {
  // How its ping went is shown too, and must not change meanwhile.
  const [hook_id] = await settledHook(stage.cast.maintainer.api, '/repos/acme/app');
  const at = { ...here, hook_id };
  const { data } = await repos().getWebhook(at);
  await refused(repos().updateWebhook({ ...at, config: { url: 'gopher://example.com' } }), 422, 'Validation Failed');
  await refused(repos().updateWebhook({ ...at, remove_events: ['push'] }), 422, 'Validation Failed');
  await refused(repos().updateWebhook({ ...at, add_events: ['earthquake'] }), 422, 'Validation Failed');
  const path = `/repos/acme/app/hooks/${hook_id}/config`;
  assert.equal((await stage.raw(stage.cast.maintainer, 'PATCH', path, { body: '{"url":"http://me@example.com"}' })).status, 422);
  assert.deepEqual((await repos().getWebhook(at)).data, data);
});

test('for whoever is no admin of the repository, or no owner of the organization, there are no hooks', async () => {
  const { data: ofRepo } = await repos().createWebhook({ ...here, config: { url: fresh() } });
  const { data: ofOrg } = await orgs().createWebhook({ ...acme, name: 'web', config: { url: fresh() } });
  for (const who of [stage.cast.developer, stage.cast.outsider]) {
    const { repos: theirs, orgs: others } = stage.as(who).rest;
    await refused(theirs.listWebhooks(here), 404, 'Not Found');
    await refused(theirs.createWebhook({ ...here, config: { url: fresh() } }), 404, 'Not Found');
    await refused(theirs.getWebhook({ ...here, hook_id: ofRepo.id }), 404, 'Not Found');
    await refused(theirs.deleteWebhook({ ...here, hook_id: ofRepo.id }), 404, 'Not Found');
    await refused(theirs.pingWebhook({ ...here, hook_id: ofRepo.id }), 404, 'Not Found');
    await refused(others.listWebhooks(acme), 404, 'Not Found');
    await refused(others.createWebhook({ ...acme, name: 'web', config: { url: fresh() } }), 404, 'Not Found');
    await refused(others.getWebhook({ ...acme, hook_id: ofOrg.id }), 404, 'Not Found');
  }
  await refused(stage.as(stage.cast.maintainer).rest.orgs.listWebhooks(acme), 404, 'Not Found');
  await refused(stage.as(null).rest.repos.listWebhooks(here), 401, 'Requires authentication');
});

test('a hook is found where it belongs, and nowhere else', async () => {
  const { data: ofRepo } = await repos().createWebhook({ ...here, config: { url: fresh() } });
  const { data: ofOrg } = await orgs().createWebhook({ ...acme, name: 'web', config: { url: fresh() } });
  await stage.as(stage.cast.owner).rest.repos.createInOrg({ org: 'acme', name: 'other' });
  const owners = stage.as(stage.cast.owner).rest.repos;
  await refused(owners.getWebhook({ owner: 'acme', repo: 'other', hook_id: ofRepo.id }), 404, 'Not Found');
  await refused(owners.getWebhook({ ...here, hook_id: ofOrg.id }), 404, 'Not Found');
  await refused(orgs().getWebhook({ ...acme, hook_id: ofRepo.id }), 404, 'Not Found');
  for (const id of ['x', '0', '-1', '9'.repeat(30)])
    assert.equal((await stage.raw(stage.cast.owner, 'GET', `/repos/acme/app/hooks/${id}`)).status, 404);
});

/** What each scope is good for: reading and pinging, writing, removing, an organization's. */
const scopes: readonly (readonly [scope: string, may: readonly number[]])[] = [
  ['admin:repo_hook', [200, 204, 200, 204, 404]],
  ['write:repo_hook', [200, 204, 200, 404, 404]],
  ['read:repo_hook', [200, 204, 404, 404, 404]],
  ['repo', [200, 204, 200, 204, 404]],
  ['admin:org_hook', [404, 404, 404, 404, 200]],
  ['admin:org', [404, 404, 404, 404, 404]],
];

for (const [scope, expected] of scopes) {
  test(`a token with ${scope} reads, pings, changes and removes as the scope says`, async () => {
    const { data } = await repos().createWebhook({ ...here, config: { url: fresh() } });
    const token = await mint(stage.server, 'olga', [scope]);
    const olga = personaOf(stage.server, 'olga', token);
    const at = `/repos/acme/app/hooks/${data.id}`;
    const asked = [
      await stage.raw(olga, 'GET', at),
      await stage.raw(olga, 'POST', `${at}/pings`),
      await stage.raw(olga, 'PATCH', at, { body: '{"active":false}' }),
      await stage.raw(olga, 'DELETE', at),
      await stage.raw(olga, 'GET', '/orgs/acme/hooks'),
    ];
    assert.deepEqual(
      asked.map(({ status }) => status),
      expected,
    );
  });
}

test('an archived repository’s hooks are read and not changed', async () => {
  const owners = stage.as(stage.cast.owner).rest.repos;
  await owners.createInOrg({ org: 'acme', name: 'museum' });
  const museum = { owner: 'acme', repo: 'museum' };
  const { data } = await owners.createWebhook({ ...museum, config: { url: fresh() } });
  await owners.update({ ...museum, archived: true });
  await refused(owners.createWebhook({ ...museum, config: { url: fresh() } }), 403, 'Repository was archived so is read-only.');
  await refused(owners.deleteWebhook({ ...museum, hook_id: data.id }), 403, 'Repository was archived so is read-only.');
  assert.equal((await owners.listWebhooks(museum)).data.length, 1);
});
