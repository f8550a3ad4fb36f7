import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { mustGit } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { protect } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const linear = { required_linear_history: true, enforce_admins: true };
const merges = /This branch must not contain merge commits/;

describe('a client whose repository is not the plain one', () => {
  let server: TestServer;
  let cast: Personas;
  let repositories = 0;

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
  });
  after(() => server[Symbol.asyncDispose]());

  async function newRepository(format: 'sha1' | 'sha256' = 'sha1'): Promise<{ name: string; remote: string }> {
    repositories += 1;
    const name = `acme/client-${repositories}`;
    await must(cast.owner.api('POST', '/orgs/acme/repos', { name: name.slice('acme/'.length), private: true, object_format: format }));
    await must(cast.owner.api('PUT', `/repos/${name}/collaborators/dev`, { permission: 'push' }));
    return { name, remote: cast.developer.remote(name) };
  }

  /** Ten commits with a file each on the server's `main`, which wants a line. */
  async function withHistory(): Promise<{ name: string; remote: string }> {
    const made = await newRepository();
    await using work = await WorkTree.create();
    for (let index = 0; index < 10; index++) await work.commit(`commit ${index}`, { [`f${index}.txt`]: `${index}\n`.repeat(50) });
    await work.must('push', '--quiet', made.remote, 'HEAD:refs/heads/main');
    await protect(cast.owner.api, made.name, 'main', linear);
    return made;
  }

  /** Work on a side, merged. */
  async function merge(work: WorkTree): Promise<void> {
    await work.must('checkout', '--quiet', '-b', 'side', 'HEAD~1');
    await work.commit('side', { 'side.txt': 's\n' });
    await work.must('checkout', '--quiet', '-');
    await work.must('merge', '--quiet', '--no-edit', 'side');
  }

  test('with SHA-256 clones, pushes and is refused like any other', async () => {
    const { name, remote } = await newRepository('sha256');
    await using work = await WorkTree.create('sha256');
    await work.commit('begin', { 'a.txt': 'a\n' });
    const first = await work.commit('second', { 'a.txt': 'b\n' });
    assert.equal(first.length, 64);
    assert.equal((await work.push(remote, 'HEAD:refs/heads/main')).code, 0);
    await protect(cast.owner.api, name, 'main', linear);
    await using clone = await WorkTree.clone(remote);
    assert.equal(await clone.head(), first);
    await clone.commit('third');
    assert.equal((await clone.push(remote, 'HEAD:refs/heads/main')).code, 0);
    await merge(clone);
    assert.match((await clone.push(remote, 'HEAD:refs/heads/main')).stderr, merges);
    const file = { message: 'x', content: 'eA==', branch: 'main' };
    const written = await must(cast.developer.api('PUT', `/repos/${name}/contents/x.txt`, file));
    assert.equal(written.commit.sha.length, 64);
    await clone.must('fetch', '--quiet', remote, 'main');
    assert.equal(await clone.head('FETCH_HEAD'), written.commit.sha);
    await clone.must('fsck', '--strict');
  });

  test('with SHA-1 does not get into a SHA-256 repository, nor the other way round', async () => {
    const [wide, narrow] = [await newRepository('sha256'), await newRepository()];
    for (const [format, { name, remote }] of [
      ['sha1', wide],
      ['sha256', narrow],
    ] as const) {
      await using work = await WorkTree.create(format);
      await work.commit('begin');
      const result = await work.push(remote, 'HEAD:refs/heads/main');
      assert.notEqual(result.code, 0, result.stderr);
      assert.deepEqual(await must(cast.owner.api('GET', `/repos/${name}/branches`)), []);
    }
  });

  test('a shallow one pushes what it made; what it does not have is not missed', async () => {
    const { remote } = await withHistory();
    await using shallow = await WorkTree.clone(remote, '--depth=2');
    assert.equal(await shallow.must('rev-list', '--count', 'HEAD'), '2');
    const next = await shallow.commit('on top', { 'new.txt': 'n\n' });
    const result = await shallow.push(remote, 'HEAD:refs/heads/main');
    assert.equal(result.code, 0, result.stderr);
    assert.equal(await remoteRef(remote, 'refs/heads/main'), next);
    await merge(shallow);
    assert.match((await shallow.push(remote, 'HEAD:refs/heads/main')).stderr, merges);
  });

  test('a shallow one does not cut the history of the server off', async () => {
    const { remote } = await withHistory();
    const other = await newRepository();
    await using shallow = await WorkTree.clone(remote, '--depth=1');
    await shallow.commit('on top');
    const result = await shallow.push(other.remote, 'HEAD:refs/heads/main');
    assert.match(result.stderr, /\[remote rejected\]/);
    assert.equal(await remoteRef(other.remote, 'refs/heads/main'), null);
    await shallow.must('fetch', '--quiet', '--unshallow', remote);
    assert.equal((await shallow.push(other.remote, 'HEAD:refs/heads/main')).code, 0);
  });

  test('a shallow one does not hide a merge behind its edge', async () => {
    const { remote } = await withHistory();
    await using full = await WorkTree.clone(remote);
    await merge(full);
    await full.commit('above the merge');
    await full.must('push', '--quiet', remote, 'HEAD:refs/heads/parked');
    await using shallow = await WorkTree.clone(remote, '--depth=1', '--branch=parked');
    await shallow.commit('all that it has is a line');
    // Its own git cannot know that this fast-forwards, so it has to be told to try.
    assert.match((await shallow.push(remote, '+HEAD:refs/heads/main')).stderr, merges);
  });

  test('a partial one gets its blobs when it needs them, and pushes', async () => {
    const { remote } = await withHistory();
    await using partial = await WorkTree.clone(remote, '--filter=blob:none', '--no-checkout');
    const missing = await partial.must('rev-list', '--objects', '--all', '--missing=print');
    assert.match(missing, /^\?/m);
    await partial.must('checkout', '--quiet', 'main');
    assert.match(await partial.must('show', 'HEAD~9:f0.txt'), /^0/);
    await partial.commit('from a partial clone', { 'f0.txt': 'changed\n' });
    assert.equal((await partial.push(remote, 'HEAD:refs/heads/main')).code, 0);
    await using few = await WorkTree.clone(remote, '--filter=tree:0', '--no-checkout');
    assert.equal(await few.must('rev-list', '--count', 'origin/main'), '11');
    assert.equal((await few.git('fetch', '--quiet', '--filter=sparse:oid=main:f0.txt', '--refetch', 'origin')).code === 0, false);
  });

  test('one with replaced objects is judged by what it sends, not by what it shows itself', async () => {
    // 1. The attacker merges. 2. They replace the merge by a commit without its second parent. 3. Their own git shows a line, and they push.
    const { remote } = await withHistory();
    await using work = await WorkTree.clone(remote);
    await merge(work);
    const merged = await work.head();
    await work.must('replace', '--graft', merged, await work.must('rev-parse', 'HEAD^1'));
    assert.equal((await work.must('rev-list', '--merges', 'origin/main..HEAD')).length, 0);
    const result = await work.push(remote, 'HEAD:refs/heads/main');
    assert.match(result.stderr, merges);
    assert.match(result.stderr, new RegExp(merged));
  });

  test('one that pushes its replacements changes nothing for the server', async () => {
    // 1. The attacker pushes a replacement for a commit of main. 2. A merge that the server judges afterwards must not be seen through it.
    const { remote } = await withHistory();
    await using work = await WorkTree.clone(remote);
    await merge(work);
    const merged = await work.head();
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/parked');
    await work.must('replace', '--graft', merged, await work.must('rev-parse', 'HEAD^1'));
    const replaced = await work.push(remote, `refs/replace/${merged}:refs/replace/${merged}`);
    const result = await work.push(remote, 'HEAD:refs/heads/main');
    assert.match(result.stderr, merges, replaced.stderr);
    const shown = await must(
      cast.developer.api('GET', `/repos/${remote.split('/').slice(-2).join('/').replace('.git', '')}/git/commits/${merged}`),
    );
    assert.equal(shown.parents.length, 2);
  });

  test('one with a grafts file of old is judged by what it sends', async () => {
    const { remote } = await withHistory();
    await using work = await WorkTree.clone(remote);
    await merge(work);
    const [commit, parent] = (await work.must('rev-list', '--parents', '-1', 'HEAD')).split(' ');
    await writeFile(join(work.path, '.git', 'info', 'grafts'), `${commit} ${parent}\n`);
    const before = await remoteRef(remote, 'refs/heads/main');
    assert.notEqual((await work.push(remote, 'HEAD:refs/heads/main')).code, 0);
    assert.equal(await remoteRef(remote, 'refs/heads/main'), before);
  });

  for (const version of ['0', '1', '2']) {
    test(`speaks protocol version ${version}: lists, clones, fetches, pushes`, async () => {
      const { remote } = await withHistory();
      const protocol = ['-c', `protocol.version=${version}`];
      const listed = await mustGit('/', [...protocol, 'ls-remote', remote]);
      assert.match(listed, /\tHEAD\n[0-9a-f]{40}\trefs\/heads\/main/);
      await using work = await WorkTree.create();
      await work.must(...protocol, 'fetch', '--quiet', remote, 'main');
      await work.must('reset', '--quiet', '--hard', 'FETCH_HEAD');
      await work.commit(`over version ${version}`);
      await work.must(...protocol, 'push', '--quiet', remote, 'HEAD:refs/heads/main');
      assert.equal(await remoteRef(remote, 'refs/heads/main'), await work.head());
    });
  }

  test('sends its push in pieces when it is large', async () => {
    const { remote } = await withHistory();
    await using work = await WorkTree.clone(remote);
    await work.commit('large', { 'large.bin': randomBytes(3 * 1024 * 1024) });
    const result = await work.git('-c', 'http.postBuffer=65536', 'push', remote, 'HEAD:refs/heads/main');
    assert.equal(result.code, 0, result.stderr);
    await merge(work);
    await work.commit('larger', { 'larger.bin': randomBytes(2 * 1024 * 1024) });
    const refused = await work.git('-c', 'http.postBuffer=65536', 'push', remote, 'HEAD:refs/heads/main');
    assert.match(refused.stderr, merges);
  });

  test('gets nothing by id that was refused', async () => {
    const { remote } = await withHistory();
    await using work = await WorkTree.clone(remote);
    await merge(work);
    const blob = await work.must('rev-parse', 'HEAD:side.txt');
    assert.match((await work.push(remote, 'HEAD:refs/heads/main')).stderr, merges);
    await using stranger = await WorkTree.create();
    for (const id of [await work.head(), blob]) assert.notEqual((await stranger.git('fetch', remote, id)).code, 0);
  });
});
