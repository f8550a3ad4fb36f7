import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '#model/ports/store.ts';
import { authenticateToken } from '#operations/authenticate.ts';
import type { Context } from '#operations/context.ts';
import { createReview, submitReview } from '#operations/pulls/write-review.ts';
import { must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { Pause } from './pause.ts';

const pulls = '/repos/acme/app/pulls';

for (const database of databases) {
  describe(`a pull request that is written while its head is pushed, on ${database}`, { timeout: 60_000 }, () => {
    const pause = new Pause();
    let server: TestServer;
    let cast: Personas;
    let work: WorkTree;
    let repositoryId = 0;

    before(async () => {
      server = await startTestServer({ database, seams: { atStep: pause.atStep } });
      cast = await castOf(server);
      work = await WorkTree.create();
      await work.commit('one', { 'one.txt': 'one\n' });
      await work.must('push', '--quiet', cast.owner.remote('acme/app'), 'HEAD:refs/heads/main', 'HEAD:refs/heads/side');
      repositoryId = (await must(cast.owner.api('GET', '/repos/acme/app'))).id;
    });
    after(async () => {
      await work[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    /** Pushes a commit on top of the branch and stops before the branch moves; `asked` meanwhile; then the push goes on. */
    async function whilePushing<T>(branch: string, asked: () => Promise<T>): Promise<{ answer: T; pushed: string }> {
      await work.must('switch', '--quiet', branch);
      const pushed = await work.commit(`more on ${branch}`, { [`more-${branch}.txt`]: 'more\n' });
      const { arrived, release } = pause.arm('intent recorded');
      const pushing = work.must('push', '--quiet', cast.developer.remote('acme/app'), `HEAD:refs/heads/${branch}`);
      await arrived;
      const asking = asked();
      // It has read the old head by now, and waits for the push.
      await sleep(500);
      release();
      await pushing;
      return { answer: await asking, pushed };
    }

    async function topic(branch: string): Promise<string> {
      await work.must('switch', '--quiet', '--create', branch, 'main');
      const id = await work.commit(branch, { [`${branch}.txt`]: 'x\n' });
      await work.must('push', '--quiet', cast.developer.remote('acme/app'), `HEAD:refs/heads/${branch}`);
      return id;
    }

    const kept = async (number: number) => (await server.running.house.store.read.pulls.findPullByNumber(repositoryId, number))!;

    test('is opened with the head that the push has made', async () => {
      const old = await topic('opened');
      const open = () => must(cast.developer.api('POST', pulls, { title: 'x', head: 'opened', base: 'main' }));
      const { answer, pushed } = await whilePushing('opened', open);
      assert.notEqual(pushed, old);
      assert.deepEqual([answer.head.sha, (await kept(answer.number)).head.id], [pushed, pushed]);
    });

    test('is one, however many ask for it at once', async () => {
      await topic('wanted');
      const open = () => cast.developer.api('POST', pulls, { title: 'x', head: 'wanted', base: 'main' });
      const answers = await Promise.all(Array.from({ length: 6 }, open));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 422, 422, 422, 422, 422]);
      const { number } = answers.find(({ status }) => status === 201)!.body;
      const begin = () => cast.maintainer.api('POST', `${pulls}/${number}/reviews`, {});
      const begun = await Promise.all(Array.from({ length: 4 }, begin));
      assert.deepEqual(begun.map(({ status }) => status).sort(), [200, 422, 422, 422]);
    });

    /** The same house; but between what an operation reads first and its transaction, this happens, once. */
    function interrupted(happens: () => Promise<void>): Context {
      const { context } = server.running.house;
      let hasHappened = false;
      const write: Store['write'] = async (work) => {
        if (!hasHappened) {
          hasHappened = true;
          await happens();
        }
        return context.store.write(work);
      };
      return { ...context, store: { ...context.store, write } };
    }

    test('is approved as it is after the push, and not as it was', async () => {
      const old = await topic('approved');
      const { number, id } = await must(cast.developer.api('POST', pulls, { title: 'x', head: 'approved', base: 'main' }));
      const { read, write } = server.running.house.store;
      const request = { id: 'test', address: null, userAgent: null };
      const mona = await authenticateToken(read, cast.maintainer.token, 'api', request);
      /** A push, and what it says of itself to the pull request. */
      const push = async (): Promise<void> => {
        await work.must('switch', '--quiet', 'approved');
        const headId = await work.commit('other content', { 'approved.txt': `${Math.random()}\n` });
        await work.must('push', '--quiet', cast.developer.remote('acme/app'), 'HEAD:refs/heads/approved');
        const { base } = await kept(number);
        await write((tx) => tx.pulls.updateHead(id, { headId, baseId: base.id, changeId: null, pusherId: null }));
      };
      const approve = (commit: string | null) =>
        createReview(interrupted(push), mona, { id: repositoryId }, number, { commit, body: '', state: 'approved', comments: [] });
      await assert.rejects(approve(old), /not what is proposed any more/);
      const { commit } = await approve(null);
      assert.deepEqual([commit, (await kept(number)).head.id], [await work.head('approved'), commit]);
      const begun = await createReview(server.running.house.context, mona, { id: repositoryId }, number, {
        ...{ commit: null, body: '', state: 'pending', comments: [] },
      });
      const submit = submitReview(interrupted(push), mona, { id: repositoryId }, number, begun.id, { state: 'approved', body: null });
      await assert.rejects(submit, /not what is proposed any more/);
    });

    test('is led to another base with the head that the push has made', async () => {
      await topic('led');
      const { number } = await must(cast.developer.api('POST', pulls, { title: 'x', head: 'led', base: 'main' }));
      const { pushed } = await whilePushing('led', () => must(cast.developer.api('PATCH', `${pulls}/${number}`, { base: 'side' })));
      const { head, base } = await kept(number);
      assert.deepEqual([head.id, base.refName], [pushed, 'refs/heads/side']);
    });
  });
}
