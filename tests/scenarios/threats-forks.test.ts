/**
 * Reading through a fork what one may not read. The attacker, who may read a private repository for a while,
 * 1. forks it, loses the access, and asks the fork for what the parent got since: by syncing, by ids that they have heard of, by git;
 * 2. asks the fork for what the parent had and does not show: what was force-pushed away, blobs that no ref needs, heads of pull requests;
 * 3. makes the fork public, at once or when its parent is deleted, moved or opened, so that everybody reads it;
 * 4. looks in the fork, and in forks of forks, for names of what they may not see;
 * 5. asks for a sync, and is taken the access away while it is being judged.
 * (Families E, first answer reused; K, revoked but alive; and what exists and may not be known.)
 */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pause } from '../faults/pause.ts';
import { type Api, type ApiAnswer, must } from '../support/api.ts';
import { git, mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, mint, type Personas, personaOf } from '../support/personas.ts';
import { snapshot } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

describe('reading through a fork', { timeout: 120_000 }, () => {
  const pause = new Pause();
  let server: TestServer;
  let cast: Personas;
  let work: WorkTree;
  let [name, secret, fork] = ['', '', ''];
  let count = 0;

  before(async () => {
    server = await startTestServer({ seams: { atStep: pause.atStep } });
    cast = await castOf(server);
  });
  after(() => server[Symbol.asyncDispose]());

  beforeEach(async () => {
    await work?.[Symbol.asyncDispose]();
    name = `secret${++count}`;
    [secret, fork] = [`acme/${name}`, `mallory/${name}`];
    await must(cast.owner.api('POST', '/orgs/acme/repos', { name, private: true, allow_forking: true }));
    await must(cast.owner.api('PUT', `/repos/${secret}/collaborators/mallory`, { permission: 'pull' }));
    work = await WorkTree.create();
    await work.must('remote', 'add', 'origin', cast.owner.remote(secret));
    await work.commit('base', { 'a.txt': 'a\n' });
    await work.must('push', '--quiet', '-u', 'origin', 'main');
  });
  after(() => work[Symbol.asyncDispose]());

  const api: Api = (...request) => cast.attacker.api(...request);
  const loseAccess = () => must(cast.owner.api('DELETE', `/repos/${secret}/collaborators/mallory`));
  const takeFork = () => must(api('POST', `/repos/${secret}/forks`));
  const folderOf = async (of: string) => {
    const { id } = await must(personaOf(server, 'admin', server.adminToken).api('GET', `/repos/${of}`));
    return `${server.data}/repositories/${id}.git`;
  };

  /** Every way to ask a repository for an object whose id one knows. */
  async function assertOutOfReach(ids: { commit?: string; tree?: string; blob: string }): Promise<void> {
    const at = `/repos/${fork}`;
    const { commit, tree, blob } = ids;
    const paths = [
      `${at}/git/blobs/${blob}`,
      ...(tree === undefined ? [] : [`${at}/git/trees/${tree}`]),
      ...(commit === undefined
        ? []
        : [
            `${at}/git/commits/${commit}`,
            `${at}/commits/${commit}`,
            `${at}/contents/a.txt?ref=${commit}`,
            `${at}/compare/main...${commit}`,
            `${at}/commits?sha=${commit}`,
          ]),
    ];
    for (const path of paths) {
      const { status } = await api('GET', path);
      assert.ok([404, 409, 422].includes(status), `${path}: ${status}`);
    }
    for (const id of Object.values(ids)) {
      const made = await api('POST', `${at}/git/refs`, { ref: `refs/tags/t${id.slice(0, 6)}`, sha: id });
      assert.equal(made.status, 422, 'a ref is made to it');
      const { code } = await git(await folderOf(fork), ['cat-file', '-e', id]);
      assert.notEqual(code, 0, 'it lies in the fork');
      await using clone = await WorkTree.create();
      assert.notEqual((await clone.git('fetch', cast.attacker.remote(fork), id)).code, 0, 'git gives it');
    }
    if (commit === undefined) return;
    const { commit: own } = await must(api('GET', `${at}/commits/main`));
    assert.equal((await api('POST', `${at}/git/commits`, { message: 'x', tree: own.tree.sha, parents: [commit] })).status, 422);
  }

  test('who has lost the parent gets nothing of what it got since', async () => {
    await takeFork();
    await loseAccess();
    const commit = await work.commit('later', { 'a.txt': 'secret\n' });
    await work.must('push', '--quiet', 'origin', 'main');
    const untouched = await snapshot(server, fork);
    const { status, body } = await api('POST', `/repos/${fork}/merge-upstream`, { branch: 'main' });
    assert.deepEqual([status, body.message], [404, 'Not Found']);
    assert.deepEqual(await snapshot(server, fork), untouched);
    await assertOutOfReach({ commit, tree: await work.head('HEAD^{tree}'), blob: await work.head('HEAD:a.txt') });
    assert.equal((await api('GET', `/repos/${secret}/forks`)).status, 404);
    assert.equal((await api('POST', `/repos/${secret}/forks`)).status, 404, 'nor is it told that the fork is its');
  });

  test('nor by the hand of somebody who writes to the fork, or with a token that may read less', async () => {
    await takeFork();
    await must(api('PUT', `/repos/${fork}/collaborators/ova`, { permission: 'push' }));
    await work.commit('later');
    await work.must('push', '--quiet', 'origin', 'main');
    const sync = (token: string) => personaOf(server, '', token).api('POST', `/repos/${fork}/merge-upstream`, { branch: 'main' });
    assert.equal((await sync(cast.outsider.token)).status, 404, 'whoever may read the fork need not be able to read its parent');
    for (const [scopes, refused] of [
      [['public_repo'], 404],
      [['write_repository', 'read_repository'], 403],
      [['read_api'], 403],
    ] as const)
      assert.equal((await sync(await mint(server, 'mallory', scopes))).status, refused, scopes.join());
    assert.equal((await sync(cast.attacker.token)).status, 200, 'it was the credential');
  });

  test('who has lost the parent while the sync was being judged gets nothing', async () => {
    await takeFork();
    const commit = await work.commit('later', { 'a.txt': 'secret\n' });
    await work.must('push', '--quiet', 'origin', 'main');
    const { arrived, release } = pause.arm('judged early');
    const syncing = api('POST', `/repos/${fork}/merge-upstream`, { branch: 'main' });
    await Promise.race([arrived, syncing.then(({ status }) => assert.fail(`it never came to the pause: ${status}`))]);
    await loseAccess().finally(release);
    assert.equal((await syncing).status, 404);
    await assertOutOfReach({ commit, tree: await work.head('HEAD^{tree}'), blob: await work.head('HEAD:a.txt') });
  });

  test('a parent that has closed itself while the sync was being judged gives nothing', async () => {
    await must(cast.owner.api('PATCH', `/repos/${secret}`, { private: false }));
    await takeFork();
    const commit = await work.commit('later', { 'a.txt': 'secret\n' });
    await work.must('push', '--quiet', 'origin', 'main');
    const { arrived, release } = pause.arm('judged early');
    const syncing = api('POST', `/repos/${fork}/merge-upstream`, { branch: 'main' });
    await arrived;
    await must(cast.owner.api('PATCH', `/repos/${secret}`, { private: true })).finally(release);
    const { status } = await syncing;
    assert.equal(status, 422, 'it is no fork of it any more');
    await assertOutOfReach({ commit, blob: await work.head('HEAD:a.txt') });
  });

  test('a closing that is answered is one after which no sync ends', async () => {
    await must(cast.owner.api('PATCH', `/repos/${secret}`, { private: false }));
    await takeFork();
    await work.commit('later');
    await work.must('push', '--quiet', 'origin', 'main');
    const { arrived, release } = pause.arm('intent recorded');
    const syncing = api('POST', `/repos/${fork}/merge-upstream`, { branch: 'main' });
    await arrived;
    const closing = must(cast.owner.api('PATCH', `/repos/${secret}`, { private: true })).then(() => 'answered');
    const early = await Promise.race([closing, sleep(300, 'still waiting')]);
    release();
    assert.equal((await syncing).status, 200);
    await closing;
    assert.equal(early, 'still waiting');
  });

  test('a removal that is answered is one after which no sync ends', async () => {
    await takeFork();
    const commit = await work.commit('later');
    await work.must('push', '--quiet', 'origin', 'main');
    const { arrived, release } = pause.arm('intent recorded');
    const syncing = api('POST', `/repos/${fork}/merge-upstream`, { branch: 'main' });
    await arrived;
    const removing = loseAccess().then(() => 'answered');
    const early = await Promise.race([removing, sleep(300, 'still waiting')]);
    release();
    assert.equal((await syncing).status, 200);
    await removing;
    assert.equal(early, 'still waiting');
    assert.equal((await must(api('GET', `/repos/${fork}/commits/main`))).sha, commit);
  });

  /** What happens while the fork waits for its turn to be copied: between the first look and the second. */
  async function whileCopying(change: () => Promise<unknown>): Promise<ApiAnswer> {
    const { gate, store } = server.running.house;
    const { id } = (await store.read.accounts.findByLogin('mallory'))!;
    const turns = await Promise.all(Array.from({ length: 8 }, () => gate.slots.take(id)));
    const forking = api('POST', `/repos/${secret}/forks`);
    await sleep(200);
    await change().finally(() => {
      for (const turn of turns) turn[Symbol.dispose]();
    });
    return forking;
  }

  test('who loses the repository while it is being forked gets no fork', async () => {
    assert.equal((await whileCopying(loseAccess)).status, 404);
    assert.equal((await api('GET', `/repos/${fork}`)).status, 404);
    assert.deepEqual(
      (await readdir(`${server.data}/repositories`)).filter((folder) => !folder.endsWith('.git')),
      [],
    );
  });

  test('what is copied while it is private does not come out because its origin opens meanwhile, nor the other way round', async () => {
    for (const isPrivate of [false, true]) {
      const { status } = await whileCopying(() =>
        must(cast.owner.api('PATCH', `/repos/${secret}`, { private: isPrivate, allow_forking: true })),
      );
      assert.equal(status, 409);
      assert.equal((await api('GET', `/repos/${fork}`)).status, 404);
    }
  });

  test('a repository that is closed to forks while it is being forked is not forked', async () => {
    assert.equal((await whileCopying(() => must(cast.owner.api('PATCH', `/repos/${secret}`, { allow_forking: false })))).status, 403);
    assert.equal((await api('GET', `/repos/${fork}`)).status, 404);
  });

  test('what the parent does not show any more, or never did, is not in the fork', async () => {
    const dropped = await work.commit('password', { 'a.txt': 'password\n' });
    const [droppedTree, droppedBlob] = [await work.head('HEAD^{tree}'), await work.head('HEAD:a.txt')];
    await work.must('push', '--quiet', 'origin', 'main');
    await work.must('reset', '--quiet', '--hard', 'HEAD~1');
    await work.must('push', '--quiet', '--force', 'origin', 'main');
    const { sha: loose } = await must(cast.owner.api('POST', `/repos/${secret}/git/blobs`, { content: 'loose secret' }));
    const hidden = await work.commit('hidden', { 'a.txt': 'hidden\n' });
    await work.must('push', '--quiet', 'origin', 'HEAD:refs/heads/for-a-moment');
    await mustGit(await folderOf(secret), ['update-ref', 'refs/pull/1/head', hidden]);
    await work.must('push', '--quiet', 'origin', ':refs/heads/for-a-moment');
    const [hiddenTree, hiddenBlob] = [await work.head('HEAD^{tree}'), await work.head('HEAD:a.txt')];
    await takeFork();
    await assertOutOfReach({ commit: dropped, tree: droppedTree, blob: droppedBlob });
    await assertOutOfReach({ commit: hidden, tree: hiddenTree, blob: hiddenBlob });
    await assertOutOfReach({ blob: loose });
  });

  describe('a fork of what is private does not become public', () => {
    const publish = () =>
      Promise.all(
        [{ private: false }, { visibility: 'public' }, { visibility: 'internal' }].map((body) => api('PATCH', `/repos/${fork}`, body)),
      );
    for (const [what, change] of [
      ['by asking', () => Promise.resolve()],
      ['after the access is lost', () => loseAccess()],
      ['after its parent is deleted', () => must(cast.owner.api('DELETE', `/repos/${secret}`))],
      ['after its parent has become public', () => must(cast.owner.api('PATCH', `/repos/${secret}`, { private: false }))],
      ['after its parent has been renamed', () => must(cast.owner.api('PATCH', `/repos/${secret}`, { name: `moved${count}` }))],
    ] as const) {
      test(what, async () => {
        await takeFork();
        await change();
        for (const { status, body } of await publish()) {
          assert.equal(status, 422);
          assert.match(body.errors[0].message, /^A fork of a private repository cannot become (public|internal)$/);
        }
        assert.equal((await cast.outsider.api('GET', `/repos/${fork}`)).status, 404);
      });
    }

    test('nor does a fork of the fork, nor by a site admin', async () => {
      await takeFork();
      await must(api('PUT', `/repos/${fork}/collaborators/ova`, { permission: 'pull' }));
      await must(cast.outsider.api('POST', `/repos/${fork}/forks`));
      for (const [who, path] of [
        [cast.outsider, `ova/${name}`],
        [cast.admin, `ova/${name}`],
        [cast.admin, fork],
      ] as const)
        assert.equal((await who.api('PATCH', `/repos/${path}`, { private: false })).status, 422);
    });

    test('and one of what is internal stays that, or closes', async () => {
      await must(cast.owner.api('PATCH', `/repos/${secret}`, { visibility: 'internal', allow_forking: true }));
      await takeFork();
      assert.equal((await api('PATCH', `/repos/${fork}`, { visibility: 'public' })).status, 422);
      assert.equal((await api('PATCH', `/repos/${fork}`, { visibility: 'private' })).body.visibility, 'private');
      assert.equal((await api('PATCH', `/repos/${fork}`, { visibility: 'internal' })).body.visibility, 'internal');
      assert.equal((await must(api('GET', `/repos/${fork}`))).fork, false, 'it has left the network when it closed');
    });
  });

  test('a fork names nothing that who reads it may not see', async () => {
    await takeFork();
    await must(api('PUT', `/repos/${fork}/collaborators/ova`, { permission: 'pull' }));
    await must(cast.outsider.api('POST', `/repos/${fork}/forks`));
    await must(cast.owner.api('PATCH', `/repos/${secret}`, { name: `hush${count}` }));
    const seen = async (of: string) => (await must(cast.outsider.api('GET', `/repos/${of}`))) as Record<string, unknown>;
    for (const path of [fork, `ova/${name}`]) {
      const shown = await seen(path);
      assert.equal(shown['fork'], true);
      assert.doesNotMatch(JSON.stringify(shown), new RegExp(`hush${count}|acme`));
    }
    assert.equal('source' in (await seen(`ova/${name}`)), false);
    await must(api('DELETE', `/repos/${fork}`));
    const orphan = await seen(`ova/${name}`);
    assert.deepEqual([orphan['fork'], 'parent' in orphan], [false, false]);
    assert.equal((await cast.outsider.api('POST', `/repos/ova/${name}/merge-upstream`, { branch: 'main' })).status, 422);
  });

  test('who reads the parent does not see whose private forks there are', async () => {
    await takeFork();
    await must(cast.owner.api('PUT', `/repos/${secret}/collaborators/dev`, { permission: 'pull' }));
    for (const who of [cast.developer, cast.owner]) assert.deepEqual(await must(who.api('GET', `/repos/${secret}/forks`)), []);
    assert.equal((await must(api('GET', `/repos/${secret}/forks`))).length, 1);
    const narrow = personaOf(server, 'mallory', await mint(server, 'mallory', ['public_repo']));
    assert.equal((await narrow.api('GET', `/repos/${secret}/forks`)).status, 404);
    assert.equal((await cast.developer.api('GET', `/repos/${fork}`)).status, 404);
  });
});
