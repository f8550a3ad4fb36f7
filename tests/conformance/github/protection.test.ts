import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refused } from './support/refusals.ts';
import { allOff, always, required, switches } from './support/settings.ts';
import { here, main, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename);
const admin = () => stage.as(stage.cast.maintainer).rest.repos;

/** A PUT that Octokit's types would not let through. */
const put = (at: { branch: string }, body: object) =>
  stage.as(stage.cast.maintainer).request('PUT /repos/{owner}/{repo}/branches/{branch}/protection', { ...here, ...at, ...body } as never);

test('a body that lacks the four keys is refused and told all of them', async () => {
  const { data } = await refused(put(main, {}), 422, /^Invalid request\.\n\n.* weren't supplied\.$/);
  assert.deepEqual(
    data.message.match(/"\w+"/g),
    required.map((key) => JSON.stringify(key)),
  );
  assert.equal('errors' in data, false);
});

for (const key of required) {
  test(`a body that lacks only ${key} is told so`, async () => {
    const { [key]: _left, ...rest } = allOff();
    await refused(put(main, rest), 422, `Invalid request.\n\n"${key}" wasn't supplied.`);
  });
}

test('everything null protects a branch with nothing switched on', async () => {
  const at = await stage.branch('bare');
  const { status, data } = await admin().updateBranchProtection({ ...at, ...allOff() });
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(data), always);
  const url = `${stage.server.url}/api/v3/repos/acme/app/branches/bare/protection`;
  assert.equal(data.url, url);
  assert.deepEqual(data.required_signatures, { url: `${url}/required_signatures`, enabled: false });
  assert.deepEqual(data.enforce_admins, { url: `${url}/enforce_admins`, enabled: false });
  assert.deepEqual(Object.keys(data.required_signatures ?? {}), ['url', 'enabled']);
  for (const name of switches) assert.deepEqual(data[name], { enabled: false }, name);
});

test('a protection with everything on is read as it was written, in the order of GitHub', async () => {
  const at = await stage.branch('full/of-it');
  const body = {
    required_status_checks: { strict: true, contexts: ['build'], checks: [{ context: 'build', app_id: -1 }] },
    enforce_admins: true,
    required_pull_request_reviews: {
      dismissal_restrictions: { users: ['mona'], teams: [] },
      dismiss_stale_reviews: true,
      require_code_owner_reviews: true,
      required_approving_review_count: 2,
      require_last_push_approval: true,
      bypass_pull_request_allowances: { users: ['dev'], teams: [] },
    },
    restrictions: { users: ['dev', 'mona'], teams: [], apps: [] },
    ...Object.fromEntries(switches.map((name) => [name, true])),
  };
  const { data: written } = await admin().updateBranchProtection({ ...at, ...body });
  const { data: read } = await admin().getBranchProtection(at);
  assert.deepEqual(read, written);
  const [url, ...others] = always;
  assert.deepEqual(Object.keys(read), [url, 'required_status_checks', 'restrictions', 'required_pull_request_reviews', ...others]);
  assert.equal(read.url, `${stage.server.url}/api/v3/repos/acme/app/branches/full/of-it/protection`);
  assert.deepEqual(read.required_status_checks, {
    url: `${read.url}/required_status_checks`,
    strict: true,
    contexts: ['build'],
    contexts_url: `${read.url}/required_status_checks/contexts`,
    checks: [{ context: 'build', app_id: null }],
    enforcement_level: 'everyone',
  });
  assert.equal(read.enforce_admins?.enabled, true);
  for (const name of switches) assert.deepEqual(read[name], { enabled: true }, name);
  const reviews = read.required_pull_request_reviews;
  assert.deepEqual(Object.keys(reviews ?? {}), [
    'url',
    'dismissal_restrictions',
    'bypass_pull_request_allowances',
    'dismiss_stale_reviews',
    'require_code_owner_reviews',
    'required_approving_review_count',
    'require_last_push_approval',
  ]);
  assert.deepEqual(Object.keys(reviews?.dismissal_restrictions ?? {}), ['url', 'users_url', 'teams_url', 'users', 'teams', 'apps']);
  assert.equal(reviews?.dismissal_restrictions?.url, `${read.url}/dismissal_restrictions`);
  assert.deepEqual(Object.keys(reviews?.bypass_pull_request_allowances ?? {}), ['users', 'teams', 'apps']);
  assert.equal(reviews?.required_approving_review_count, 2);
  assert.deepEqual(Object.keys(read.restrictions ?? {}), ['url', 'users_url', 'teams_url', 'apps_url', 'users', 'teams', 'apps']);
  assert.deepEqual(
    read.restrictions?.users.map((user) => user.login),
    ['dev', 'mona'],
  );
});

test('the body that every variant of the contract accepts is accepted', async () => {
  const at = await stage.branch('worked');
  const { data } = await admin().updateBranchProtection({
    ...at,
    required_status_checks: { strict: true, contexts: ['build'], checks: [{ context: 'build', app_id: -1 }] },
    enforce_admins: true,
    required_pull_request_reviews: {
      required_approving_review_count: 2,
      require_last_push_approval: true,
      bypass_pull_request_allowances: { users: [], teams: [] },
    },
    restrictions: null,
    required_linear_history: true,
    allow_force_pushes: null,
  });
  assert.equal('restrictions' in data, false);
  assert.equal('dismissal_restrictions' in (data.required_pull_request_reviews ?? {}), false);
  assert.equal(data.required_linear_history?.enabled, true);
  assert.equal(data.allow_force_pushes?.enabled, false);
});

test('a PUT replaces everything but the demand for signatures', async () => {
  const at = await stage.branch('replaced');
  const everything = Object.fromEntries(switches.map((name) => [name, true]));
  const checks = { strict: true, contexts: ['build'] };
  await admin().updateBranchProtection({
    ...at,
    ...everything,
    required_status_checks: checks,
    enforce_admins: true,
    required_pull_request_reviews: { required_approving_review_count: 3 },
    restrictions: { users: ['dev'], teams: [] },
  });
  await admin().createCommitSignatureProtection(at);
  const { data } = await admin().updateBranchProtection({ ...at, ...allOff() });
  assert.deepEqual(Object.keys(data), always);
  assert.equal(data.required_signatures?.enabled, true);
  assert.equal(data.enforce_admins?.enabled, false);
  for (const name of switches) assert.deepEqual(data[name], { enabled: false }, name);
});

test('the same PUT twice changes nothing the second time', async () => {
  const at = await stage.branch('same');
  const body = {
    required_status_checks: { strict: false, contexts: ['b', 'a'] },
    enforce_admins: true,
    required_pull_request_reviews: { required_approving_review_count: 1 },
    restrictions: { users: ['mona', 'dev'], teams: [] },
  };
  const first = await admin().updateBranchProtection({ ...at, ...body });
  const before = await entriesAbout('same');
  const second = await admin().updateBranchProtection({ ...at, ...body });
  assert.deepEqual(second.data, first.data);
  assert.equal(await entriesAbout('same'), before);
  assert.ok(before > 0);
});

async function entriesAbout(name: string): Promise<number> {
  const { data } = await stage
    .as(stage.cast.owner)
    .request('GET /orgs/{org}/audit-log', { org: 'acme', phrase: 'action:protected_branch', per_page: 100 });
  return (data as { name?: string }[]).filter((entry) => entry.name === name).length;
}

test('null counts as false wherever clients send it', async () => {
  const at = await stage.branch('nulls');
  const nulls = Object.fromEntries(switches.map((name) => [name, null]));
  const reviews = {
    dismiss_stale_reviews: null,
    require_code_owner_reviews: null,
    require_last_push_approval: null,
    required_approving_review_count: null,
  };
  const { data } = await put(at, { ...allOff(), ...nulls, required_pull_request_reviews: reviews });
  for (const name of switches) assert.deepEqual((data as never)[name], { enabled: false }, name);
  const shown = (await admin().getPullRequestReviewProtection(at)).data;
  assert.equal(shown.dismiss_stale_reviews, false);
  assert.equal(shown.required_approving_review_count, 1);
});

test('an empty object of reviews requires one', async () => {
  const at = await stage.branch('defaults');
  const { data } = await admin().updateBranchProtection({ ...at, ...allOff(), required_pull_request_reviews: {} });
  assert.equal(data.required_pull_request_reviews?.required_approving_review_count, 1);
});

for (const [count, sentence] of [
  [7, '7 must be less than or equal to 6.'],
  [-1, '-1 must be greater than or equal to 0.'],
] as const) {
  test(`${count} required reviews are refused`, async () => {
    const body = { ...allOff(), required_pull_request_reviews: { required_approving_review_count: count } };
    await refused(put(main, body), 422, `Invalid request.\n\n${sentence}`);
  });
}

for (const [what, body, sentence] of [
  ['a string for a boolean', { enforce_admins: 'yes' }, `For 'properties/enforce_admins', "yes" is not a boolean.`],
  ['a number for a switch', { lock_branch: 1 }, `For 'properties/lock_branch', 1 is not a boolean.`],
  ['a list for an object', { restrictions: [] }, `For 'properties/restrictions', [] is not an object.`],
  [
    'null for a bypass list',
    { required_pull_request_reviews: { bypass_pull_request_allowances: null } },
    `For 'properties/required_pull_request_reviews/properties/bypass_pull_request_allowances', nil is not an object.`,
  ],
  [
    'null for a dismissal list',
    { required_pull_request_reviews: { dismissal_restrictions: null } },
    `For 'properties/required_pull_request_reviews/properties/dismissal_restrictions', nil is not an object.`,
  ],
  ['restrictions without teams', { restrictions: { users: [] } }, `"teams" wasn't supplied.`],
] as const) {
  test(`${what} is refused in the words of a schema`, async () => {
    const { data } = await refused(put(main, { ...allOff(), ...body }), 422, `Invalid request.\n\n${sentence}`);
    assert.equal('errors' in data, false);
  });
}

for (const [what, body, message] of [
  ['text that is no JSON', '{"enforce_admins": tru', 'Problems parsing JSON'],
  ['a key twice', '{"enforce_admins": true, "enforce_admins": false}', 'Problems parsing JSON'],
  ['bytes that are no UTF-8', Buffer.from('{"enforce_admins": "\xff"}', 'latin1'), 'Problems parsing JSON'],
  ['a list', '[]', 'Body should be a JSON object'],
  ['a string', '"protect it"', 'Body should be a JSON object'],
  ['null', 'null', 'Body should be a JSON object'],
] as const) {
  test(`${what} as a body is refused before anything is looked at`, async () => {
    const response = await stage.raw(stage.cast.maintainer, 'PUT', '/repos/acme/app/branches/main/protection', { body });
    assert.equal(response.status, 400);
    assert.equal(((await response.json()) as { message: string }).message, message);
  });
}

test('a branch that is not there cannot be protected', async () => {
  const at = { ...here, branch: 'nowhere' };
  await refused(admin().updateBranchProtection({ ...at, ...allOff() }), 404, 'Branch not found');
  await refused(admin().getBranchProtection(at), 404, 'Branch not found');
  await refused(admin().deleteBranchProtection(at), 404, 'Branch not found');
});

test('a deleted protection is gone, its demand for signatures too', async () => {
  const at = await stage.branch('freed');
  await admin().updateBranchProtection({ ...at, ...allOff() });
  await admin().createCommitSignatureProtection(at);
  assert.equal((await admin().deleteBranchProtection(at)).status, 204);
  await refused(admin().getBranchProtection(at), 404, 'Branch not protected');
  await refused(admin().deleteBranchProtection(at), 404, 'Branch not protected');
  const { data } = await admin().updateBranchProtection({ ...at, ...allOff() });
  assert.equal(data.required_signatures?.enabled, false);
});

test('linear history needs a repository where squash or rebase merging is allowed', async () => {
  const owner = stage.as(stage.cast.owner).rest.repos;
  await owner.createInOrg({ org: 'acme', name: 'merging', auto_init: true, allow_squash_merge: false, allow_rebase_merge: false });
  const at = { owner: 'acme', repo: 'merging', branch: 'main' };
  const { data } = await refused(
    owner.updateBranchProtection({ ...at, ...allOff(), required_linear_history: true }),
    422,
    'Validation Failed',
  );
  assert.equal(data.errors.length, 1);
  assert.equal(typeof data.errors[0], 'string');
  await refused(owner.getBranchProtection(at), 404, 'Branch not protected');
});

test('the protection of an archived repository is read and not changed', async () => {
  const owner = stage.as(stage.cast.owner).rest.repos;
  await owner.createInOrg({ org: 'acme', name: 'museum', auto_init: true });
  const at = { owner: 'acme', repo: 'museum', branch: 'main' };
  await owner.updateBranchProtection({ ...at, ...allOff() });
  await owner.update({ owner: 'acme', repo: 'museum', archived: true });
  assert.equal((await owner.getBranchProtection(at)).status, 200);
  for (const call of [
    () => owner.updateBranchProtection({ ...at, ...allOff(), enforce_admins: true }),
    () => owner.setAdminBranchProtection(at),
    () => owner.deleteBranchProtection(at),
  ])
    await refused(call(), 403, 'Repository was archived so is read-only.');
});
