import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkTree } from '../../support/history.ts';
import { elevated, mint } from '../../support/personas.ts';
import { refused } from './support/refusals.ts';
import { allOff } from './support/settings.ts';
import { here, main, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename);

// biome-ignore lint/suspicious/noExplicitAny: entries have fields of every shape
type Entry = Record<string, any>;
type Asked = Readonly<Record<string, unknown>>;

async function ofOrganization(asked: Asked = {}): Promise<Entry[]> {
  return (await stage.as(stage.cast.owner).request('GET /orgs/{org}/audit-log', { org: 'acme', per_page: 100, ...asked })).data as Entry[];
}

test('an organization’s owner reads what happened in it, newest first, in GitHub’s form', async () => {
  await stage.branch('audited');
  await stage
    .as(stage.cast.maintainer)
    .rest.repos.updateBranchProtection({ ...here, branch: 'audited', ...allOff(), enforce_admins: true });
  const [entry] = await ofOrganization({ phrase: 'action:protected_branch.create' });
  const { id } = (await stage.as(stage.cast.maintainer).rest.users.getAuthenticated()).data;
  assert.deepEqual(
    [entry?.['action'], entry?.['actor'], entry?.['actor_id'], entry?.['org'], entry?.['repo'], entry?.['name'], entry?.['operation_type']],
    ['protected_branch.create', 'mona', id, 'acme', 'acme/app', 'audited', 'create'],
  );
  assert.equal(entry?.['@timestamp'], entry?.['created_at']);
  assert.ok(Math.abs(entry?.['created_at'] - Date.now()) < 60_000);
  const all = await ofOrganization();
  const times = all.map((one) => one['created_at']);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => b - a),
  );
  assert.deepEqual(await ofOrganization({ order: 'asc' }), all.toReversed());
  assert.equal(
    all.some((one) => Object.values(one).includes(null)),
    false,
  );
});

test('each changed setting of a protection is an entry of its own', async () => {
  const at = await stage.branch('changed');
  const { repos } = stage.as(stage.cast.maintainer).rest;
  await repos.updateBranchProtection({ ...at, ...allOff() });
  await repos.updateBranchProtection({ ...at, ...allOff(), enforce_admins: true, allow_force_pushes: true, required_linear_history: true });
  await repos.deleteBranchProtection(at);
  const actions = (await ofOrganization({ phrase: 'action:protected_branch', order: 'asc' }))
    .filter((one) => one['name'] === 'changed')
    .map((one) => one['action']);
  assert.deepEqual(actions.slice(0, 1), ['protected_branch.create']);
  assert.deepEqual(actions.slice(1, -1).sort(), [
    'protected_branch.update_admin_enforced',
    'protected_branch.update_allow_force_pushes_enforcement_level',
    'protected_branch.update_linear_history_requirement_enforcement_level',
  ]);
  assert.deepEqual(actions.slice(-1), ['protected_branch.destroy']);
});

test('a phrase narrows by every qualifier', async () => {
  const only = async (phrase: string, fits: (entry: Entry) => boolean) => {
    const found = await ofOrganization({ phrase, include: 'all' });
    assert.ok(found.length > 0, phrase);
    assert.ok(found.every(fits), phrase);
  };
  await only('actor:mona', (one) => one['actor'] === 'mona');
  await only('action:repo', (one) => one['action'].startsWith('repo.'));
  await only('-action:repo repo:acme/app', (one) => !one['action'].startsWith('repo.') && one['repo'] === 'acme/app');
  await only('operation:create', (one) => one['operation_type'] === 'create');
  await only('created:>=2026-01-01', () => true);
  assert.deepEqual(await ofOrganization({ phrase: 'created:<2020-01-01' }), []);
  assert.deepEqual(await ofOrganization({ phrase: 'actor:nobody-here' }), []);
});

test('the log comes in pages that are walked by cursors', async () => {
  const all = await ofOrganization({ include: 'all' });
  const ask = stage.as(stage.cast.owner).request;
  let { data, headers } = await ask('GET /orgs/{org}/audit-log', { org: 'acme', include: 'all', per_page: 4 });
  const walked = [...(data as Entry[])];
  assert.doesNotMatch(headers.link ?? '', /rel="prev"/);
  while (headers.link?.includes('rel="next"')) {
    const [, next = ''] = /<([^>]+)>; rel="next"/.exec(headers.link) ?? [];
    ({ data, headers } = await ask(`GET ${next}`));
    walked.push(...(data as Entry[]));
    assert.match(headers.link ?? '', /rel="first"/);
  }
  assert.deepEqual(walked, all);
  const [, previous = ''] = /<([^>]+)>; rel="prev"/.exec(headers.link ?? '') ?? [];
  const before = (await ask(`GET ${previous}`)).data as Entry[];
  const lastPage = all.length % 4 || 4;
  assert.deepEqual(before, all.slice(-lastPage - 4, -lastPage));
  const octokit = stage.as(stage.cast.owner);
  assert.deepEqual(await octokit.paginate('GET /orgs/{org}/audit-log', { org: 'acme', include: 'all', per_page: 7 }), all);
});

test('a bypass by an elevated token stands in the log as one', async () => {
  const at = await stage.branch('passed');
  const { repos } = stage.as(stage.cast.maintainer).rest;
  await repos.updateBranchProtection({ ...at, ...allOff(), enforce_admins: true, required_pull_request_reviews: {} });
  const robot = await elevated(stage.server, stage.cast.developer, { repositories: ['acme/app'] });
  await using work = await WorkTree.clone(robot.remote('acme/app'), '--branch', 'passed');
  const before = await work.head();
  const after = await work.commit('straight in', { x: 'x' });
  assert.match((await work.push('origin', 'HEAD:passed')).stderr, /Bypassed rule violations for refs\/heads\/passed/);
  const [entry] = await ofOrganization({ phrase: 'action:protected_branch.policy_override' });
  assert.deepEqual(
    [
      entry?.['actor'],
      entry?.['branch'],
      entry?.['before'],
      entry?.['after'],
      entry?.['bypass'],
      entry?.['bypass_kind'],
      entry?.['channel'],
    ],
    ['dev', 'refs/heads/passed', before, after, true, 'elevated_token', 'git-http'],
  );
  assert.deepEqual(entry?.['overridden_codes'], ['review_policy_not_satisfied']);
  assert.deepEqual(
    entry?.['reasons'].map(({ code, message }: Entry) => [code, message]),
    [['review_policy_not_satisfied', 'Changes must be made through a pull request.']],
  );
  assert.deepEqual([entry?.['transport_protocol'], entry?.['transport_protocol_name']], [1, 'http']);
  assert.equal(entry?.['token_scopes'], 'repo,repo:bypass-protection');
  assert.deepEqual((await ofOrganization({ phrase: 'bypass:true', include: 'all' }))[0], entry);
});

test('a refused push stands in the log with its reasons', async () => {
  const at = await stage.branch('refused');
  await stage.as(stage.cast.maintainer).rest.repos.updateBranchProtection({ ...at, ...allOff(), required_pull_request_reviews: {} });
  const contents = { path: 'x', message: 'x', content: '' };
  await refused(stage.as(stage.cast.developer).rest.repos.createOrUpdateFileContents({ ...at, ...contents }), 409, /pull request/);
  const [entry] = await ofOrganization({ phrase: 'action:protected_branch.rejected_ref_update' });
  assert.deepEqual([entry?.['actor'], entry?.['branch'], entry?.['overridden_codes']], ['dev', 'refs/heads/refused', undefined]);
  assert.deepEqual(
    entry?.['reasons'].map((reason: { message: string }) => reason.message),
    ['Changes must be made through a pull request.'],
  );
});

test('the enterprise’s log is for site admins, an organization’s for its owners, with the scope for it', async () => {
  const enterprise = (who: Parameters<typeof stage.as>[0], name = 'sallyport') =>
    stage.as(who).request('GET /enterprises/{enterprise}/audit-log', { enterprise: name, per_page: 5 });
  const { data } = await enterprise(stage.cast.admin);
  assert.equal((data as Entry[]).length, 5);
  await refused(enterprise(stage.cast.admin, 'elsewhere'), 404, 'Not Found');
  await refused(enterprise(stage.cast.owner), 403, /./);
  const organization = (who: Parameters<typeof stage.as>[0]) => stage.as(who).request('GET /orgs/{org}/audit-log', { org: 'acme' });
  for (const who of [stage.cast.maintainer, stage.cast.outsider]) await refused(organization(who), 404, 'Not Found');
  await refused(organization(await mint(stage.server, 'olga', ['repo', 'admin:org'])), 404, 'Not Found');
  await refused(organization(null), 401, 'Requires authentication');
  assert.equal((await organization(await mint(stage.server, 'olga', ['read:audit_log']))).status, 200);
});

test('a cursor that is none of ours, or a date that is none, is refused', async () => {
  const ask = (asked: Asked) => stage.as(stage.cast.owner).request('GET /orgs/{org}/audit-log', { org: 'acme', ...asked });
  await refused(ask({ after: 'nonsense' }), 422, 'Validation Failed');
  await refused(ask({ phrase: 'created:yesterday' }), 422, 'Validation Failed');
  await refused(ask({ include: 'everything' }), 422, /^Invalid request\.\n\neverything is not a member of /);
});

test('no entry carries a secret', async () => {
  const text = JSON.stringify(await ofOrganization({ include: 'all' }));
  for (const { token } of Object.values(stage.cast)) assert.equal(text.includes(token), false);
  assert.equal((await stage.as(stage.cast.developer).rest.repos.getBranch(main)).status, 200);
});
