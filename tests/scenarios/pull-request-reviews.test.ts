/**
 * Family J, robot and owner together. The attacker
 * 1. opens a pull request, and registers an app that may write reviews;
 * 2. lets the app approve it; or lets the app open it, and approves it in person; or has one app approve what another opened.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ApiAnswer, must } from '../support/api.ts';
import { installApp } from '../support/apps.ts';
import { databases } from '../support/databases.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, type Persona, type Personas } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

for (const database of databases) {
  describe(`reviews of pull requests, on ${database}`, { timeout: 120_000 }, () => {
    let server: TestServer;
    let cast: Personas;
    let work: WorkTree;
    /** Two apps of mallory's, with tokens that are good for mallory's repository. */
    let one: Persona;
    let two: Persona;
    before(async () => {
      server = await startTestServer({ database });
      cast = await castOf(server);
      const { attacker, developer } = cast;
      await must(attacker.api('POST', '/user/repos', { name: 'own', private: true }));
      await must(attacker.api('PUT', '/repos/mallory/own/collaborators/dev', { permission: 'push' }));
      work = await WorkTree.create();
      await work.commit('one', { 'f.txt': 'f\n' });
      await work.must('push', '--quiet', attacker.remote('mallory/own'), 'HEAD:refs/heads/main');
      const permissions = { contents: 'write', pull_requests: 'write' };
      one = await (await installApp(server, attacker, 'mallory', 'one', permissions)).token();
      two = await (await installApp(server, attacker, 'mallory', 'two', permissions)).token();
      assert.equal((await developer.api('GET', '/repos/mallory/own')).status, 200);
    });
    after(async () => {
      await work[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    async function open(who: Persona, branch: string): Promise<number> {
      await work.must('switch', '--quiet', '--force-create', branch, 'main');
      await work.commit(branch, { [`${branch}.txt`]: 'x\n' });
      await work.must('push', '--quiet', cast.attacker.remote('mallory/own'), `HEAD:refs/heads/${branch}`);
      return (await must(who.api('POST', '/repos/mallory/own/pulls', { title: 'x', head: branch, base: 'main' }))).number;
    }

    const review = (who: Persona, number: number, event: string): Promise<ApiAnswer> =>
      who.api('POST', `/repos/mallory/own/pulls/${number}/reviews`, { event, body: 'x' });

    test('nobody approves what they, or a robot of theirs, proposed; nor does a robot of theirs', async () => {
      const { attacker, developer } = cast;
      const [byMallory, byApp] = [await open(attacker, 'by-mallory'), await open(one, 'by-app')];
      for (const [who, number] of [
        [attacker, byMallory],
        [one, byMallory],
        [attacker, byApp],
        [one, byApp],
        [two, byApp],
      ] as const) {
        for (const [event, verb] of [
          ['APPROVE', 'approve'],
          ['REQUEST_CHANGES', 'request changes on'],
        ] as const) {
          const { status, body } = await review(who, number, event);
          assert.deepEqual([status, body.errors], [422, [`Can not ${verb} your own pull request`]], `${who.login} ${number}`);
        }
        assert.equal((await review(who, number, 'COMMENT')).status, 200);
      }
      for (const number of [byMallory, byApp]) assert.equal((await review(developer, number, 'APPROVE')).body.state, 'APPROVED');
    });

    test('approvals from whoever may not write do not unblock, and go with the right', async () => {
      const { attacker, developer, outsider } = cast;
      const number = await open(attacker, 'blocked');
      const protection = { required_status_checks: null, enforce_admins: true, restrictions: null };
      const demand = { ...protection, required_pull_request_reviews: { required_approving_review_count: 1 } };
      await must(attacker.api('PUT', '/repos/mallory/own/branches/main/protection', demand));
      const state = async (): Promise<string> => (await must(attacker.api('GET', `/repos/mallory/own/pulls/${number}`))).mergeable_state;
      const give = (login: string, permission: string) =>
        must(attacker.api('PUT', `/repos/mallory/own/collaborators/${login}`, { permission }));
      assert.equal(await state(), 'blocked');
      await give('ova', 'pull');
      assert.equal((await review(outsider, number, 'APPROVE')).body.state, 'APPROVED');
      assert.equal(await state(), 'blocked');
      await must(review(developer, number, 'APPROVE'));
      assert.equal(await state(), 'clean');
      await give('dev', 'pull');
      assert.equal(await state(), 'blocked');
      await give('dev', 'push');
      assert.equal(await state(), 'clean');
      await must(review(developer, number, 'REQUEST_CHANGES'));
      assert.equal(await state(), 'blocked');
      await must(attacker.api('DELETE', '/repos/mallory/own/branches/main/protection'));
    });

    test('where code owners are asked nobody is told that nothing stands in the way: whether they approved is not known', async () => {
      const { attacker, developer } = cast;
      const number = await open(attacker, 'owned');
      const protection = { required_status_checks: null, enforce_admins: true, restrictions: null };
      const state = async (demand: object): Promise<string> => {
        const reviews = { required_pull_request_reviews: { required_approving_review_count: 1, ...demand } };
        await must(attacker.api('PUT', '/repos/mallory/own/branches/main/protection', { ...protection, ...reviews }));
        return (await must(attacker.api('GET', `/repos/mallory/own/pulls/${number}`))).mergeable_state;
      };
      await must(review(developer, number, 'APPROVE'));
      assert.equal(await state({ require_code_owner_reviews: true }), 'blocked');
      assert.equal(await state({ require_code_owner_reviews: false }), 'clean');
      await must(attacker.api('DELETE', '/repos/mallory/own/branches/main/protection'));
    });

    test('the last pusher is read from the record, and cannot count for their own push', async () => {
      const { attacker, developer } = cast;
      const number = await open(developer, 'pushed-by-mallory');
      const protection = { required_status_checks: null, enforce_admins: true, restrictions: null };
      const demand = { required_approving_review_count: 0, require_last_push_approval: true };
      await must(
        attacker.api('PUT', '/repos/mallory/own/branches/main/protection', { ...protection, required_pull_request_reviews: demand }),
      );
      const state = async (): Promise<string> => (await must(attacker.api('GET', `/repos/mallory/own/pulls/${number}`))).mergeable_state;
      assert.equal(await state(), 'blocked');
      const { id } = await must(review(attacker, number, 'APPROVE'));
      assert.equal(await state(), 'blocked');
      await must(attacker.api('PUT', `/repos/mallory/own/pulls/${number}/reviews/${id}/dismissals`, { message: 'mine' }));
      await must(attacker.api('PUT', '/repos/mallory/own/collaborators/mona', { permission: 'push' }));
      // One is enough only because it is known that somebody else pushed.
      await must(review(cast.maintainer, number, 'APPROVE'));
      assert.equal(await state(), 'clean');
    });
  });
}
