import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { User } from '#model/account.ts';
import type { NewPullRequest, PullFilter } from '#model/ports/store-pull-requests.ts';
import type { Repository } from '#model/repository.ts';
import { databases } from '../support/databases.ts';
import { addRepository, addUser, openTestStore, type TestStore } from '../support/store.ts';

const all = { limit: 100, offset: 0 };
const everything: PullFilter = { state: 'all', baseRefName: null, head: null, sort: 'created', descending: false };
const commit = (letter: string): string => letter.repeat(40);

for (const database of databases) {
  describe(`pull requests on ${database}`, () => {
    let opened: TestStore;
    let user: User;
    before(async () => {
      opened = await openTestStore(database);
      user = await opened.store.write((tx) => addUser(tx));
    });
    after(() => opened[Symbol.asyncDispose]());

    const newRepository = (): Promise<Repository> => opened.store.write((tx) => addRepository(tx, user.id));
    const insert = ({ id }: Repository, branch: string, changes: Partial<NewPullRequest> = {}) =>
      opened.store.write((tx) => tx.pulls.insertPull(newPull(id, user, branch, changes)));
    const reads = () => opened.store.read.pulls;

    test('one is read back as written, by id and by number', async () => {
      const repository = await newRepository();
      const pull = await insert(repository, 'topic', { body: 'Why', draft: true, changeId: 'c1', lastPusherId: user.id });
      assert.deepEqual(
        { ...pull, id: 0, createdAt: 0, updatedAt: 0, headMovedAt: 0 },
        {
          ...newPull(repository.id, user, 'topic', { body: 'Why', draft: true, changeId: 'c1', lastPusherId: user.id }),
          ...{ id: 0, number: 1, state: 'open', merge: null, closedAt: null, autoMerge: null, createdAt: 0, updatedAt: 0, headMovedAt: 0 },
        },
      );
      assert.deepEqual([pull.createdAt, pull.headMovedAt], [pull.updatedAt, pull.updatedAt]);
      assert.deepEqual(await reads().findPull(pull.id), pull);
      assert.deepEqual(await reads().findPullByNumber(repository.id, 1), pull);
      assert.equal(await reads().findPullByNumber(repository.id, 2), null);
      assert.equal(await reads().findPull(pull.id + 100), null);
    });

    test('numbers count up in each repository by itself, also when many come at once', async () => {
      const [one, other] = [await newRepository(), await newRepository()];
      const numbers = await Promise.all(Array.from({ length: 12 }, async (_, index) => (await insert(one, `topic-${index}`)).number));
      assert.deepEqual(
        numbers.sort((a, b) => a - b),
        Array.from({ length: 12 }, (_, index) => index + 1),
      );
      assert.equal((await insert(other, 'topic')).number, 1);
    });

    test('a list is told apart by state, base and head, sorted, and cut into pages', async () => {
      const repository = await newRepository();
      const first = await insert(repository, 'a');
      const second = await insert(repository, 'b', { base: { refName: 'refs/heads/dev', id: commit('d') } });
      const third = await insert(repository, 'c');
      await opened.store.write(async (tx) => {
        await tx.pulls.close(second.id);
        await tx.pulls.markMerged(third.id, { by: user.id, commit: commit('e') });
      });
      const found = async (filter: Partial<PullFilter>, page = all) => {
        const { items, total } = await reads().listPulls(repository.id, { ...everything, ...filter }, page);
        return { numbers: items.map((pull) => pull.number), total };
      };
      assert.deepEqual(await found({}), { numbers: [1, 2, 3], total: 3 });
      assert.deepEqual(await found({ descending: true }), { numbers: [3, 2, 1], total: 3 });
      assert.deepEqual(await found({}, { limit: 1, offset: 1 }), { numbers: [2], total: 3 });
      assert.deepEqual(await found({ state: 'open' }), { numbers: [1], total: 1 });
      assert.deepEqual(await found({ state: 'closed' }), { numbers: [2, 3], total: 2 });
      assert.deepEqual(await found({ baseRefName: 'refs/heads/dev' }), { numbers: [2], total: 1 });
      assert.deepEqual(await found({ head: { owner: user.login.toUpperCase(), refName: null } }), { numbers: [1, 2, 3], total: 3 });
      assert.deepEqual(await found({ head: { owner: user.login, refName: 'refs/heads/c' } }), { numbers: [3], total: 1 });
      assert.deepEqual(await found({ head: { owner: 'nobody', refName: 'refs/heads/c' } }), { numbers: [], total: 0 });
      assert.equal((await found({ sort: 'comments' })).total, 3);
      await opened.store.write((tx) => tx.pulls.updatePull(first.id, { title: 'newer' }));
      const { items } = await reads().listPulls(repository.id, { ...everything, sort: 'updated', descending: true }, all);
      assert.ok(items.every((pull, index) => index === 0 || pull.updatedAt <= items[index - 1]!.updatedAt));
    });

    test('open ones are found by head, by base and by the commit of their head', async () => {
      const [repository, fork] = [await newRepository(), await newRepository()];
      const own = await insert(repository, 'topic');
      const across = await insert(repository, 'topic', { head: { ...own.head, repositoryId: fork.id, id: commit('f') } });
      const closed = await insert(repository, 'topic');
      await opened.store.write((tx) => tx.pulls.close(closed.id));
      const ids = (pulls: readonly { id: number }[]) => pulls.map(({ id }) => id);
      assert.deepEqual(ids(await reads().listOpenByHead(repository.id, 'refs/heads/topic')), [own.id]);
      assert.deepEqual(ids(await reads().listOpenByHead(fork.id, 'refs/heads/topic')), [across.id]);
      assert.deepEqual(await reads().listOpenByHead(fork.id, 'refs/heads/main'), []);
      assert.deepEqual(ids(await reads().listOpenByBase(repository.id, 'refs/heads/main')), [own.id, across.id]);
      assert.deepEqual(await reads().listOpenByBase(fork.id, 'refs/heads/main'), []);
      assert.deepEqual(ids(await reads().listOpenByHeadId(repository.id, commit('b'))), [own.id]);
      assert.deepEqual(ids(await reads().listOpenByHeadId(repository.id, commit('f'))), [across.id]);
    });

    test('it changes, its head moves, it is closed, opened again and merged', async () => {
      const { id } = await insert(await newRepository(), 'topic', { changeId: 'c1' });
      const write = (work: (pulls: Parameters<Parameters<typeof opened.store.write>[0]>[0]['pulls']) => Promise<void>) =>
        opened.store.write((tx) => work(tx.pulls));
      const now = async () => (await reads().findPull(id))!;
      const autoMerge = { enabledBy: user.id, method: 'squash', commitTitle: null, commitMessage: 'm' } as const;
      const base = { refName: 'refs/heads/next', id: commit('1') };
      await write((pulls) =>
        pulls.updatePull(id, { title: 't', body: null, draft: true, base, changeId: null, maintainerCanModify: true, autoMerge }),
      );
      assert.partialDeepStrictEqual(await now(), { title: 't', draft: true, base, changeId: null, maintainerCanModify: true, autoMerge });
      await write((pulls) => pulls.updateHead(id, { headId: commit('2'), baseId: commit('3'), changeId: 'c2', pusherId: 7 }));
      assert.partialDeepStrictEqual(await now(), {
        ...{ head: { id: commit('2'), refName: 'refs/heads/topic' }, base: { refName: 'refs/heads/next', id: commit('3') } },
        ...{ changeId: 'c2', lastPusherId: 7, state: 'open' },
      });
      await write((pulls) => pulls.close(id));
      const closed = await now();
      assert.deepEqual([closed.state, closed.closedAt, closed.autoMerge], ['closed', closed.updatedAt, null]);
      await write((pulls) => pulls.reopen(id));
      assert.deepEqual([(await now()).state, (await now()).closedAt], ['open', null]);
      await write((pulls) => pulls.markMerged(id, { by: user.id, commit: commit('4') }));
      const merged = await now();
      assert.deepEqual([merged.state, merged.closedAt], ['merged', merged.updatedAt]);
      assert.deepEqual(merged.merge, { at: merged.updatedAt, by: user.id, commit: commit('4') });
    });

    test('it goes with its repository, and outlives the fork that it came from', async () => {
      const [repository, fork] = [await newRepository(), await newRepository()];
      const across = await insert(repository, 'topic', {
        head: { repositoryId: fork.id, owner: user.login, refName: 'refs/heads/topic', id: commit('b') },
      });
      await opened.store.write((tx) => tx.repositories.remove(fork.id));
      const orphan = await reads().findPull(across.id);
      assert.deepEqual([orphan?.head.repositoryId, orphan?.head.owner], [null, user.login]);
      await opened.store.write((tx) => tx.repositories.remove(repository.id));
      assert.equal(await reads().findPull(across.id), null);
    });
  });
}

function newPull(repositoryId: number, { id, login }: User, branch: string, changes: Partial<NewPullRequest> = {}): NewPullRequest {
  return {
    repositoryId,
    authorId: id,
    title: `Add ${branch}`,
    body: null,
    draft: false,
    base: { refName: 'refs/heads/main', id: commit('a') },
    head: { repositoryId, owner: login, refName: `refs/heads/${branch}`, id: commit('b') },
    changeId: null,
    lastPusherId: null,
    maintainerCanModify: false,
    ...changes,
  };
}
