import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mint } from '../../support/personas.ts';
import { refused, sentencesOf } from './support/refusals.ts';
import { allOff } from './support/settings.ts';
import { here, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename);
const owner = () => stage.as(stage.cast.owner).rest.repos;
const developer = () => stage.as(stage.cast.developer).rest.repos;

test('a repository of an organization is made by its owner, public unless said otherwise', async () => {
  const { status, data, headers } = await owner().createInOrg({ org: 'acme', name: 'tools', description: 'Hammers' });
  assert.equal(status, 201);
  assert.equal(headers.location, `${stage.server.url}/api/v3/repos/acme/tools`);
  assert.deepEqual([data.full_name, data.private, data.visibility, data.description], ['acme/tools', false, 'public', 'Hammers']);
  assert.deepEqual([data.owner.login, data.owner.type, data.organization?.login], ['acme', 'Organization', 'acme']);
  assert.equal(data.clone_url, `${stage.server.url}/acme/tools.git`);
  assert.deepEqual((await owner().get({ owner: 'acme', repo: 'tools' })).data, data);
  await refused(developer().createInOrg({ org: 'acme', name: 'mine' }), 403, /./);
});

test('a repository of one’s own begins with a README when asked to', async () => {
  const { data } = await developer().createForAuthenticatedUser({ name: 'notes', private: true, auto_init: true });
  assert.deepEqual([data.full_name, data.owner.login, data.private, data.default_branch], ['dev/notes', 'dev', true, 'main']);
  assert.equal((await developer().getBranch({ owner: 'dev', repo: 'notes', branch: 'main' })).data.name, 'main');
  assert.equal('organization' in data, false);
});

test('a repository can be made of SHA-256 objects', async () => {
  const { data } = await owner().createInOrg({ org: 'acme', name: 'long-ids', auto_init: true, object_format: 'sha256' } as never);
  assert.equal((data as { object_format?: string }).object_format, 'sha256');
  const at = { owner: 'acme', repo: 'long-ids' };
  const { data: ref } = await stage.as(stage.cast.owner).rest.git.getRef({ ...at, ref: 'heads/main' });
  assert.equal(ref.object.sha.length, 64);
  assert.equal((await owner().getCommit({ ...at, ref: 'main' })).data.sha, ref.object.sha);
  assert.equal((await owner().updateBranchProtection({ ...at, branch: 'main', ...allOff() })).status, 200);
});

for (const [what, name] of [
  ['the name of another', 'App'],
  ['a name that ends in .git', 'app.git'],
  ['a name with a slash', 'a/b'],
  ['a name of dots', '..'],
  ['a name with a line break', 'a\nb'],
  ['a name of 300 characters', 'x'.repeat(300)],
  ['no name', ''],
] as const) {
  test(`a repository with ${what} is not made`, async () => {
    const { data } = await refused(owner().createInOrg({ org: 'acme', name }), 422, 'Validation Failed');
    const [error] = data.errors;
    assert.deepEqual([error.resource, error.field, error.code], ['Repository', 'name', 'custom']);
  });
}

test('the name that is taken is said to be', async () => {
  const { data } = await refused(owner().createInOrg({ org: 'acme', name: 'app' }), 422, 'Validation Failed');
  assert.deepEqual(sentencesOf(data), ['name already exists on this account']);
  await refused(owner().createInOrg({ org: 'nowhere', name: 'x' }), 404, 'Not Found');
  await refused(owner().createInOrg({ org: 'acme' } as never), 422, `Invalid request.\n\n"name" wasn't supplied.`);
});

test('how a repository merges is shown to those who may write', async () => {
  await owner().createInOrg({ org: 'acme', name: 'merges', allow_rebase_merge: false });
  const at = { owner: 'acme', repo: 'merges' };
  const { data } = await owner().get(at);
  assert.deepEqual([data.allow_rebase_merge, data.allow_squash_merge, data.delete_branch_on_merge], [false, true, false]);
  const seen = (await developer().get(at)).data;
  assert.equal('allow_rebase_merge' in seen, false);
  assert.deepEqual(seen.permissions, { admin: false, maintain: false, push: false, triage: false, pull: true });
  assert.deepEqual(data.permissions, { admin: true, maintain: true, push: true, triage: true, pull: true });
});

test('a private repository is there for those who may see it only', async () => {
  for (const who of [null, stage.cast.outsider]) await refused(stage.as(who).rest.repos.get(here), 404, 'Not Found');
  assert.equal((await developer().get(here)).data.permissions?.push, true);
  const blind = stage.as(await mint(stage.server, 'dev', ['read:org'])).rest.repos;
  await refused(blind.get(here), 404, 'Not Found');
});

test('a repository is changed by its admins, field by field', async () => {
  await owner().createInOrg({ org: 'acme', name: 'plain', description: 'before', homepage: 'https://example.com' });
  const at = { owner: 'acme', repo: 'plain' };
  const { data } = await owner().update({ ...at, description: 'after', allow_auto_merge: true, delete_branch_on_merge: true });
  assert.deepEqual(
    [data.description, data.homepage, data.allow_auto_merge, data.delete_branch_on_merge],
    ['after', 'https://example.com', true, true],
  );
  assert.equal((await owner().update({ ...at, private: true })).data.visibility, 'private');
  assert.deepEqual((await owner().update(at)).data, (await owner().get(at)).data);
  await refused(developer().update({ ...here, description: 'mine' }), 403, 'Must have admin rights to Repository.');
  const admin = stage.as(stage.cast.maintainer).rest.repos;
  assert.equal((await admin.update({ ...here, description: 'by an admin' })).data.description, 'by an admin');
  await refused(admin.update({ ...here, private: false }), 403, 'Must have admin rights to Repository.');
  await refused(stage.as(stage.cast.outsider).rest.repos.update({ ...here, description: 'mine' }), 404, 'Not Found');
  await refused(owner().update({ ...at, visibility: 'secret' as 'public' }), 422, /^Invalid request\.\n\nsecret is not a member of /);
});

test('the default branch is moved to one that is there', async () => {
  await owner().createInOrg({ org: 'acme', name: 'trunks', auto_init: true });
  const at = { owner: 'acme', repo: 'trunks' };
  const { data: ref } = await stage.as(stage.cast.owner).rest.git.getRef({ ...at, ref: 'heads/main' });
  await stage.as(stage.cast.owner).rest.git.createRef({ ...at, ref: 'refs/heads/trunk', sha: ref.object.sha });
  assert.equal((await owner().update({ ...at, default_branch: 'trunk' })).data.default_branch, 'trunk');
  await refused(owner().update({ ...at, default_branch: 'nowhere' }), 422, 'Validation Failed');
});

test('a renamed repository is found under its old name', async () => {
  await owner().createInOrg({ org: 'acme', name: 'old-name', auto_init: true });
  const { data } = await owner().update({ owner: 'acme', repo: 'old-name', name: 'new-name' });
  assert.equal(data.full_name, 'acme/new-name');
  const moved = await stage.raw(stage.cast.owner, 'GET', '/repos/acme/old-name');
  assert.equal(moved.status, 301);
  const url = `${stage.server.url}/api/v3/repositories/${data.id}`;
  assert.equal(moved.headers.get('location'), url);
  const body = (await moved.json()) as { message: string; url: string };
  assert.deepEqual([body.message, body.url], ['Moved Permanently', url]);
  assert.equal((await owner().get({ owner: 'acme', repo: 'old-name' })).data.full_name, 'acme/new-name');
  await refused(stage.as(null).rest.repos.get({ owner: 'acme', repo: 'never-was' }), 404, 'Not Found');
});

test('an old name of a private repository leads nobody to it who may not see it', async () => {
  await owner().createInOrg({ org: 'acme', name: 'secret-one', private: true });
  await owner().update({ owner: 'acme', repo: 'secret-one', name: 'secret-two' });
  await refused(stage.as(stage.cast.outsider).rest.repos.get({ owner: 'acme', repo: 'secret-one' }), 404, 'Not Found');
});

test('an archived repository is read-only until it is taken out', async () => {
  await owner().createInOrg({ org: 'acme', name: 'attic', auto_init: true });
  const at = { owner: 'acme', repo: 'attic' };
  assert.equal((await owner().update({ ...at, archived: true })).data.archived, true);
  const readOnly = 'Repository was archived so is read-only.';
  const { git, repos } = stage.as(stage.cast.owner).rest;
  const { data: ref } = await git.getRef({ ...at, ref: 'heads/main' });
  for (const call of [
    () => repos.update({ ...at, description: 'dusty' }),
    () => repos.createOrUpdateFileContents({ ...at, path: 'a', message: 'a', content: '' }),
    () => git.createRef({ ...at, ref: 'refs/heads/x', sha: ref.object.sha }),
    () => git.createBlob({ ...at, content: 'x' }),
    () => repos.createCommitStatus({ ...at, sha: ref.object.sha, state: 'success' }),
    () => repos.addCollaborator({ ...at, username: 'dev' }),
  ])
    await refused(call(), 403, readOnly);
  assert.equal((await owner().update({ ...at, archived: false })).data.archived, false);
  assert.equal((await owner().update({ ...at, description: 'dusted' })).data.description, 'dusted');
});

test('a repository is deleted by an owner with the scope for it, and is gone', async () => {
  await owner().createInOrg({ org: 'acme', name: 'doomed', auto_init: true });
  const at = { owner: 'acme', repo: 'doomed' };
  await owner().addCollaborator({ ...at, username: 'mona', permission: 'admin' });
  const admin = stage.as(stage.cast.maintainer).rest.repos;
  await refused(admin.delete(at), 403, 'Must have admin rights to Repository.');
  const unscoped = stage.as(await mint(stage.server, 'olga', ['repo'])).rest.repos;
  await refused(unscoped.delete(at), 403, /./);
  assert.equal((await owner().delete(at)).status, 204);
  await refused(owner().get(at), 404, 'Not Found');
  await refused(owner().delete(at), 404, 'Not Found');
});

test('repositories of an organization are listed as far as one sees them', async () => {
  const names = async (who: Parameters<typeof stage.as>[0]) =>
    (await stage.as(who).rest.repos.listForOrg({ org: 'acme', per_page: 100 })).data.map((repository) => repository.name);
  assert.ok((await names(stage.cast.developer)).includes('app'));
  assert.equal((await names(stage.cast.outsider)).includes('app'), false);
  assert.ok((await names(null)).includes('tools'));
});
