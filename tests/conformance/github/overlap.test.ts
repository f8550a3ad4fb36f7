import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkTree } from '../../support/history.ts';
import { githubRules, gitlabRules, protectPattern, type RuleInput } from '../../support/protections.ts';
import { refused, sentencesOf } from './support/refusals.ts';
import { allOff } from './support/settings.ts';
import { here, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename);
const admin = () => stage.as(stage.cast.maintainer).rest.repos;

/** A pattern's protection, which GitHub's REST API cannot make. */
const protect = (pattern: string, ...rules: readonly RuleInput[]) =>
  protectPattern(stage.cast.maintainer.api, 'acme/app', { origin: 'github', pattern, rules: githubRules(...rules), enforce_admins: true });

const linear = { type: 'required_linear_history', parameters: {} };
const signed = { type: 'required_signatures', parameters: {} };
const locked = { type: 'lock', parameters: { forkSync: false } };

test('of two patterns each governs the branches it covers, and the older where both do', async () => {
  for (const branch of ['rel/a', 'rel/c/b']) await stage.branch(branch);
  await protect('rel/*', locked);
  await protect('rel/**/*', signed);
  const shown = async (branch: string) => {
    const { data, headers } = await admin().getBranchProtection({ ...here, branch });
    return [headers['sallyport-pattern'], data.lock_branch?.enabled, data.required_signatures?.enabled];
  };
  assert.deepEqual(await shown('rel/a'), [encodeURIComponent('rel/*'), true, false]);
  assert.deepEqual(await shown('rel/c/b'), [encodeURIComponent('rel/**/*'), false, true]);
  await using work = await WorkTree.clone(stage.cast.developer.remote('acme/app'));
  await work.commit('unsigned', { x: 'x' });
  const first = await work.push('origin', 'HEAD:rel/a');
  assert.match(first.stderr, /Cannot change this locked branch/);
  assert.doesNotMatch(first.stderr, /verified signatures/);
  const second = await work.push('origin', 'HEAD:rel/c/b');
  assert.match(second.stderr, /Commits must have verified signatures\./);
  assert.doesNotMatch(second.stderr, /locked/);
});

test('a change below a protection that is a pattern’s changes the pattern’s, and says so', async () => {
  for (const branch of ['edit/one', 'edit/two']) await stage.branch(branch);
  await protect('edit/*', linear);
  const one = { ...here, branch: 'edit/one' };
  const { headers } = await admin().createCommitSignatureProtection(one);
  assert.equal(headers['sallyport-pattern'], encodeURIComponent('edit/*'));
  await admin().updatePullRequestReviewProtection({ ...one, required_approving_review_count: 2 });
  const { data } = await admin().getBranchProtection({ ...here, branch: 'edit/two' });
  assert.deepEqual([data.required_signatures?.enabled, data.required_pull_request_reviews?.required_approving_review_count], [true, 2]);
});

test('a PUT over a pattern makes a protection of exactly this branch, which keeps the demand for signatures', async () => {
  for (const branch of ['exact/one', 'exact/two']) await stage.branch(branch);
  await protect('exact/*', linear, signed);
  const one = { ...here, branch: 'exact/one' };
  const { data } = await admin().updateBranchProtection({ ...one, ...allOff() });
  assert.deepEqual(
    [data.required_linear_history?.enabled, data.required_signatures?.enabled, data.enforce_admins?.enabled],
    [false, true, false],
  );
  const after = await admin().getBranchProtection(one);
  assert.equal(after.headers['sallyport-pattern'], undefined);
  const other = (await admin().getBranchProtection({ ...here, branch: 'exact/two' })).data;
  assert.deepEqual([other.required_linear_history?.enabled, other.enforce_admins?.enabled], [true, true]);
  assert.equal((await admin().deleteBranchProtection(one)).status, 204);
  assert.equal((await admin().getBranchProtection(one)).data.required_linear_history?.enabled, true);
});

test('a pattern’s protection is not removed by the name of one branch', async () => {
  await stage.branch('whole/one');
  await protect('whole/*', linear);
  const one = { ...here, branch: 'whole/one' };
  const { data } = await refused(admin().deleteBranchProtection(one), 422, 'Validation Failed');
  assert.ok(sentencesOf(data)[0]?.includes('"whole/*"'));
  assert.equal((await admin().getBranchProtection(one)).data.required_linear_history?.enabled, true);
});

test('a branch that a pattern covers is listed as protected', async () => {
  await stage.branch('listed/one');
  await protect('listed/*', linear);
  const names = async (only: boolean) =>
    (await admin().listBranches({ ...here, protected: only, per_page: 100 })).data.map((branch) => branch.name);
  assert.ok((await names(true)).includes('listed/one'));
  assert.equal((await names(false)).includes('listed/one'), false);
  assert.equal((await admin().getBranch({ ...here, branch: 'listed/one' })).data.protected, true);
});

test('what else protects a branch is named beside its protection', async () => {
  const at = await stage.branch('beside/é');
  const first = await admin().updateBranchProtection({ ...at, ...allOff() });
  assert.equal(first.headers['sallyport-also-protected-by'], undefined);
  const gitlab = { origin: 'gitlab' as const, rules: gitlabRules({ push: [{ kind: 'role', level: 40 }] }) };
  await protectPattern(stage.cast.maintainer.api, 'acme/app', { ...gitlab, pattern: 'beside/*' });
  await protectPattern(stage.cast.owner.api, 'acme', { ...gitlab, pattern: 'beside/é' });
  const expected = `repository:gitlab:beside%2F*, organization:gitlab:${encodeURIComponent('beside/é')}`;
  const answers = [
    await admin().getBranchProtection(at),
    await admin().updateBranchProtection({ ...at, ...allOff(), enforce_admins: true }),
    await admin().createCommitSignatureProtection(at),
  ];
  for (const { headers } of answers) assert.equal(headers['sallyport-also-protected-by'], expected);
  // It has no protection of this dialect any more, but it is protected.
  await admin().deleteBranchProtection(at);
  await refused(admin().getBranchProtection(at), 404, 'Branch not protected');
  assert.equal((await admin().getBranch(at)).data.protected, true);
});
