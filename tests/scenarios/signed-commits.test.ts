import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { must } from '../support/api.ts';
import { remoteLines } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, createPersona, type Persona, type Personas } from '../support/personas.ts';
import { githubRules, protect, protectPattern } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { KeyRing, type SigningKey, signWith, splitSignature, writeCommit } from '../support/signing.ts';

const sentence = 'Commits must have verified signatures.';

describe('a branch that requires signed commits', () => {
  let server: TestServer;
  let cast: Personas;
  let ring: KeyRing;
  let own: SigningKey;
  let stranger: SigningKey;
  let remote: string;

  before(async () => {
    server = await startTestServer();
    [cast, ring] = await Promise.all([castOf(server), KeyRing.create()]);
    remote = cast.developer.remote('acme/app');
    [own, stranger] = await Promise.all([ring.ssh(), ring.ssh()]);
    await must(cast.developer.api('POST', '/user/ssh_signing_keys', { title: 'laptop', key: own.publicText }));
    await using work = await WorkTree.create();
    await work.commit('begin', { 'a.txt': 'a\n' });
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/main');
    await protect(cast.owner.api, 'acme/app', 'main');
    await must(cast.owner.api('POST', '/repos/acme/app/branches/main/protection/required_signatures'));
  });
  after(async () => {
    await ring[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const clone = (): Promise<WorkTree> => WorkTree.clone(remote, '--branch', 'main');

  async function verification(commit: string): Promise<{ verified: boolean; reason: string; signature: string | null }> {
    return (await must(cast.developer.api('GET', `/repos/acme/app/commits/${commit}`))).commit.verification;
  }

  /** Pushes to the branch, sees it refused, and parks the commit elsewhere to learn what the server thinks of its signature. */
  async function refusedBecause(work: WorkTree, as: Persona = cast.developer): Promise<string> {
    const before = await remoteRef(remote, 'refs/heads/main');
    const result = await work.push(as.remote('acme/app'), 'HEAD:refs/heads/main');
    assert.equal(result.code, 1, result.stderr);
    assert.match(result.stderr, /protected branch hook declined/);
    assert.ok(remoteLines(result).includes(`- ${sentence}`), result.stderr);
    assert.equal(await remoteRef(remote, 'refs/heads/main'), before);
    await work.must('push', '--quiet', '--force', remote, 'HEAD:refs/heads/parked');
    const seen = await verification(await work.head());
    assert.equal(seen.verified, false);
    return seen.reason;
  }

  async function passes(work: WorkTree): Promise<void> {
    const result = await work.push(remote, 'HEAD:refs/heads/main');
    assert.equal(result.code, 0, result.stderr);
    assert.doesNotMatch(result.stderr, /Bypass/);
    const seen = await verification(await work.head());
    assert.deepEqual([seen.verified, seen.reason], [true, 'valid']);
  }

  const sshTypes: readonly (readonly string[])[] = [
    ['-t', 'ed25519'],
    ['-t', 'ecdsa', '-b', '256'],
    ['-t', 'ecdsa', '-b', '521'],
    ['-t', 'rsa', '-b', '3072'],
  ];
  for (const type of sshTypes) {
    test(`takes a commit signed with an SSH key (${type.join(' ')})`, async () => {
      const key = await ring.ssh(...type);
      await must(cast.developer.api('POST', '/user/ssh_signing_keys', { key: key.publicText }));
      await using work = await clone();
      await signWith(work, key);
      await work.commit('signed');
      await passes(work);
    });
  }

  test('takes a commit signed with a GPG key, and one signed with its subkey', async () => {
    const key = await ring.gpg('dev@example.com');
    await ring.gpgRun('--quick-add-key', key.fingerprint, 'ed25519', 'sign', '0');
    const publicText = await ring.gpgRun('--armor', '--export', key.fingerprint);
    await must(cast.developer.api('POST', '/user/gpg_keys', { armored_public_key: publicText, name: 'laptop' }));
    const listing = await ring.gpgRun('--with-colons', '--list-keys', key.fingerprint);
    const fingerprints = [...listing.matchAll(/^fpr:+([0-9A-F]{40}):/gm)].map((match) => match[1]!);
    assert.equal(fingerprints.length, 2);
    for (const fingerprint of fingerprints) {
      const use = ring.gpgUse(fingerprint);
      await using work = await clone();
      await signWith(work, use);
      await work.commit('signed', {}, use.env);
      await passes(work);
    }
  });

  test('refuses a commit without a signature', async () => {
    await using work = await clone();
    await work.commit('unsigned');
    assert.equal(await refusedBecause(work), 'unsigned');
  });

  test('refuses a signature by a key that nobody has registered', async () => {
    await using work = await clone();
    await signWith(work, stranger);
    await work.commit('by a stranger');
    assert.equal(await refusedBecause(work), 'unknown_key');
    const gpg = await ring.gpg('dev@example.com');
    await signWith(work, gpg);
    await work.commit('by another stranger', {}, gpg.env);
    assert.equal(await refusedBecause(work), 'unknown_key');
  });

  test("refuses a signature by somebody else's key: it does not prove who committed", async () => {
    const theirs = await ring.ssh();
    await must(cast.attacker.api('POST', '/user/ssh_signing_keys', { key: theirs.publicText }));
    await using work = await clone();
    await signWith(work, theirs);
    await work.commit('the committer says dev, the key says mallory');
    assert.equal(await refusedBecause(work, cast.attacker), 'bad_email');
    const gpg = await ring.gpg('dev@example.com');
    await must(cast.attacker.api('POST', '/user/gpg_keys', { armored_public_key: gpg.publicText }));
    await signWith(work, gpg);
    await work.commit('a GPG key with the name of dev in the account of mallory', {}, gpg.env);
    assert.equal(await refusedBecause(work, cast.attacker), 'bad_email');
  });

  test('takes what a colleague committed and signed, whoever pushes it', async () => {
    const theirs = await ring.ssh();
    await must(cast.maintainer.api('POST', '/user/ssh_signing_keys', { key: theirs.publicText }));
    await using work = await clone();
    await signWith(work, theirs);
    await work.commit('by mona', {}, { GIT_COMMITTER_EMAIL: 'mona@example.com' });
    await passes(work);
  });

  test('refuses a signature by a key that has been removed since', async () => {
    const key = await ring.ssh();
    const { id } = await must(cast.developer.api('POST', '/user/ssh_signing_keys', { key: key.publicText }));
    await using work = await clone();
    await signWith(work, key);
    await work.commit('signed in time');
    await must(cast.developer.api('DELETE', `/user/ssh_signing_keys/${id}`));
    assert.equal(await refusedBecause(work), 'unknown_key');
  });

  test('refuses a signature whose owner has been suspended since', async () => {
    const leaver = await createPersona(server, 'leaver');
    const key = await ring.ssh();
    await must(leaver.api('POST', '/user/ssh_signing_keys', { key: key.publicText }));
    await must(cast.admin.api('PUT', '/users/leaver/suspended'));
    await using work = await clone();
    await signWith(work, key);
    await work.commit('by one who left', {}, { GIT_COMMITTER_EMAIL: 'leaver@example.com' });
    assert.equal(await refusedBecause(work), 'no_user');
  });

  test('refuses a signature by a GPG key, or a subkey, that has expired', async () => {
    const key = await ring.gpg('dev@example.com', 'seconds=2');
    const lasting = await ring.gpg('dev@example.com');
    await ring.gpgRun('--quick-add-key', lasting.fingerprint, 'ed25519', 'sign', 'seconds=2');
    const made = Date.now();
    for (const { fingerprint } of [key, lasting]) {
      const publicText = await ring.gpgRun('--armor', '--export', fingerprint);
      await must(cast.developer.api('POST', '/user/gpg_keys', { armored_public_key: publicText }));
    }
    const listing = await ring.gpgRun('--with-colons', '--list-keys', lasting.fingerprint);
    const subkey = [...listing.matchAll(/^fpr:+([0-9A-F]{40}):/gm)].at(-1)![1]!;
    await using work = await clone();
    const base = await work.head();
    const commits: string[] = [];
    for (const use of [key, ring.gpgUse(subkey)]) {
      await work.must('reset', '--quiet', '--hard', base);
      await signWith(work, use);
      commits.push(await work.commit('signed in time', {}, use.env));
    }
    await sleep(made + 3000 - Date.now());
    for (const commit of commits) {
      await work.must('reset', '--quiet', '--hard', commit);
      assert.equal(await refusedBecause(work), 'expired_key');
    }
  });

  test('refuses the signature of another commit that was pasted onto this one', async () => {
    await using work = await clone();
    await signWith(work, own);
    const { header } = await splitSignature(work, await work.commit('good'));
    const { rest } = await splitSignature(work, await work.commit('bad', { 'a.txt': 'malice\n' }));
    const forged = await writeCommit(work, rest.replace('\n\n', `\n${header}\n`));
    await work.must('reset', '--quiet', '--hard', forged);
    assert.equal(await refusedBecause(work), 'invalid');
  });

  test('refuses a signature that was made for something else than git', async () => {
    await using work = await clone();
    await signWith(work, own);
    const { rest } = await splitSignature(work, await work.commit('signed as a file'));
    const signature = await sshSign(rest, 'file');
    const forged = await writeCommit(work, rest.replace('\n\n', `\ngpgsig ${signature.trimEnd().replaceAll('\n', '\n ')}\n\n`));
    await work.must('reset', '--quiet', '--hard', forged);
    assert.equal(await refusedBecause(work), 'invalid');
  });

  async function sshSign(payload: string, namespace: string): Promise<string> {
    return ring.run('ssh-keygen', ['-Y', 'sign', '-q', '-n', namespace, '-f', own.settings['user.signingkey']!], payload);
  }

  test('refuses an unsigned commit in the middle of signed ones, and names it', async () => {
    await using work = await clone();
    await signWith(work, own);
    await work.commit('first');
    await signWith(work, null);
    const culprit = await work.commit('second');
    await signWith(work, own);
    await work.commit('third');
    const result = await work.push(remote, 'HEAD:refs/heads/main');
    assert.equal(result.code, 1);
    assert.match(result.stderr, new RegExp(`verified signatures\\.[^]*${culprit}`));
    assert.doesNotMatch(result.stderr, new RegExp(await work.head()));
  });

  test('refuses an unsigned commit that was parked on another branch before', async () => {
    await using work = await clone();
    await work.commit('parked, unsigned');
    await work.must('push', '--quiet', '--force', remote, 'HEAD:refs/heads/parking');
    await signWith(work, own);
    await work.commit('signed on top');
    const result = await work.push(remote, 'HEAD:refs/heads/main');
    assert.ok(remoteLines(result).includes(`- ${sentence}`), result.stderr);
  });

  test('refuses an unsigned merge of signed commits, and an unsigned commit on the side of a signed merge', async () => {
    await using work = await clone();
    await signWith(work, own);
    const base = await work.head();
    await work.commit('on main');
    await work.must('checkout', '--quiet', '-b', 'side', base);
    await work.commit('signed, on the side');
    await work.must('checkout', '--quiet', 'main');
    await work.must('merge', '--quiet', '--no-edit', '--no-gpg-sign', 'side');
    assert.equal(await refusedBecause(work), 'unsigned');

    await work.must('reset', '--quiet', '--hard', 'HEAD~1');
    await work.must('checkout', '--quiet', 'side');
    await signWith(work, null);
    const culprit = await work.commit('unsigned, on the side');
    await signWith(work, own);
    await work.commit('signed above it');
    await work.must('checkout', '--quiet', 'main');
    await work.must('merge', '--quiet', '--no-edit', 'side');
    const result = await work.push(remote, 'HEAD:refs/heads/main');
    assert.match(result.stderr, new RegExp(`verified signatures\\.[^]*${culprit}`));
    await work.must('reset', '--quiet', '--hard', 'HEAD~1');
    await passes(work);
  });

  test('looks at a new branch where creating one is restricted, and only there', async () => {
    const dev = (await must(cast.developer.api('GET', '/user'))).id;
    const restriction = { type: 'actor_restriction', parameters: { grants: [{ kind: 'user', id: dev }], coversCreation: true } };
    const signatures = { type: 'required_signatures', parameters: {} };
    await protectPattern(cast.owner.api, 'acme/app', {
      origin: 'github',
      pattern: 'strict/*',
      rules: githubRules(restriction, signatures),
    });
    await protectPattern(cast.owner.api, 'acme/app', { origin: 'github', pattern: 'lax/*', rules: githubRules(signatures) });
    await using work = await clone();
    await work.commit('unsigned');
    const refused = await work.push(remote, 'HEAD:refs/heads/strict/one');
    assert.ok(remoteLines(refused).includes(`- ${sentence}`), refused.stderr);
    assert.equal((await work.push(remote, 'HEAD:refs/heads/lax/one')).code, 0);
    await work.must('reset', '--quiet', '--hard', 'HEAD~1');
    await signWith(work, own);
    await work.commit('signed');
    const taken = await work.push(remote, 'HEAD:refs/heads/strict/one');
    assert.equal(taken.code, 0, taken.stderr);
  });

  test("takes what the server commits and signs for its caller; not what carries an author of the caller's choice", async () => {
    const file = { message: 'by the API', content: Buffer.from('x').toString('base64'), branch: 'main' };
    const { commit } = await must(cast.developer.api('PUT', '/repos/acme/app/contents/by-api.txt', file));
    assert.equal(commit.verification.verified, true);
    assert.match(commit.verification.signature, /^-----BEGIN SSH SIGNATURE-----/);
    assert.equal(await remoteRef(remote, 'refs/heads/main'), commit.sha);
    const { key } = await must(cast.developer.api('GET', '/api/sallyport/v1/signing-key'));
    await using work = await clone();
    await writeFile(join(work.path, '.git', 'signers'), `dev@example.com ${key}\n`);
    await work.must('-c', `gpg.ssh.allowedSignersFile=${join(work.path, '.git', 'signers')}`, 'verify-commit', 'HEAD');

    for (const author of [
      { name: 'Olga', email: 'olga@example.com' },
      { name: 'dev', email: 'dev@example.com' },
    ]) {
      const answer = await cast.developer.api('PUT', '/repos/acme/app/contents/forged.txt', { ...file, author });
      assert.deepEqual([answer.status, answer.body.message], [409, `Could not create file: ${sentence}`]);
    }
    assert.equal(await remoteRef(remote, 'refs/heads/main'), commit.sha);
  });

  test('refuses a commit composed through the API unless its client signed it', async () => {
    const tip = (await remoteRef(remote, 'refs/heads/main'))!;
    const { tree } = await must(cast.developer.api('GET', `/repos/acme/app/git/commits/${tip}`));
    const person = { name: 'Dev', email: 'dev@example.com', date: '2026-02-03T04:05:06Z' };
    const body = { message: 'composed', tree: tree.sha, parents: [tip], author: person };
    const unsigned = await must(cast.developer.api('POST', '/repos/acme/app/git/commits', body));
    assert.deepEqual([unsigned.verification.verified, unsigned.verification.reason], [false, 'unsigned']);
    const refused = await cast.developer.api('PATCH', '/repos/acme/app/git/refs/heads/main', { sha: unsigned.sha });
    assert.deepEqual([refused.status, refused.body.message], [422, sentence]);

    const line = `Dev <dev@example.com> ${Date.parse(person.date) / 1000} +0000`;
    const payload = `tree ${tree.sha}\nparent ${tip}\nauthor ${line}\ncommitter ${line}\n\ncomposed`;
    const signed = await must(
      cast.developer.api('POST', '/repos/acme/app/git/commits', { ...body, signature: await sshSign(payload, 'git') }),
    );
    assert.equal(signed.verification.reason, 'valid');
    await must(cast.developer.api('PATCH', '/repos/acme/app/git/refs/heads/main', { sha: signed.sha }));
    assert.equal(await remoteRef(remote, 'refs/heads/main'), signed.sha);
  });

  test('merges through the API only what is signed throughout', async () => {
    await using work = await clone();
    await work.commit('unsigned', { 'u.txt': 'u\n' });
    await work.must('push', '--quiet', '--force', remote, 'HEAD:refs/heads/unsigned');
    const refused = await cast.developer.api('POST', '/repos/acme/app/merges', { base: 'main', head: 'unsigned' });
    assert.deepEqual([refused.status, refused.body.message], [409, sentence]);
    await work.must('reset', '--quiet', '--hard', 'HEAD~1');
    await signWith(work, own);
    await work.commit('signed', { 's.txt': 's\n' });
    await work.must('push', '--quiet', '--force', remote, 'HEAD:refs/heads/signed');
    const merged = await must(cast.developer.api('POST', '/repos/acme/app/merges', { base: 'main', head: 'signed' }));
    assert.equal(merged.commit.verification.verified, true);
  });

  test('reads the signatures of a SHA-256 repository too', async () => {
    await must(cast.owner.api('POST', '/orgs/acme/repos', { name: 'wide', private: true, object_format: 'sha256' }));
    await must(cast.owner.api('PUT', '/repos/acme/wide/collaborators/dev', { permission: 'push' }));
    const wide = cast.developer.remote('acme/wide');
    await using work = await WorkTree.create('sha256');
    await work.commit('begin');
    await work.must('push', '--quiet', wide, 'HEAD:refs/heads/main');
    await protect(cast.owner.api, 'acme/wide', 'main');
    await must(cast.owner.api('POST', '/repos/acme/wide/branches/main/protection/required_signatures'));
    const unsigned = await work.commit('unsigned');
    assert.match((await work.push(wide, 'HEAD:refs/heads/main')).stderr, new RegExp(`verified signatures\\.[^]*${unsigned}`));
    await work.must('reset', '--quiet', '--hard', 'HEAD~1');
    await signWith(work, own);
    await work.commit('signed');
    const taken = await work.push(wide, 'HEAD:refs/heads/main');
    assert.equal(taken.code, 0, taken.stderr);
  });
});
