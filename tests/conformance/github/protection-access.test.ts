import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Octokit } from '@octokit/rest';
import { createPersona, mint, type Persona } from '../../support/personas.ts';
import { type App, installedApp } from './support/app.ts';
import { refused } from './support/refusals.ts';
import { allOff } from './support/settings.ts';
import { here, main, stageFor } from './support/stage.ts';

let reader: Persona;
let apps: Record<'none' | 'read' | 'write', App>;
const stage = stageFor(import.meta.filename, async (ready) => {
  const { cast, server, as } = ready;
  const { repos } = as(cast.owner).rest;
  reader = await createPersona(server, 'rita');
  await repos.addCollaborator({ ...here, username: 'rita', permission: 'pull' });
  await repos.updateBranchProtection({
    ...main,
    ...allOff(),
    required_status_checks: { strict: true, contexts: ['a'] },
    required_pull_request_reviews: {},
    restrictions: { users: ['mona'], teams: [] },
  });
  const install = (slug: string, permissions: Record<string, 'read' | 'write'>) =>
    installedApp(ready, cast.owner, 'acme', slug, { contents: 'write', ...permissions });
  apps = {
    none: await install('plain', {}),
    read: await install('auditor', { administration: 'read' }),
    write: await install('janitor', { administration: 'write' }),
  };
});

/** Every operation on a protection, with a body that would be good if the caller were. */
function operations({ rest: { repos } }: Octokit): Record<'reads' | 'writes', readonly (() => Promise<unknown>)[]> {
  const at = main;
  return {
    reads: [
      () => repos.getBranchProtection(at),
      () => repos.getAdminBranchProtection(at),
      () => repos.getPullRequestReviewProtection(at),
      () => repos.getCommitSignatureProtection(at),
      () => repos.getStatusChecksProtection(at),
      () => repos.getAllStatusCheckContexts(at),
      () => repos.getAccessRestrictions(at),
      () => repos.getUsersWithAccessToProtectedBranch(at),
      () => repos.getTeamsWithAccessToProtectedBranch(at),
      () => repos.getAppsWithAccessToProtectedBranch(at),
    ],
    writes: [
      () => repos.updateBranchProtection({ ...at, ...allOff() }),
      () => repos.deleteBranchProtection(at),
      () => repos.setAdminBranchProtection(at),
      () => repos.deleteAdminBranchProtection(at),
      () => repos.updatePullRequestReviewProtection({ ...at, required_approving_review_count: 0 }),
      () => repos.deletePullRequestReviewProtection(at),
      () => repos.createCommitSignatureProtection(at),
      () => repos.deleteCommitSignatureProtection(at),
      () => repos.updateStatusCheckProtection({ ...at, strict: false }),
      () => repos.removeStatusCheckProtection(at),
      () => repos.addStatusCheckContexts({ ...at, contexts: ['b'] }),
      () => repos.setStatusCheckContexts({ ...at, contexts: [] }),
      () => repos.removeStatusCheckContexts({ ...at, contexts: ['a'] }),
      () => repos.deleteAccessRestrictions(at),
      () => repos.addUserAccessRestrictions({ ...at, users: ['dev'] }),
      () => repos.setUserAccessRestrictions({ ...at, users: ['dev'] }),
      () => repos.removeUserAccessRestrictions({ ...at, users: ['mona'] }),
      () => repos.addTeamAccessRestrictions({ ...at, teams: [] }),
      () => repos.setTeamAccessRestrictions({ ...at, teams: [] }),
      () => repos.removeTeamAccessRestrictions({ ...at, teams: [] }),
      () => repos.addAppAccessRestrictions({ ...at, apps: [] }),
      () => repos.setAppAccessRestrictions({ ...at, apps: [] }),
      () => repos.removeAppAccessRestrictions({ ...at, apps: [] }),
    ],
  };
}

/** Tries every operation, expects every one to be refused alike, and the protection to be as it was. */
async function expectRefused(octokit: Octokit, which: 'all' | 'writes', status: number, message: string): Promise<void> {
  const admin = stage.as(stage.cast.maintainer).rest.repos;
  const { data: before } = await admin.getBranchProtection(main);
  const { reads, writes } = operations(octokit);
  for (const call of which === 'all' ? [...reads, ...writes] : writes) await refused(call(), status, message);
  assert.deepEqual((await admin.getBranchProtection(main)).data, before);
}

test('the list of operations is all 33 of them', () => {
  const { reads, writes } = operations(stage.as(null));
  assert.equal(reads.length + writes.length, 33);
});

test('to a writer without the admin role no protection exists', async () => {
  await expectRefused(stage.as(stage.cast.developer), 'all', 404, 'Not Found');
});

test('a reader sees that the branch is protected, but not how', async () => {
  await expectRefused(stage.as(reader), 'all', 404, 'Not Found');
  const { data } = await stage.as(reader).rest.repos.getBranch(main);
  assert.equal(data.protected, true);
  assert.deepEqual(data.protection.required_status_checks?.contexts, ['a']);
});

test('to a stranger the repository does not exist', async () => {
  await expectRefused(stage.as(stage.cast.outsider), 'all', 404, 'Not Found');
});

test('nobody is asked to say who they are', async () => {
  await expectRefused(stage.as(null), 'all', 401, 'Requires authentication');
});

test('a token that is no good is told so', async () => {
  // Three of them: whoever comes with many bad tokens is not answered for a while.
  const { reads, writes } = operations(stage.as('sly_doesnotexist00000000000000000000000000'));
  for (const call of [reads[0]!, writes[0]!, writes[1]!]) await refused(call(), 401, 'Bad credentials');
});

test('an admin whose token may not administer sees no protection', async () => {
  for (const scopes of [['read:org'], ['repo:status'], ['public_repo']]) {
    const octokit = stage.as(await mint(stage.server, 'mona', scopes));
    await refused(octokit.rest.repos.getBranchProtection(main), 404, 'Not Found');
    await refused(octokit.rest.repos.deleteBranchProtection(main), 404, 'Not Found');
  }
});

test('public_repo is enough where the repository is public', async () => {
  const owner = stage.as(stage.cast.owner).rest.repos;
  await owner.createInOrg({ org: 'acme', name: 'open', auto_init: true, private: false });
  const repos = stage.as(await mint(stage.server, 'olga', ['public_repo'])).rest.repos;
  const { status } = await repos.updateBranchProtection({ owner: 'acme', repo: 'open', branch: 'main', ...allOff() });
  assert.equal(status, 200);
});

test('an app without the permission is told that it cannot reach it', async () => {
  await expectRefused(apps.none.asInstallation, 'all', 403, 'Resource not accessible by integration');
});

test('an app that may read administration reads, and changes nothing', async () => {
  for (const call of operations(apps.read.asInstallation).reads) await call();
  await expectRefused(apps.read.asInstallation, 'writes', 403, 'Resource not accessible by integration');
});

test('an app that may write administration, the organization owner and a site admin read and write', async () => {
  const everybody = [apps.write.asInstallation, stage.as(stage.cast.owner), stage.as(stage.cast.admin)];
  for (const octokit of everybody) {
    const { repos } = octokit.rest;
    const { data } = await repos.getBranchProtection(main);
    assert.equal((await repos.setAdminBranchProtection(main)).data.enabled, true);
    assert.equal((await repos.deleteAdminBranchProtection(main)).status, 204);
    assert.deepEqual((await repos.getBranchProtection(main)).data, data);
  }
});

test('what a credential lacks is told in the headers', async () => {
  const { headers } = await refused(stage.as(stage.cast.developer).rest.repos.getBranchProtection(main), 404, 'Not Found');
  assert.equal(headers['x-accepted-oauth-scopes'], '');
});
