import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refused } from './support/refusals.ts';
import { allOff } from './support/settings.ts';
import { here, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename);
const admin = () => stage.as(stage.cast.maintainer).rest.repos;

const everything = {
  dismissal_restrictions: { users: ['mona'], teams: [] },
  dismiss_stale_reviews: true,
  require_code_owner_reviews: true,
  required_approving_review_count: 4,
  require_last_push_approval: true,
  bypass_pull_request_allowances: { users: ['dev'], teams: [] },
};

test('the reviews that pull requests need are read by themselves as within the protection', async () => {
  const at = await stage.branch('read');
  const { data } = await admin().updateBranchProtection({ ...at, ...allOff(), required_pull_request_reviews: everything });
  assert.deepEqual((await admin().getPullRequestReviewProtection(at)).data, data.required_pull_request_reviews);
});

test('a PATCH changes what it names and leaves the rest', async () => {
  const at = await stage.branch('patch');
  const { data: before } = await admin().updateBranchProtection({ ...at, ...allOff(), required_pull_request_reviews: everything });
  const { status, data } = await admin().updatePullRequestReviewProtection({ ...at, required_approving_review_count: 1 });
  assert.equal(status, 200);
  assert.deepEqual(data, { ...before.required_pull_request_reviews, required_approving_review_count: 1 });
  const again = await admin().updatePullRequestReviewProtection({ ...at, dismiss_stale_reviews: false, require_last_push_approval: false });
  assert.equal(again.data.dismiss_stale_reviews, false);
  assert.equal(again.data.require_last_push_approval, false);
  assert.equal(again.data.require_code_owner_reviews, true);
  assert.deepEqual((await admin().updatePullRequestReviewProtection(at)).data, again.data);
  assert.deepEqual((await admin().getPullRequestReviewProtection(at)).data, again.data);
});

test('lists replace, an empty object switches them off, an emptied list stays a list', async () => {
  const at = await stage.branch('lists');
  await admin().updateBranchProtection({ ...at, ...allOff(), required_pull_request_reviews: everything });
  const replaced = await admin().updatePullRequestReviewProtection({
    ...at,
    dismissal_restrictions: { users: ['olga'] },
    bypass_pull_request_allowances: { users: ['mona', 'dev'] },
  });
  assert.deepEqual(
    replaced.data.dismissal_restrictions?.users?.map((user) => user.login),
    ['olga'],
  );
  assert.deepEqual(
    replaced.data.bypass_pull_request_allowances?.users?.map((user) => user.login),
    ['mona', 'dev'],
  );
  const emptied = await admin().updatePullRequestReviewProtection({ ...at, dismissal_restrictions: { users: [], teams: [] } });
  assert.deepEqual(emptied.data.dismissal_restrictions?.users, []);
  const off = await admin().updatePullRequestReviewProtection({ ...at, dismissal_restrictions: {}, bypass_pull_request_allowances: {} });
  assert.equal('dismissal_restrictions' in off.data, false);
  assert.equal('bypass_pull_request_allowances' in off.data, false);
  assert.equal(off.data.required_approving_review_count, 4);
});

test('a PATCH turns reviews on where they were off', async () => {
  const at = await stage.branch('turned-on');
  await admin().updateBranchProtection({ ...at, ...allOff() });
  await refused(admin().getPullRequestReviewProtection(at), 404, 'Pull request reviews protection is not enabled');
  const { data } = await admin().updatePullRequestReviewProtection({ ...at, required_approving_review_count: 2 });
  assert.equal(data.required_approving_review_count, 2);
  assert.equal((await admin().getPullRequestReviewProtection(at)).data.required_approving_review_count, 2);
});

test('reviews are removed once, and not without a protection', async () => {
  const at = await stage.branch('removed');
  const missing = 'Pull request reviews protection is not enabled';
  await refused(admin().deletePullRequestReviewProtection(at), 404, 'Branch not protected');
  await refused(admin().updatePullRequestReviewProtection(at), 404, 'Branch not protected');
  await refused(admin().getPullRequestReviewProtection(at), 404, 'Branch not protected');
  await admin().updateBranchProtection({ ...at, ...allOff(), required_pull_request_reviews: {} });
  assert.equal((await admin().deletePullRequestReviewProtection(at)).status, 204);
  await refused(admin().deletePullRequestReviewProtection(at), 404, missing);
  await refused(admin().getPullRequestReviewProtection(at), 404, missing);
  assert.equal('required_pull_request_reviews' in (await admin().getBranchProtection(at)).data, false);
  await refused(admin().deletePullRequestReviewProtection({ ...here, branch: 'nowhere' }), 404, 'Branch not found');
});

for (const [what, body, sentence] of [
  ['seven reviews', { required_approving_review_count: 7 }, '7 must be less than or equal to 6.'],
  [
    'a string for a number',
    { required_approving_review_count: '2' },
    `For 'properties/required_approving_review_count', "2" is not an integer.`,
  ],
  ['null for a list', { dismissal_restrictions: null }, `For 'properties/dismissal_restrictions', nil is not an object.`],
  [
    'null for the other',
    { bypass_pull_request_allowances: null },
    `For 'properties/bypass_pull_request_allowances', nil is not an object.`,
  ],
] as const) {
  test(`a PATCH with ${what} is refused and changes nothing`, async () => {
    const at = await stage.branch(`odd/${what.replaceAll(' ', '-')}`);
    const { data: before } = await admin().updateBranchProtection({ ...at, ...allOff(), required_pull_request_reviews: everything });
    const patch = 'PATCH /repos/{owner}/{repo}/branches/{branch}/protection/required_pull_request_reviews';
    const call = stage.as(stage.cast.maintainer).request(patch, { ...at, dismiss_stale_reviews: false, ...body } as never);
    await refused(call, 422, `Invalid request.\n\n${sentence}`);
    assert.deepEqual((await admin().getBranchProtection(at)).data, before);
  });
}
