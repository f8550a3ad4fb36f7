/**
 * Family F, names: one name is judged and another one moves. The attacker
 * 1. spells the protected branch in every way that something might resolve to it, at every door of the API;
 * 2. gives a tag the name of the branch, and a branch the name of a tag;
 * 3. goes through a symbolic ref, or through the repository's name in other letters.
 * Pushes of names that look alike, of clashing names and of names that read as an object id are in multi-ref.test.ts; symbolic refs in a push in
 * tests/differential/differences.test.ts.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ApiAnswer, must } from '../support/api.ts';
import { git, mustGit } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, type Persona, type Personas } from '../support/personas.ts';
import { protect } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const main = 'refs/heads/main';

/** What something, somewhere, may take for `main`. */
const spellings = [
  ...['refs/heads/main', 'heads/main', '/main', 'main/', './main', 'main/.', 'x/../main', 'refs/heads/refs/heads/main', 'origin/main'],
  ...['MAIN', 'Main', 'm\u0430in', 'ma\u0131n', 'main\u200b', '\ufeffmain', 'main ', ' main', 'main\t', 'main\u00a0', '\uff4dain'],
  ...['main^0', 'main~0', 'main@{0}', 'main@{u}', 'main^{commit}', 'HEAD', '@', '@{-1}', '-', ':/two', 'main:'],
  ...['ma%69n', '%6dain', 'main%00', 'main%20', 'main.lock', 'main.', 'main..main', 'main...main', '*', 'm*', 'mai?', '[m]ain'],
];

describe('the name of a protected branch', { timeout: 120_000 }, () => {
  let server: TestServer;
  let cast: Personas;
  let mallory: Persona;
  let work: WorkTree;
  let [base, evil]: [string, string] = ['', ''];
  let folder = '';
  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    mallory = cast.attacker;
    work = await WorkTree.create();
    base = await work.commit('one', { 'a.txt': 'a\n' });
    const remote = cast.owner.remote('acme/app');
    await work.must('push', '--quiet', remote, `HEAD:${main}`);
    evil = await work.commit('two', { 'evil.txt': 'evil\n' });
    await work.must('push', '--quiet', mallory.remote('acme/app'), 'HEAD:refs/heads/evil');
    await protect(cast.owner.api, 'acme/app', 'main', { lock_branch: true, enforce_admins: true });
    const { id } = await must(cast.owner.api('GET', '/repos/acme/app'));
    folder = server.running.house.gate.repositories.open(id, 'sha1').path;
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Every ref with where it stands; a name may end in what JavaScript takes for a blank. */
  async function refs(): Promise<Map<string, string>> {
    const { stdout } = await git(folder, ['for-each-ref', '--format=%(objectname) %(refname)']);
    const lines = stdout.split('\n').filter((line) => line !== '');
    return new Map(lines.map((line) => [line.slice(41), line.slice(0, 40)]));
  }

  /** What a door would make of the name, if it takes it at its word. */
  const doors: Readonly<Record<string, (name: string) => [made: string | null, call: () => Promise<ApiAnswer>][]>> = {
    'the contents': (name) => [
      [null, () => mallory.api('PUT', '/repos/acme/app/contents/x.txt', { message: 'm', content: '', branch: name })],
      [null, () => mallory.api('DELETE', '/repos/acme/app/contents/a.txt', { message: 'm', sha: '1'.repeat(40), branch: name })],
    ],
    'a merge': (name) => [[null, () => mallory.api('POST', '/repos/acme/app/merges', { base: name, head: 'evil' })]],
    'a new ref': (name) => [
      [`refs/heads/${name}`, () => mallory.api('POST', '/repos/acme/app/git/refs', { ref: `refs/heads/${name}`, sha: evil })],
      [name, () => mallory.api('POST', '/repos/acme/app/git/refs', { ref: name, sha: evil })],
    ],
    'a ref that moves': (name) =>
      [name, encodeURIComponent(name)].flatMap((path): [null, () => Promise<ApiAnswer>][] => [
        [null, () => mallory.api('PATCH', `/repos/acme/app/git/refs/heads/${path}`, { sha: evil, force: true })],
        [null, () => mallory.api('PATCH', `/repos/acme/app/git/refs/${path}`, { sha: evil, force: true })],
        [null, () => mallory.api('DELETE', `/repos/acme/app/git/refs/heads/${path}`)],
      ]),
    'a new name of a branch': (name) => [
      [null, () => mallory.api('POST', `/repos/acme/app/branches/${encodeURIComponent(name)}/rename`, { new_name: 'free' })],
      [`refs/heads/${name}`, () => mallory.api('POST', '/repos/acme/app/branches/spare/rename', { new_name: name })],
    ],
  };
  for (const [door, callsOf] of Object.entries(doors)) {
    test(`is not reached by another spelling through ${door}`, async () => {
      let refused = 0;
      const known = [main, 'refs/heads/evil', 'refs/heads/spare'];
      for (const spelling of spellings) {
        const expected: string[] = [];
        for (const [wanted, call] of callsOf(spelling)) {
          if (wanted !== null) await mallory.api('POST', '/repos/acme/app/git/refs', { ref: 'refs/heads/spare', sha: evil });
          const { status, body } = await call();
          assert.ok(status < 500, `${spelling}: ${status} ${JSON.stringify(body)}`);
          if (status < 300 && wanted !== null) expected.push(wanted);
          if (status >= 400) refused++;
        }
        const found = await refs();
        assert.equal(found.get(main), base, spelling);
        const fresh = [...found.keys()].filter((ref) => !known.includes(ref));
        // Whatever came to be has that very name, to the byte.
        assert.deepEqual(fresh.sort(), [...new Set(expected)].sort(), spelling);
        for (const ref of fresh)
          await must(mallory.api('DELETE', `/repos/acme/app/git/${ref.split('/').map(encodeURIComponent).join('/')}`));
      }
      assert.ok(refused > spellings.length / 2, String(refused));
    });
  }

  test('is the branch’s, also when a tag has it', async () => {
    const { owner } = cast;
    await work.must(
      'push',
      '--quiet',
      mallory.remote('acme/app'),
      `${evil}:refs/tags/main`,
      `${evil}:refs/tags/refs/heads/main`,
      `${evil}:refs/tags/heads/main`,
    );
    assert.equal(await remoteRef(owner.remote('acme/app'), main), base);
    assert.equal((await must(owner.api('GET', '/repos/acme/app/commits/main'))).sha, base);
    assert.equal((await must(owner.api('GET', '/repos/acme/app/branches/main'))).commit.sha, base);
    assert.equal((await owner.api('GET', '/repos/acme/app/contents/evil.txt?ref=main')).status, 404);
    assert.equal((await must(owner.api('GET', '/repos/acme/app/compare/main...evil'))).ahead_by, 1);
    await must(owner.api('POST', '/repos/acme/app/git/refs', { ref: 'refs/heads/target', sha: base }));
    const merged = await owner.api('POST', '/repos/acme/app/merges', { base: 'target', head: 'main' });
    assert.equal(merged.status, 204, 'the branch has nothing new; the tag would have');
    const written = await must(owner.api('PUT', '/repos/acme/app/contents/n.txt', { message: 'm', content: '', branch: 'target' }));
    assert.deepEqual(
      written.commit.parents.map(({ sha }: { sha: string }) => sha),
      [base],
    );
    for (const ref of ['tags/main', 'tags/heads/main', 'tags/refs/heads/main'])
      await must(mallory.api('DELETE', `/repos/acme/app/git/refs/${ref}`));
    assert.equal(await remoteRef(owner.remote('acme/app'), main), base);
  });

  test('is not written through a symbolic ref', async () => {
    await mustGit(folder, ['symbolic-ref', 'refs/heads/alias', main]);
    server.running.house.gate.repositories.open((await must(cast.owner.api('GET', '/repos/acme/app'))).id, 'sha1').refs.forget();
    const pushed = await work.push(mallory.remote('acme/app'), `+${evil}:refs/heads/alias`);
    assert.notEqual(pushed.code, 0);
    const calls = [
      mallory.api('PATCH', '/repos/acme/app/git/refs/heads/alias', { sha: evil, force: true }),
      mallory.api('DELETE', '/repos/acme/app/git/refs/heads/alias'),
      mallory.api('PUT', '/repos/acme/app/contents/x.txt', { message: 'm', content: '', branch: 'alias' }),
      mallory.api('POST', '/repos/acme/app/merges', { base: 'alias', head: 'evil' }),
      mallory.api('POST', '/repos/acme/app/branches/alias/rename', { new_name: 'mine' }),
    ];
    for (const { status } of await Promise.all(calls)) assert.ok(status >= 400 && status < 500, String(status));
    assert.equal(await mustGit(folder, ['rev-parse', main]), base);
    await mustGit(folder, ['symbolic-ref', '--delete', 'refs/heads/alias']);
  });

  test('of the repository and its owner in other letters is the same repository, with the same rules', async () => {
    for (const path of ['ACME/app', 'acme/APP', 'AcMe/ApP', '/acme//app', 'acme/app/']) {
      const { host } = new URL(server.url);
      const pushed = await work.push(`http://mallory:${mallory.token}@${host}/${path}.git`.replace('/.git', '.git'), `+${evil}:${main}`);
      assert.notEqual(pushed.code, 0, path);
      assert.match(pushed.stderr, /GH006|not found/i, path);
      assert.equal((await mallory.api('PATCH', `/repos/${path}/git/refs/heads/main`, { sha: evil, force: true })).status >= 400, true);
    }
    assert.equal(await mustGit(folder, ['rev-parse', main]), base);
  });
});
