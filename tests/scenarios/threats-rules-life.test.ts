/**
 * Families L, the life of a rule, and M, races. The attacker
 * 1. hammers a protected branch while its protection is replaced, edited and renamed a thousand times, hoping for one instant without it;
 * 2. waits until a repository, a team or a branch is deleted, renamed or made anew, and uses what was granted or known before;
 * 3. does a hundred things at once of which one is allowed.
 * Ids of another repository are in threats-hidden.test.ts, uses of a token counted at once in elevated-token.test.ts and tests/store/tokens.test.ts, pushes
 * that race for a ref in tests/faults/races.test.ts, teams that come back in team-restrictions.test.ts, renamed branches in archive-and-rename.test.ts.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { mustGit } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, elevated, type Persona, type Personas } from '../support/personas.ts';
import { allOff, githubRules, protect, protectPattern } from '../support/protections.ts';
import { packOf, pushRequest } from '../support/push-request.ts';
import { entries } from '../support/record.ts';
import { readReportStatus } from '../support/report-status.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const main = 'refs/heads/main';

for (const database of databases) {
  describe(`the life of a rule, on ${database}`, { timeout: 180_000 }, () => {
    // What the engines differ in is how a transaction begins; a thousand times on one of them is enough.
    const updates = database === 'sqlite' ? 1000 : 200;
    let server: TestServer;
    let cast: Personas;
    let mallory: Persona;
    let work: WorkTree;
    let [base, evil]: [string, string] = ['', ''];
    before(async () => {
      server = await startTestServer({ database });
      cast = await castOf(server);
      mallory = cast.attacker;
      work = await WorkTree.create();
      base = await work.commit('one', { 'a.txt': 'a\n' });
      await work.must('push', '--quiet', cast.owner.remote('acme/app'), `HEAD:${main}`);
      evil = await work.commit('evil', { 'evil.txt': 'evil\n' });
      await work.must('push', '--quiet', mallory.remote('acme/app'), 'HEAD:refs/heads/evil');
    });
    after(async () => {
      await work[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    /** The push that has to be refused, without the client around it. */
    async function hammer(repository: string, until: () => boolean): Promise<number> {
      const pack = await packOf(work.path, { wanted: [evil], without: [base] });
      const body = new Uint8Array(pushRequest({ commands: [{ refName: main, oldId: base, newId: evil }], pack }));
      const headers = { authorization: `Bearer ${mallory.token}` };
      let tried = 0;
      while (!until()) {
        const response = await fetch(`${server.url}/${repository}.git/git-receive-pack`, { method: 'POST', headers, body });
        const { refs } = readReportStatus(Buffer.from(await response.arrayBuffer()));
        assert.match(refs.get(main) ?? 'landed', /declined|busy/);
        const moved = await mallory.api('PATCH', `/repos/${repository}/git/refs/heads/main`, { sha: evil, force: true });
        assert.ok(moved.status >= 400 && moved.status < 500, `${moved.status} ${JSON.stringify(moved.body)}`);
        tried += 2;
        await sleep(10);
      }
      return tried;
    }

    test(`has no instant without it in ${updates} updates, whatever is updated`, async () => {
      const { api } = cast.owner;
      const at = '/repos/acme/app/branches/main/protection';
      const native = '/api/sallyport/v1/repos/acme/app/protections';
      const reviewed = (count: number) => ({ ...allOff, required_pull_request_reviews: { required_approving_review_count: count } });
      await protect(api, 'acme/app', 'main', reviewed(1));
      const [{ id }] = (await must(api('GET', native))).protections;
      /** Each leaves main behind a demand for a pull request. */
      const edits: readonly ((index: number) => ReturnType<Api>)[] = [
        (index) => api('PUT', at, reviewed(1 + (index % 6))),
        (index) => api('PATCH', `${at}/required_pull_request_reviews`, { dismiss_stale_reviews: index % 2 === 0 }),
        () => api('PUT', at, { ...reviewed(2), lock_branch: true }),
        () => api('PUT', at, { ...reviewed(3), required_status_checks: { strict: true, contexts: ['a', 'b'] } }),
        () => api('DELETE', `${at}/required_status_checks`),
        async () => {
          await must(api('PATCH', `${native}/${id}`, { pattern: 'mai?' }));
          return api('PATCH', `${native}/${id}`, { pattern: 'main' });
        },
        (index) => api('PATCH', `${native}/${id}`, { demands_reason: index % 2 === 0 }),
        (index) => api(index % 2 === 0 ? 'POST' : 'DELETE', `${at}/enforce_admins`),
      ];
      let done = false;
      const hammers = Promise.all([1, 2].map(() => hammer('acme/app', () => done)));
      // One blow that went through ends it all; it is told below.
      hammers.catch(() => {
        done = true;
      });
      for (let index = 0; index < updates && !done; index++) {
        const { status, body } = await edits[index % edits.length]!(Math.floor(index / edits.length));
        assert.ok(status < 300, `update ${index}: ${status} ${JSON.stringify(body)}`);
      }
      done = true;
      const tried = (await hammers).reduce((sum, one) => sum + one, 0);
      assert.ok(tried > 20, `only ${tried} attempts`);
      assert.equal(await remoteRef(cast.owner.remote('acme/app'), main), base);
      const landed = await entries(server, 'action:git.push_outcome actor:mallory repo:acme/app');
      assert.deepEqual(
        landed.flatMap(({ refs }) => refs.map(({ ref }: { ref: string }) => ref)).filter((ref) => ref === main),
        [],
      );
    });

    test('what was granted in a repository that is deleted is not granted in the next one of its name', async () => {
      const { owner } = cast;
      const make = async (): Promise<void> => {
        await must(owner.api('POST', '/orgs/acme/repos', { name: 'phoenix', private: true }));
        await must(owner.api('PUT', '/repos/acme/phoenix/collaborators/mallory', { permission: 'push' }));
        await work.must('push', '--quiet', owner.remote('acme/phoenix'), `${base}:${main}`);
        await protect(owner.api, 'acme/phoenix', 'main', { required_pull_request_reviews: {} });
      };
      await make();
      const robot = await elevated(server, mallory, { repositories: ['acme/phoenix'] });
      const reading = await must(owner.api('GET', '/repos/acme/phoenix'));
      await work.must('push', '--quiet', robot.remote('acme/phoenix'), `${evil}:${main}`);
      await must(owner.api('DELETE', '/repos/acme/phoenix'));
      assert.equal((await mallory.api('GET', '/repos/acme/phoenix')).status, 404);
      await make();
      assert.notEqual((await work.push(robot.remote('acme/phoenix'), `${evil}:${main}`)).code, 0, 'the token names another repository');
      assert.equal(await remoteRef(owner.remote('acme/phoenix'), main), base);
      assert.equal((await mallory.api('GET', `/repositories/${reading.id}`)).status, 404);
      assert.equal((await mallory.api('GET', `/repos/acme/phoenix/git/commits/${evil}`)).status, 404, 'nothing of the old one is there');
    });

    test('what is renamed keeps its rules, and its old name gives nobody anything', async () => {
      const { owner } = cast;
      await must(owner.api('POST', '/orgs/acme/repos', { name: 'before', private: true }));
      await must(owner.api('PUT', '/repos/acme/before/collaborators/mallory', { permission: 'push' }));
      await work.must('push', '--quiet', owner.remote('acme/before'), `${base}:${main}`);
      await protect(owner.api, 'acme/before', 'main', { required_pull_request_reviews: {} });
      const robot = await elevated(server, mallory, { repositories: ['acme/before'] });
      await must(owner.api('PATCH', '/repos/acme/before', { name: 'after' }));
      for (const name of ['acme/after', 'acme/before']) {
        const pushed = await work.push(mallory.remote(name), `${evil}:${main}`);
        assert.notEqual(pushed.code, 0, name);
      }
      await must(owner.api('POST', '/orgs/acme/repos', { name: 'before', private: true }));
      await must(owner.api('PUT', '/repos/acme/before/collaborators/mallory', { permission: 'push' }));
      await work.must('push', '--quiet', owner.remote('acme/before'), `${base}:${main}`);
      await protect(owner.api, 'acme/before', 'main', { required_pull_request_reviews: {} });
      assert.notEqual((await work.push(robot.remote('acme/before'), `${evil}:${main}`)).code, 0, 'the token is for the other one');
      const passed = await work.push(robot.remote('acme/after'), `${evil}:${main}`);
      assert.equal(passed.code, 0, passed.stderr);
      assert.equal(await remoteRef(owner.remote('acme/before'), main), base);
    });

    test('a protection’s id is never another one’s', async () => {
      const { api } = cast.owner;
      const native = '/api/sallyport/v1/repos/acme/app/protections';
      const make = () => protectPattern(api, 'acme/app', { origin: 'github', pattern: 'id*', rules: githubRules() });
      const { id } = await make();
      await must(api('DELETE', `${native}/${id}`));
      const again = await make();
      assert.notEqual(again.id, id);
      assert.equal((await api('PATCH', `${native}/${id}`, { enforce_admins: true })).status, 404);
      assert.equal((await api('DELETE', `${native}/${id}`)).status, 404);
      assert.equal((await must(api('GET', `${native}/${again.id}`))).pattern, 'id*');
    });

    test('of a hundred at once, one makes it: a protection, a branch, a repository, a name', async () => {
      const { owner } = cast;
      const hundred = Array.from({ length: 100 }, (_, index) => index);
      const input = { origin: 'github', pattern: 'one*', rules: githubRules() };
      const kinds: Readonly<Record<string, () => ReturnType<Api>>> = {
        'a protection': () => owner.api('POST', '/api/sallyport/v1/repos/acme/app/protections', input),
        'a branch': () => mallory.api('POST', '/repos/acme/app/git/refs', { ref: 'refs/heads/only', sha: base }),
        'a repository': () => owner.api('POST', '/orgs/acme/repos', { name: 'only' }),
        'a team': () => owner.api('POST', '/orgs/acme/teams', { name: 'Only' }),
        'a person': () => cast.admin.api('POST', '/admin/users', { login: 'only-one', email: 'only@example.com' }),
      };
      for (const [what, call] of Object.entries(kinds)) {
        const answers = await Promise.all(hundred.map(() => call()));
        assert.equal(answers.filter(({ status }) => status < 300).length, 1, what);
        for (const { status, body } of answers.filter((one) => one.status >= 300)) {
          const isRefused = [409, 422].includes(status) || (status === 503 && /busy/.test(JSON.stringify(body)));
          assert.ok(isRefused, `${what}: ${status} ${JSON.stringify(body)}`);
        }
      }
      const { id } = await must(owner.api('GET', '/repos/acme/app'));
      const folder = server.running.house.gate.repositories.open(id, 'sha1').path;
      assert.equal(await mustGit(folder, ['rev-parse', 'refs/heads/only']), base);
    });
  });
}
