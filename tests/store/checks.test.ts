import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { NewCheckRun, NewStatus } from '#model/ports/store-repositories.ts';
import type { Repository } from '#model/repository.ts';
import { databases } from '../support/databases.ts';
import { addRepository, addUser, fresh, openTestStore, type TestStore } from '../support/store.ts';

const all = { limit: 100, offset: 0 };
let commits = 0;
const newCommit = (): string => String(++commits).padStart(40, 'c');

for (const database of databases) {
  describe(`checks on ${database}`, () => {
    let opened: TestStore;
    let repository: Repository;
    let other: Repository;
    before(async () => {
      opened = await openTestStore(database);
      await opened.store.write(async (tx) => {
        const user = await addUser(tx);
        repository = await addRepository(tx, user.id);
        other = await addRepository(tx, user.id);
      });
    });
    after(() => opened[Symbol.asyncDispose]());

    const addStatus = (commit: string, context: string, changes: Partial<NewStatus> = {}) =>
      opened.store.write((tx) =>
        tx.checks.insertStatus({
          repositoryId: repository.id,
          commit,
          context,
          state: 'success',
          description: null,
          targetUrl: null,
          creatorId: 1,
          appId: null,
          ...changes,
        }),
      );
    const addRun = (commit: string, name: string, changes: Partial<NewCheckRun> = {}) =>
      opened.store.write((tx) =>
        tx.checks.insertRun({
          repositoryId: repository.id,
          commit,
          name,
          appId: 3,
          creatorId: 1,
          status: 'completed',
          conclusion: 'success',
          detailsUrl: null,
          externalId: null,
          startedAt: null,
          completedAt: null,
          output: { title: null, summary: null, text: null },
          ...changes,
        }),
      );

    test('a status is read back as written, newest first, in pages', async () => {
      const commit = newCommit();
      const one = await addStatus(commit, 'Build', { state: 'pending', description: 'wait', targetUrl: 'https://ci.example.com/1' });
      const two = await addStatus(commit, 'build', { state: 'failure', appId: 9 });
      await addStatus(newCommit(), 'build');
      await addStatus(commit, 'build', { repositoryId: other.id });
      const { checks } = opened.store.read;
      assert.deepEqual(await checks.listStatuses(repository.id, commit, all), { items: [two, one], total: 2 });
      assert.deepEqual(await checks.listStatuses(repository.id, commit, { limit: 1, offset: 1 }), { items: [one], total: 2 });
      assert.deepEqual(await checks.listStatuses(repository.id, commit, { limit: 1, offset: 5 }), { items: [], total: 2 });
      assert.equal(one.description, 'wait');
      assert.equal(await checks.countStatuses(repository.id, commit, 'BUILD'), 2);
      assert.equal(await checks.countStatuses(repository.id, commit, 'lint'), 0);
    });

    test('the newest of each context, in the order of contexts, without regard to case', async () => {
      const commit = newCommit();
      await addStatus(commit, 'lint', { state: 'failure' });
      await addStatus(commit, 'Build', { state: 'failure' });
      const lint = await addStatus(commit, 'lint');
      const build = await addStatus(commit, 'build', { state: 'error' });
      assert.deepEqual(await opened.store.read.checks.listNewestStatuses(repository.id, commit), [build, lint]);
      assert.deepEqual(await opened.store.read.checks.listNewestStatuses(repository.id, newCommit()), []);
    });

    test('a check run is read back as written, changed, and found in its own repository only', async () => {
      const commit = newCommit();
      const made = await addRun(commit, 'Unit', { status: 'in_progress', conclusion: null, startedAt: 5, externalId: 'x' });
      const { checks } = opened.store.read;
      assert.deepEqual(await checks.findRun(repository.id, made.id), made);
      assert.equal(await checks.findRun(other.id, made.id), null);
      assert.equal(await checks.findRun(repository.id, 999_999), null);
      const output = { title: 't', summary: 's', text: null };
      await opened.store.write((tx) =>
        tx.checks.updateRun(made.id, { status: 'completed', conclusion: 'neutral', completedAt: 6, output }),
      );
      const changed = { ...made, status: 'completed', conclusion: 'neutral', completedAt: 6, output };
      assert.deepEqual(await checks.findRun(repository.id, made.id), changed);
      const newer = await addRun(commit, 'Unit');
      assert.deepEqual(
        (await checks.listRuns(repository.id, commit)).map((run) => run.id),
        [newer.id, made.id],
      );
    });

    test('of each commit, kind, name and app the newest result counts', async () => {
      const [one, two, none] = [newCommit(), newCommit(), newCommit()];
      await addStatus(one, 'build', { state: 'failure' });
      await addStatus(one, 'Build');
      await addStatus(one, 'build', { state: 'pending', appId: 4 });
      await addRun(one, 'build', { conclusion: 'failure' });
      await addRun(one, 'build', { conclusion: 'skipped' });
      await addRun(one, 'build', { appId: 8, status: 'queued', conclusion: null });
      await addStatus(two, 'build', { state: 'error' });
      await addStatus(one, 'build', { repositoryId: other.id, state: 'failure' });
      const results = await opened.store.read.checks.listResults(repository.id, [one, two, none]);
      const shown = (commit: string): string[] =>
        results
          .get(commit)!
          .map(({ kind, context, app, state }) => `${kind} ${context} ${app} ${state}`)
          .sort();
      assert.deepEqual(shown(one), [
        'check-run build 3 passing',
        'check-run build 8 queued',
        'status Build null passing',
        'status build 4 pending',
      ]);
      assert.deepEqual(shown(two), ['status build null failing']);
      assert.deepEqual(shown(none), []);
      assert.equal((await opened.store.read.checks.listResults(repository.id, [])).size, 0);
    });

    test('the results of more commits than a statement takes parameters are read all the same, each commit once', async () => {
      const commit = newCommit();
      await addStatus(commit, 'build');
      const many = Array.from({ length: 70_000 }, (_, index) => index.toString(16).padStart(40, '0'));
      const results = await opened.store.read.checks.listResults(repository.id, [...many, commit, commit]);
      assert.equal(results.size, many.length + 1);
      assert.equal(results.get(commit)?.length, 1);
    });

    test('what passes, what is under way and what fails', async () => {
      const commit = newCommit();
      for (const conclusion of ['success', 'neutral', 'skipped', 'failure', 'cancelled', 'timed_out', 'action_required', 'stale'] as const)
        await addRun(commit, conclusion, { conclusion });
      await addRun(commit, 'running', { status: 'in_progress', conclusion: null });
      const results = (await opened.store.read.checks.listResults(repository.id, [commit])).get(commit)!;
      const named = (state: string) =>
        results
          .filter((one) => one.state === state)
          .map((one) => one.context)
          .sort();
      assert.deepEqual(named('passing'), ['neutral', 'skipped', 'success']);
      assert.deepEqual(named('failing'), ['action_required', 'cancelled', 'failure', 'stale', 'timed_out']);
      assert.deepEqual(named('in_progress'), ['running']);
    });

    test('a later result has a higher order than an earlier one of its kind', async () => {
      const commit = newCommit();
      await addStatus(commit, 'first');
      await addStatus(commit, 'second');
      const results = (await opened.store.read.checks.listResults(repository.id, [commit])).get(commit)!;
      const order = (context: string) => results.find((one) => one.context === context)!.order;
      assert.ok(order('second') > order('first'));
    });

    test('the app that reported a check last is found among statuses and runs, people are not', async () => {
      const context = fresh('suite');
      const now = Date.now();
      const { checks } = opened.store.read;
      const find = (since = now - 60_000) => checks.findRecentApp(repository.id, context.toUpperCase(), since);
      assert.equal(await find(), null);
      await addStatus(newCommit(), context, { appId: null });
      assert.equal(await find(), null);
      await addStatus(newCommit(), context, { appId: 5 });
      await addStatus(newCommit(), context, { appId: 6, repositoryId: other.id });
      assert.equal(await find(), 5);
      await addRun(newCommit(), context, { appId: 7, startedAt: now + 60_000 });
      assert.equal(await find(), 7);
      await addRun(newCommit(), context, { appId: 8, startedAt: now - 90_000, completedAt: now - 80_000 });
      assert.equal(await find(), 7);
      assert.equal(await find(now + 120_000), null);
    });
  });
}
