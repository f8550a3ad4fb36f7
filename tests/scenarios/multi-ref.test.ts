import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { type GitResult, mustGit } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, type Persona, type Personas } from '../support/personas.ts';
import { githubRules, protect, protectPattern } from '../support/protections.ts';
import { entries } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const declined = 'protected branch hook declined';

describe('a push of several refs', () => {
  let server: TestServer;
  let cast: Personas;
  let work: WorkTree;
  let base: string;
  let repositories = 0;

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    work = await WorkTree.create();
    base = await work.commit('begin', { 'a.txt': 'a\n' });
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** A new repository with a protected `main`; the work tree is one commit ahead of it. */
  async function start(...branches: string[]): Promise<{ name: string; remote: string; next: string }> {
    repositories += 1;
    const name = `acme/multi-${repositories}`;
    await must(cast.owner.api('POST', '/orgs/acme/repos', { name: name.slice('acme/'.length), private: true }));
    await must(cast.owner.api('PUT', `/repos/${name}/collaborators/dev`, { permission: 'push' }));
    const remote = cast.developer.remote(name);
    for (const branch of ['main', ...branches]) await work.must('push', '--quiet', remote, `${base}:refs/heads/${branch}`);
    await protect(cast.owner.api, name, 'main', { required_pull_request_reviews: {}, enforce_admins: true });
    await work.must('checkout', '--quiet', '-B', 'work', base);
    return { name, remote, next: await work.commit(`for ${name}`) };
  }

  /** What the client was told of each ref: its reason, or `ok`. */
  function answers({ stdout, stderr }: GitResult): Record<string, string> {
    const told: Record<string, string> = {};
    for (const line of stdout.split('\n')) {
      const [flag, refs, text = ''] = line.split('\t');
      if (refs === undefined) continue;
      const ref = refs.slice(refs.indexOf(':') + 1);
      told[ref] = flag === '!' ? (/\((.*)\)$/.exec(text)?.[1] ?? text) : 'ok';
    }
    assert.notDeepEqual(told, {}, stderr);
    return told;
  }

  const push = async (persona: Persona, repository: string, ...args: string[]) =>
    answers(await work.push(persona.remote(repository), '--porcelain', ...args));

  test('answers each ref for itself: what is refused does not hold up what is fine, in any order', async () => {
    for (const order of [0, 1, 2]) {
      const { name, remote, next } = await start();
      const refspecs = ['HEAD:refs/heads/main', 'HEAD:refs/heads/topic', 'HEAD:refs/tags/v1'];
      const told = await push(cast.developer, name, ...refspecs.slice(order), ...refspecs.slice(0, order));
      assert.deepEqual(told, { 'refs/heads/main': declined, 'refs/heads/topic': 'ok', 'refs/tags/v1': 'ok' });
      assert.deepEqual([await remoteRef(remote, 'refs/heads/main'), await remoteRef(remote, 'refs/heads/topic')], [base, next]);
    }
  });

  test('is all or nothing when that is asked for', async () => {
    const { name, remote } = await start('topic');
    const told = await push(cast.developer, name, '--atomic', 'HEAD:refs/heads/main', 'HEAD:refs/heads/topic', 'HEAD:refs/heads/fresh');
    assert.equal(told['refs/heads/main'], declined);
    for (const ref of ['refs/heads/topic', 'refs/heads/fresh']) assert.match(told[ref]!, /atomic/);
    assert.deepEqual([await remoteRef(remote, 'refs/heads/topic'), await remoteRef(remote, 'refs/heads/fresh')], [base, null]);
    const unseen = await cast.developer.api('GET', `/repos/${name}/git/commits/${await work.head()}`);
    assert.equal(unseen.status, 404, 'nothing of a wholly refused push stays');
    const fine = await push(cast.developer, name, '--atomic', 'HEAD:refs/heads/topic', 'HEAD:refs/heads/fresh');
    assert.deepEqual(fine, { 'refs/heads/topic': 'ok', 'refs/heads/fresh': 'ok' });
  });

  test('judges every ref by its own repository, branch and change, not by the first', async () => {
    const { name } = await start('topic', 'locked', 'gone');
    await protect(cast.owner.api, name, 'locked', { lock_branch: true, enforce_admins: true });
    await protect(cast.owner.api, name, 'gone', { enforce_admins: true });
    const told = await push(
      cast.developer,
      name,
      'HEAD:refs/heads/topic',
      'HEAD:refs/heads/locked',
      ':refs/heads/gone',
      'HEAD:refs/heads/main',
    );
    assert.deepEqual(told, {
      'refs/heads/topic': 'ok',
      'refs/heads/locked': declined,
      'refs/heads/gone': declined,
      'refs/heads/main': declined,
    });
  });

  test('mirrors what it may: the rest is refused, branch by branch, and what is gone locally goes if it may', async () => {
    const { name, remote } = await start('extra');
    await using local = await WorkTree.clone(remote);
    await local.must('config', 'user.name', 'x');
    await local.commit('mirrored');
    await local.must('branch', 'added');
    await local.must('branch', '--remotes', '--delete', 'origin/main', 'origin/extra', 'origin/HEAD');
    const told = answers(await local.git('push', '--porcelain', '--mirror', remote));
    assert.deepEqual(told, { 'refs/heads/main': declined, 'refs/heads/added': 'ok', 'refs/heads/extra': 'ok' });
    assert.equal(await remoteRef(remote, 'refs/heads/extra'), null);
    assert.equal(await remoteRef(remote, 'refs/heads/main'), base);
    const [entry] = await entries(server, `action:git.push repo:${name}`);
    assert.equal(entry.updates.length, 3);
  });

  test('takes tags and notes: lightweight ones, annotated ones, a tag of a tag, of a tree, of a commit that nobody has seen', async () => {
    const { name, remote } = await start();
    await work.must('tag', '--force', 'light');
    await work.must('tag', '--force', '-a', '-m', 'one', 'annotated');
    await work.must('tag', '--force', '-a', '-m', 'two', 'nested', 'annotated');
    await work.must('tag', '--force', '-a', '-m', 'tree', 'of-tree', 'HEAD^{tree}');
    await work.must('notes', 'add', '--force', '-m', 'a note');
    const refs = ['refs/tags/light', 'refs/tags/annotated', 'refs/tags/nested', 'refs/tags/of-tree', 'refs/notes/commits'];
    const told = await push(cast.developer, name, ...refs.map((ref) => `${ref}:${ref}`));
    assert.deepEqual(told, Object.fromEntries(refs.map((ref) => [ref, 'ok'])));
    assert.equal(await remoteRef(remote, 'refs/tags/nested'), await work.must('rev-parse', 'nested'));
    assert.equal((await cast.developer.api('GET', `/repos/${name}/git/commits/${await work.head()}`)).status, 200);
    await using clone = await WorkTree.clone(remote);
    assert.equal(await clone.must('rev-parse', 'nested^{commit}'), await work.head());
  });

  test('does not let a tag of a commit make the commit less new to a branch', async () => {
    const { name, remote } = await start('line');
    await protect(cast.owner.api, name, 'line', { required_linear_history: true, enforce_admins: true });
    await work.must('checkout', '--quiet', '-B', 'side', base);
    await work.commit('side');
    await work.must('checkout', '--quiet', 'work');
    await work.must('merge', '--quiet', '--no-edit', 'side');
    const told = await push(cast.developer, name, 'HEAD:refs/tags/merged', 'HEAD:refs/heads/parked', 'HEAD:refs/heads/line');
    assert.deepEqual(told, { 'refs/tags/merged': 'ok', 'refs/heads/parked': 'ok', 'refs/heads/line': declined });
    assert.equal(await remoteRef(remote, 'refs/heads/line'), base);
  });

  test('deletes one name and makes another of the same commit, and trades a file name for a folder name', async () => {
    const { name, remote, next } = await start('old', 'a');
    const told = await push(cast.developer, name, ':refs/heads/old', 'HEAD:refs/heads/new', ':refs/heads/a', 'HEAD:refs/heads/a/b');
    assert.deepEqual(told, { 'refs/heads/old': 'ok', 'refs/heads/new': 'ok', 'refs/heads/a': 'ok', 'refs/heads/a/b': 'ok' });
    assert.equal(await remoteRef(remote, 'refs/heads/a/b'), next);
    const back = await push(cast.developer, name, '--atomic', ':refs/heads/a/b', 'HEAD:refs/heads/a');
    assert.match(back['refs/heads/a']!, /above or below/);
    assert.equal(await remoteRef(remote, 'refs/heads/a/b'), next);
  });

  test('does not trade a protected name away, one way or the other', async () => {
    const { name, remote } = await start();
    const told = await push(cast.developer, name, ':refs/heads/main', 'HEAD:refs/heads/main/sub');
    assert.equal(told['refs/heads/main'], 'refusing to delete the current branch: refs/heads/main');
    assert.notEqual(told['refs/heads/main/sub'], 'ok');
    assert.equal(await remoteRef(remote, 'refs/heads/main'), base);
    assert.equal(await remoteRef(remote, 'refs/heads/main/sub'), null);
  });

  test('has clashing names refused, and the rest taken', async () => {
    const { name } = await start('taken');
    const told = await push(
      cast.developer,
      name,
      'HEAD:refs/heads/taken/sub',
      'HEAD:refs/heads/x/y',
      'HEAD:refs/heads/x',
      'HEAD:refs/heads/fine',
    );
    assert.match(told['refs/heads/taken/sub']!, /above or below/);
    assert.equal(told['refs/heads/fine'], 'ok');
    assert.ok(told['refs/heads/x'] !== 'ok' || told['refs/heads/x/y'] !== 'ok');
  });

  test('writes no ref of the server, no HEAD, and nothing outside refs', async () => {
    const { name, remote } = await start();
    const hidden = ['refs/pull/1/head', 'refs/pull/1/merge', 'refs/merge-requests/1/head', 'refs/sallyport/fence', 'refs/keep-around/x'];
    const told = await push(cast.developer, name, ...hidden.map((ref) => `HEAD:${ref}`), 'HEAD:refs/heads/fine');
    for (const ref of hidden) assert.equal(told[ref], 'deny updating a hidden ref', ref);
    assert.equal(told['refs/heads/fine'], 'ok');
    for (const ref of ['HEAD', 'refs/stash', 'FETCH_HEAD']) {
      const result = await work.push(remote, `${await work.head()}:${ref}`);
      assert.notEqual(result.code, 0, ref);
    }
    for (const ref of hidden) {
      assert.equal((await cast.developer.api('POST', `/repos/${name}/git/refs`, { ref, sha: base })).status, 409, ref);
      assert.equal(await remoteRef(remote, ref), null);
    }
  });

  test('shows nobody the refs that are the server’s own', async () => {
    const { name, remote, next } = await start();
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/topic');
    const { gate } = server.running.house.context;
    const { id } = await must(cast.owner.api('GET', `/repos/${name}`));
    const path = gate.repositories.open(id, 'sha1').path;
    await mustGit(path, ['update-ref', 'refs/sallyport/secret', next]);
    const listed = await mustGit('/', ['ls-remote', remote]);
    assert.doesNotMatch(listed, /refs\/sallyport/);
    const v0 = await mustGit('/', ['-c', 'protocol.version=0', 'ls-remote', remote]);
    assert.doesNotMatch(v0, /refs\/sallyport/);
    for (const call of ['git/refs', 'git/matching-refs/sallyport', 'git/ref/sallyport/secret', 'git/refs/sallyport/secret']) {
      const answer = await cast.developer.api('GET', `/repos/${name}/${call}`);
      assert.doesNotMatch(JSON.stringify(answer.body), /refs\/sallyport/, call);
    }
    const deleted = await cast.developer.api('DELETE', `/repos/${name}/git/refs/sallyport/secret`);
    assert.ok([404, 409, 422].includes(deleted.status));
    assert.equal(await mustGit(path, ['rev-parse', 'refs/sallyport/secret']), next);
  });

  test('is told of a thousand refs in one push', async () => {
    const { name, remote } = await start();
    const lines = Array.from({ length: 1000 }, (_, index) => `create refs/heads/bulk/${index} ${base}\n`).join('');
    await mustGit(work.path, ['update-ref', '--stdin'], { input: lines });
    const told = await push(cast.developer, name, 'refs/heads/bulk/*:refs/heads/bulk/*', 'HEAD:refs/heads/main');
    assert.equal(Object.values(told).filter((answer) => answer === 'ok').length, 1000);
    assert.equal(told['refs/heads/main'], declined);
    const listed = await mustGit('/', ['ls-remote', remote, 'refs/heads/bulk/*']);
    assert.equal(listed.split('\n').length, 1000);
  });

  test('of names that look alike moves just those that were named', async () => {
    const { name, remote, next } = await start();
    const names = [
      'refs/heads/refs/heads/main',
      'refs/tags/refs/heads/main',
      'refs/tags/main',
      'refs/heads/Main',
      'refs/heads/ma\u0456n',
      'refs/heads/e\u0301',
      'refs/heads/\u00e9',
    ];
    const told = await push(cast.developer, name, ...names.map((ref) => `HEAD:${ref}`));
    assert.deepEqual(told, Object.fromEntries(names.map((ref) => [ref, 'ok'])));
    assert.equal(await remoteRef(remote, 'refs/heads/main'), base);
    for (const ref of names) assert.equal(await remoteRef(remote, ref), next, ref);
    const rules = githubRules({ type: 'lock', parameters: { forkSync: false } });
    await protectPattern(cast.owner.api, name, { origin: 'github', pattern: '\u00e9', rules });
    await work.commit('again');
    const again = await push(cast.developer, name, 'HEAD:refs/heads/\u00e9', 'HEAD:refs/heads/e\u0301');
    assert.deepEqual(again, { 'refs/heads/\u00e9': declined, 'refs/heads/e\u0301': 'ok' });
  });

  test('makes no branch whose name reads as an object id', async () => {
    const { name, remote, next } = await start();
    const told = await push(cast.developer, name, `HEAD:refs/heads/${base}`, `HEAD:refs/heads/${base}-x`, `HEAD:refs/heads/x-${base}`);
    assert.match(told[`refs/heads/${base}`]!, /cannot begin like an object id/);
    assert.match(told[`refs/heads/${base}-x`]!, /cannot begin like an object id/);
    assert.equal(told[`refs/heads/x-${base}`], 'ok');
    assert.equal(await remoteRef(remote, `refs/heads/x-${base}`), next);
  });
});
