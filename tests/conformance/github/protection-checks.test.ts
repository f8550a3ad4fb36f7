import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type App, installedApp } from './support/app.ts';
import { refused, sentencesOf } from './support/refusals.ts';
import { allOff } from './support/settings.ts';
import { here, stageFor } from './support/stage.ts';

let bot: App;
const stage = stageFor(import.meta.filename, async (ready) => {
  bot = await installedApp(ready, ready.cast.owner, 'acme', 'ci', { contents: 'read', checks: 'write' });
});
const admin = () => stage.as(stage.cast.maintainer).rest.repos;
const base = '/repos/{owner}/{repo}/branches/{branch}/protection';

/** A body that Octokit's types, or its habit of sending bare lists, would not let through. */
const send = (method: string, path: string, at: object, body: object) =>
  stage.as(stage.cast.maintainer).request(`${method} ${base}${path}`, { ...at, ...body } as never) as Promise<{
    status: number;
    // biome-ignore lint/suspicious/noExplicitAny: bodies of every shape
    data: any;
  }>;
const put = (at: object, checks: object) => send('PUT', '', at, { ...allOff(), required_status_checks: checks });
const neither = 'Invalid request.\n\nNo subschema in "oneOf" matched.\n"contexts" wasn\'t supplied.\n"checks" wasn\'t supplied.';

test('checks are read by themselves as within the protection, but for the level of enforcement', async () => {
  const at = await stage.branch('read');
  const { data } = await put(at, { strict: true, contexts: ['build', 'lint'] });
  const { enforcement_level, ...rest } = data.required_status_checks;
  assert.equal(enforcement_level, 'non_admins');
  const { data: shown } = await admin().getStatusChecksProtection(at);
  assert.deepEqual(shown, rest);
  assert.deepEqual(Object.keys(shown), ['url', 'strict', 'contexts', 'contexts_url', 'checks']);
});

test('contexts alone, checks alone and both are accepted; checks win', async () => {
  const at = await stage.branch('both');
  const contexts = (await put(at, { strict: false, contexts: ['a', 'b'] })).data.required_status_checks;
  assert.deepEqual(contexts.checks, [
    { context: 'a', app_id: null },
    { context: 'b', app_id: null },
  ]);
  const checks = (await put(at, { strict: false, checks: [{ context: 'c' }, { context: 'a', app_id: -1 }] })).data.required_status_checks;
  assert.deepEqual(checks.contexts, ['c', 'a']);
  const both = (await put(at, { strict: false, contexts: ['x'], checks: [{ context: 'y' }] })).data.required_status_checks;
  assert.deepEqual(both.contexts, ['y']);
  assert.deepEqual((await put(at, { strict: false, contexts: [] })).data.required_status_checks.checks, []);
});

test('neither contexts nor checks is refused in the words of the schema', async () => {
  const at = await stage.branch('neither');
  await refused(put(at, { strict: true }), 422, neither);
  await refused(
    put(at, { strict: true, checks: null }),
    422,
    `Invalid request.\n\nFor 'properties/required_status_checks/properties/checks', nil is not an array.`,
  );
  await refused(put(at, { contexts: [] }), 422, `Invalid request.\n\n"strict" wasn't supplied.`);
  await refused(admin().getBranchProtection(at), 404, 'Branch not protected');
});

test('any app, the app that reported last and a named app are told apart', async () => {
  const at = await stage.branch('apps');
  const { data: ref } = await bot.asInstallation.rest.git.getRef({ ...here, ref: 'heads/main' });
  const head_sha = ref.object.sha;
  await bot.asInstallation.rest.checks.create({ ...here, name: 'seen', head_sha, status: 'completed', conclusion: 'success' });
  const checks = [
    { context: 'any', app_id: -1 },
    { context: 'empty', app_id: null },
    { context: 'unseen' },
    { context: 'seen' },
    { context: 'named', app_id: bot.id },
  ];
  const { data } = await put(at, { strict: true, checks });
  assert.deepEqual(data.required_status_checks.checks, [
    { context: 'any', app_id: null },
    { context: 'empty', app_id: null },
    { context: 'unseen', app_id: null },
    { context: 'seen', app_id: bot.id },
    { context: 'named', app_id: bot.id },
  ]);
  const { data: added } = await admin().addStatusCheckContexts({ ...at, contexts: ['seen'] });
  assert.deepEqual(added, ['any', 'empty', 'unseen', 'seen', 'named']);
});

test('an app that does not exist is refused', async () => {
  const at = await stage.branch('no-app');
  const { data } = await refused(put(at, { strict: true, checks: [{ context: 'a', app_id: 999_999 }] }), 422, 'Validation Failed');
  assert.deepEqual(sentencesOf(data), ['Invalid app id']);
  await refused(admin().getBranchProtection(at), 404, 'Branch not protected');
});

test('a PATCH changes what it names and leaves the rest', async () => {
  const at = await stage.branch('patch');
  await put(at, { strict: true, checks: [{ context: 'a', app_id: bot.id }, { context: 'b' }] });
  const strict = await admin().updateStatusCheckProtection({ ...at, strict: false });
  assert.equal(strict.data.strict, false);
  assert.deepEqual(strict.data.checks, [
    { context: 'a', app_id: bot.id },
    { context: 'b', app_id: null },
  ]);
  const replaced = await admin().updateStatusCheckProtection({ ...at, contexts: ['c'] });
  assert.deepEqual([replaced.data.strict, replaced.data.contexts], [false, ['c']]);
  const checks = await admin().updateStatusCheckProtection({ ...at, checks: [{ context: 'd', app_id: -1 }] });
  assert.deepEqual(checks.data.checks, [{ context: 'd', app_id: null }]);
  assert.deepEqual((await admin().updateStatusCheckProtection(at)).data, checks.data);
  await refused(
    send('PATCH', '/required_status_checks', at, { strict: 'no' }),
    422,
    `Invalid request.\n\nFor 'properties/strict', "no" is not a boolean.`,
  );
  assert.deepEqual((await admin().getStatusChecksProtection(at)).data, checks.data);
});

test('contexts are listed, added, replaced and removed, as a bare list', async () => {
  const at = await stage.branch('bare');
  await put(at, { strict: true, contexts: [] });
  assert.deepEqual((await admin().getAllStatusCheckContexts(at)).data, []);
  const steps = [
    [await admin().addStatusCheckContexts({ ...at, contexts: ['b', 'a'] }), ['b', 'a']],
    [await admin().addStatusCheckContexts({ ...at, contexts: ['a', 'c'] }), ['b', 'a', 'c']],
    [await admin().removeStatusCheckContexts({ ...at, contexts: ['a', 'unknown'] }), ['b', 'c']],
    [await admin().setStatusCheckContexts({ ...at, contexts: ['z', 'y', 'z'] }), ['z', 'y']],
    [await admin().setStatusCheckContexts({ ...at, contexts: [] }), []],
  ] as const;
  for (const [{ status, data }, expected] of steps) assert.deepEqual([status, data], [200, expected]);
  assert.equal((await admin().getStatusChecksProtection(at)).data.strict, true);
});

test('contexts are added, replaced and removed in an object too', async () => {
  const at = await stage.branch('object');
  await put(at, { strict: false, contexts: [] });
  const change = async (method: string, contexts: readonly string[]) => {
    const { status, data } = await send(method, '/required_status_checks/contexts', at, { contexts });
    return [status, data];
  };
  await admin().addStatusCheckContexts({ ...at, contexts: ['a'] });
  assert.deepEqual(await change('POST', ['b']), [200, ['a', 'b']]);
  assert.deepEqual((await admin().removeStatusCheckContexts({ ...at, contexts: ['a'] })).data, ['b']);
  assert.deepEqual(await change('PUT', ['c', 'd']), [200, ['c', 'd']]);
  assert.deepEqual(await change('DELETE', ['c']), [200, ['d']]);
});

test('a context keeps its app while others come and go', async () => {
  const at = await stage.branch('kept');
  await put(at, { strict: true, checks: [{ context: 'a', app_id: bot.id }] });
  await admin().addStatusCheckContexts({ ...at, contexts: ['b'] });
  await admin().setStatusCheckContexts({ ...at, contexts: ['b', 'a'] });
  assert.deepEqual((await admin().getStatusChecksProtection(at)).data.checks, [
    { context: 'b', app_id: null },
    { context: 'a', app_id: bot.id },
  ]);
});

test('what is no list of contexts is refused by every method', async () => {
  const at = await stage.branch('odd');
  await put(at, { strict: true, contexts: ['kept'] });
  for (const body of ['[1]', '[null]', '{}', '"a"', '{"contexts": "a"}', '']) {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const path = '/repos/acme/app/branches/odd/protection/required_status_checks/contexts';
      const answer = await stage.raw(stage.cast.maintainer, method, path, { body });
      assert.equal(answer.status, 422, `${method} ${body}`);
      assert.match(((await answer.json()) as { message: string }).message, /^Invalid request\.\n\n./);
    }
  }
  assert.deepEqual((await admin().getAllStatusCheckContexts(at)).data, ['kept']);
});

test('checks are removed once, and everything below them is gone', async () => {
  const at = await stage.branch('removed');
  const off = 'Required status checks not enabled';
  const calls = [
    () => admin().getStatusChecksProtection(at),
    () => admin().updateStatusCheckProtection({ ...at, strict: true }),
    () => admin().removeStatusCheckProtection(at),
    () => admin().getAllStatusCheckContexts(at),
    () => admin().addStatusCheckContexts({ ...at, contexts: ['a'] }),
    () => admin().setStatusCheckContexts({ ...at, contexts: ['a'] }),
    () => admin().removeStatusCheckContexts({ ...at, contexts: ['a'] }),
  ];
  for (const call of calls) await refused(call(), 404, 'Branch not protected');
  await put(at, { strict: true, contexts: ['a'] });
  assert.equal((await admin().removeStatusCheckProtection(at)).status, 204);
  for (const call of calls) await refused(call(), 404, off);
  assert.equal('required_status_checks' in (await admin().getBranchProtection(at)).data, false);
});
