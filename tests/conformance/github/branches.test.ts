import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPersona } from '../../support/personas.ts';
import { refused, sentencesOf } from './support/refusals.ts';
import { allOff } from './support/settings.ts';
import { here, main, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename);
const admin = () => stage.as(stage.cast.maintainer).rest.repos;
const developer = () => stage.as(stage.cast.developer).rest.repos;

const off = { enabled: false, required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] } };

test('branches are listed, those with and without protection apart when asked', async () => {
  const at = await stage.branch('guarded');
  await stage.branch('open');
  await admin().updateBranchProtection({ ...at, ...allOff(), required_status_checks: { strict: true, contexts: ['ci'] } });
  const names = async (filter: { protected?: boolean }) =>
    (await developer().listBranches({ ...here, ...filter })).data.map((branch) => branch.name);
  assert.deepEqual(await names({}), ['guarded', 'main', 'open']);
  assert.deepEqual(await names({ protected: true }), ['guarded']);
  assert.deepEqual(await names({ protected: false }), ['main', 'open']);
  const [guarded, , open] = (await developer().listBranches(here)).data;
  const base = `${stage.server.url}/api/v3/repos/acme/app`;
  assert.deepEqual(Object.keys(guarded!), ['name', 'commit', 'protected', 'protection', 'protection_url']);
  assert.equal(guarded?.protected, true);
  assert.equal(guarded?.protection_url, `${base}/branches/guarded/protection`);
  assert.equal(guarded?.commit.url, `${base}/commits/${guarded?.commit.sha}`);
  assert.deepEqual(guarded?.protection, {
    enabled: true,
    required_status_checks: { enforcement_level: 'non_admins', contexts: ['ci'], checks: [{ context: 'ci', app_id: null }] },
  });
  assert.deepEqual([open?.protected, open?.protection], [false, off]);
});

test('one branch shows its commit, and whom its checks bind', async () => {
  const at = await stage.branch('with/one');
  await admin().updateBranchProtection({
    ...at,
    ...allOff(),
    enforce_admins: true,
    required_status_checks: { strict: true, contexts: [] },
  });
  const { data } = await developer().getBranch(at);
  assert.deepEqual(Object.keys(data), ['name', 'commit', '_links', 'protected', 'protection', 'protection_url']);
  assert.equal(data.protection.required_status_checks?.enforcement_level, 'everyone');
  assert.equal(data.commit.commit.message, 'begin');
  assert.equal(data.commit.author?.login, 'olga');
  assert.deepEqual(data._links, {
    self: `${stage.server.url}/api/v3/repos/acme/app/branches/with/one`,
    html: `${stage.server.url}/acme/app/tree/with/one`,
  });
  await admin().deleteBranchProtection(at);
  assert.deepEqual((await developer().getBranch(at)).data.protection, off);
});

test('a branch that is not there is not found, and neither is one in an empty repository', async () => {
  await refused(developer().getBranch({ ...here, branch: 'nowhere' }), 404, 'Branch not found');
  await stage.as(stage.cast.owner).rest.repos.createInOrg({ org: 'acme', name: 'empty' });
  const empty = { owner: 'acme', repo: 'empty' };
  assert.deepEqual((await developer().listBranches(empty)).data, []);
  await refused(developer().getBranch({ ...empty, branch: 'main' }), 404, 'Branch not found');
  await refused(stage.as(stage.cast.outsider).rest.repos.getBranch(main), 404, 'Not Found');
});

test('a branch is renamed by a writer, and its old address leads to the new one', async () => {
  await stage.branch('before');
  const { status, data } = await developer().renameBranch({ ...here, branch: 'before', new_name: 'after/it' });
  assert.deepEqual([status, data.name], [201, 'after/it']);
  const moved = await stage.raw(stage.cast.developer, 'GET', '/repos/acme/app/branches/before');
  assert.equal(moved.status, 301);
  assert.equal(moved.headers.get('location'), `${stage.server.url}/api/v3/repos/acme/app/branches/after/it`);
  assert.equal((await developer().getBranch({ ...here, branch: 'before' })).data.name, 'after/it');
});

test('a protection of exactly this branch moves with it, and only admins may move it', async () => {
  const at = await stage.branch('old-guard');
  await admin().updateBranchProtection({ ...at, ...allOff(), required_linear_history: true, allow_deletions: true });
  await refused(developer().renameBranch({ ...at, new_name: 'escaped' }), 403, /./);
  assert.equal((await developer().getBranch(at)).data.name, 'old-guard');
  await admin().renameBranch({ ...at, new_name: 'new-guard' });
  const { data } = await admin().getBranchProtection({ ...here, branch: 'new-guard' });
  assert.equal(data.required_linear_history?.enabled, true);
});

test('the default branch is renamed by an admin, and stays the default', async () => {
  const owner = stage.as(stage.cast.owner).rest.repos;
  await owner.createInOrg({ org: 'acme', name: 'defaults', auto_init: true });
  const at = { owner: 'acme', repo: 'defaults', branch: 'main' };
  await owner.addCollaborator({ owner: 'acme', repo: 'defaults', username: 'dev', permission: 'push' });
  await refused(developer().renameBranch({ ...at, new_name: 'mine' }), 403, 'Must have admin rights to Repository.');
  await owner.renameBranch({ ...at, new_name: 'trunk' });
  assert.equal((await owner.get(at)).data.default_branch, 'trunk');
});

for (const [what, name] of [
  ['a name that is taken', 'main'],
  ['a name with two dots', 'a..b'],
  ['a name that begins with a hyphen', '-f'],
  ['a name with a line break', 'a\nb'],
  ['an empty name', ''],
] as const) {
  test(`a branch is not renamed to ${what}`, async () => {
    const at = await stage.branch(`kept/${what.replaceAll(' ', '-')}`);
    const { data } = await refused(developer().renameBranch({ ...at, new_name: name }), 422, 'Validation Failed');
    assert.equal(sentencesOf(data).length, 1);
    assert.equal((await developer().getBranch(at)).status, 200);
  });
}

test('a rename without a name, of no branch, or by a reader is refused', async () => {
  await refused(developer().renameBranch({ ...main } as never), 422, `Invalid request.\n\n"new_name" wasn't supplied.`);
  await refused(developer().renameBranch({ ...here, branch: 'nowhere', new_name: 'x' }), 404, 'Branch not found');
  const reader = await createPersona(stage.server, 'rita');
  await admin().addCollaborator({ ...here, username: 'rita', permission: 'pull' });
  const at = await stage.branch('not-hers');
  await refused(stage.as(reader).rest.repos.renameBranch({ ...at, new_name: 'hers' }), 403, 'Must have push access to repository');
});
