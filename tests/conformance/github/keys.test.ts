import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkTree } from '../../support/history.ts';
import { KeyRing, signWith } from '../../support/signing.ts';
import { refused, sentencesOf } from './support/refusals.ts';
import { here, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename);
const users = () => stage.as(stage.cast.developer).rest.users;

test('an SSH key for signing is added, read, listed, seen by others and removed', async () => {
  await using ring = await KeyRing.create();
  const { publicText } = await ring.ssh();
  const { status, data } = await users().createSshSigningKeyForAuthenticatedUser({ key: publicText, title: 'laptop' });
  assert.deepEqual([status, data.title], [201, 'laptop']);
  assert.ok(publicText.startsWith(data.key) && data.key.startsWith('ssh-ed25519 '), data.key);
  const at = { ssh_signing_key_id: data.id };
  assert.deepEqual((await users().getSshSigningKeyForAuthenticatedUser(at)).data, data);
  assert.deepEqual((await users().listSshSigningKeysForAuthenticatedUser()).data, [data]);
  assert.deepEqual((await stage.as(null).rest.users.listSshSigningKeysForUser({ username: 'dev' })).data, [data]);
  assert.deepEqual((await stage.as(stage.cast.outsider).rest.users.listSshSigningKeysForAuthenticatedUser()).data, []);
  await refused(stage.as(stage.cast.outsider).rest.users.getSshSigningKeyForAuthenticatedUser(at), 404, 'Not Found');
  await refused(stage.as(stage.cast.outsider).rest.users.deleteSshSigningKeyForAuthenticatedUser(at), 404, 'Not Found');
  assert.equal((await users().deleteSshSigningKeyForAuthenticatedUser(at)).status, 204);
  await refused(users().getSshSigningKeyForAuthenticatedUser(at), 404, 'Not Found');
  await refused(users().deleteSshSigningKeyForAuthenticatedUser(at), 404, 'Not Found');
});

test('an SSH key belongs to one person once, and has to be one', async () => {
  await using ring = await KeyRing.create();
  const { publicText: key } = await ring.ssh();
  await users().createSshSigningKeyForAuthenticatedUser({ key });
  const other = stage.as(stage.cast.maintainer).rest.users;
  for (const again of [users(), other])
    assert.deepEqual(sentencesOf((await refused(again.createSshSigningKeyForAuthenticatedUser({ key }), 422, 'Validation Failed')).data), [
      'key is already in use',
    ]);
  for (const odd of ['', 'ssh-ed25519', 'ssh-ed25519 AAAA', 'ssh-dss AAAAB3NzaC1kc3M=', 'nothing of the kind'])
    await refused(users().createSshSigningKeyForAuthenticatedUser({ key: odd }), 422, 'Validation Failed');
  await refused(users().createSshSigningKeyForAuthenticatedUser({} as never), 422, `Invalid request.\n\n"key" wasn't supplied.`);
});

test('a GPG key is added, read, listed, seen by others and removed', async () => {
  await using ring = await KeyRing.create();
  const key = await ring.gpg('dev@example.com');
  const { status, data } = await users().createGpgKeyForAuthenticatedUser({ armored_public_key: key.publicText, name: 'work' });
  assert.deepEqual([status, data.name, data.can_sign, data.revoked, data.expires_at], [201, 'work', true, false, null]);
  assert.ok(key.fingerprint.endsWith(data.key_id), data.key_id);
  assert.deepEqual(data.emails, [{ email: 'dev@example.com', verified: true }]);
  const at = { gpg_key_id: data.id };
  assert.deepEqual((await users().getGpgKeyForAuthenticatedUser(at)).data, data);
  assert.deepEqual((await users().listGpgKeysForAuthenticatedUser()).data, [data]);
  assert.deepEqual((await stage.as(null).rest.users.listGpgKeysForUser({ username: 'dev' })).data, [data]);
  await refused(stage.as(stage.cast.outsider).rest.users.deleteGpgKeyForAuthenticatedUser(at), 404, 'Not Found');
  const again = users().createGpgKeyForAuthenticatedUser({ armored_public_key: key.publicText });
  assert.deepEqual(sentencesOf((await refused(again, 422, 'Validation Failed')).data), ['key_id already exists']);
  assert.equal((await users().deleteGpgKeyForAuthenticatedUser(at)).status, 204);
  assert.deepEqual((await users().listGpgKeysForAuthenticatedUser()).data, []);
  await refused(users().getGpgKeyForAuthenticatedUser(at), 404, 'Not Found');
});

test('a GPG key with a subkey shows it', async () => {
  await using ring = await KeyRing.create();
  const key = await ring.gpg('dev@example.com');
  await ring.gpgRun('--quick-add-key', key.fingerprint, 'ed25519', 'sign', '0');
  const armored_public_key = await ring.gpgRun('--armor', '--export', key.fingerprint);
  const { data } = await users().createGpgKeyForAuthenticatedUser({ armored_public_key });
  assert.equal(data.subkeys.length, 1);
  assert.deepEqual([data.subkeys[0]?.primary_key_id, data.subkeys[0]?.can_sign], [data.id, true]);
});

test('what is no GPG key, or a private one, is refused', async () => {
  await using ring = await KeyRing.create();
  const key = await ring.gpg('dev@example.com');
  const secret = await ring.gpgRun('--armor', '--export-secret-keys', key.fingerprint);
  for (const armored_public_key of ['', 'nothing of the kind', secret])
    await refused(users().createGpgKeyForAuthenticatedUser({ armored_public_key }), 422, 'Validation Failed');
  await refused(users().createGpgKeyForAuthenticatedUser({} as never), 422, `Invalid request.\n\n"armored_public_key" wasn't supplied.`);
});

test('a commit signed with a key of its committer is shown as verified, and not when the key is gone', async () => {
  await using ring = await KeyRing.create();
  const key = await ring.ssh();
  const { data: added } = await users().createSshSigningKeyForAuthenticatedUser({ key: key.publicText });
  await using work = await WorkTree.clone(stage.cast.developer.remote('acme/app'));
  await signWith(work, key);
  const sha = await work.commit('signed', { signed: 'x' });
  assert.equal((await work.push('origin', 'HEAD:refs/heads/signed')).code, 0);
  const verification = async () =>
    (await stage.as(stage.cast.developer).rest.repos.getCommit({ ...here, ref: sha })).data.commit.verification;
  const verified = await verification();
  assert.deepEqual([verified?.verified, verified?.reason], [true, 'valid']);
  assert.match(verified?.signature ?? '', /^-----BEGIN SSH SIGNATURE-----/);
  assert.match(verified?.payload ?? '', /^tree [0-9a-f]{40}\n/);
  const { data: plain } = await stage.as(stage.cast.developer).rest.git.getCommit({ ...here, commit_sha: sha });
  assert.deepEqual(plain.verification, verified);
  await users().deleteSshSigningKeyForAuthenticatedUser({ ssh_signing_key_id: added.id });
  assert.equal((await verification())?.verified, false);
});

test('a file that one writes oneself is signed by the server', async () => {
  const { data } = await stage
    .as(stage.cast.developer)
    .rest.repos.createOrUpdateFileContents({ ...here, path: 'own', message: 'own', content: '' });
  assert.equal(data.commit.verification?.verified, true);
  const author = { name: 'Mona', email: 'mona@example.com' };
  const claimed = await stage
    .as(stage.cast.developer)
    .rest.repos.createOrUpdateFileContents({ ...here, path: 'not-own', message: 'claimed', content: '', author });
  assert.deepEqual([claimed.data.commit.verification?.verified, claimed.data.commit.verification?.reason], [false, 'unsigned']);
});
