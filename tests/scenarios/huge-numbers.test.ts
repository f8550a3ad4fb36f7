import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { databases } from '../support/databases.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, mint, type Personas } from '../support/personas.ts';
import { allOff, githubRules, gitlabRules } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** Larger than any id can be, and than one of the databases takes. */
const huge = 1e23;
const cursor = Buffer.from('audit:99999999999999999999999').toString('base64url');
const repo = '/repos/acme/app';
const native = `/api/sallyport/v1${repo}`;

const asked: [method: string, path: string, body: unknown, status: number][] = [
  ['POST', '/orgs/acme/teams', { name: 'x', parent_team_id: huge }, 422],
  ['POST', '/orgs/acme/repos', { name: 'x', team_id: huge }, 422],
  ['GET', `/repositories/${BigInt(huge)}`, undefined, 404],
  ['GET', `${repo}/check-runs/${BigInt(huge)}`, undefined, 404],
  ['GET', `${repo}/commits/main/check-runs?app_id=${BigInt(huge)}`, undefined, 200],
  ['GET', `/orgs/acme/audit-log?after=${cursor}`, undefined, 422],
  [
    'PUT',
    `${repo}/branches/main/protection`,
    { ...allOff, required_status_checks: { strict: true, checks: [{ context: 'a', app_id: huge }] } },
    422,
  ],
  ['POST', `${native}/explain`, { as: { token_id: huge }, updates: [{ ref: 'refs/heads/main', new: null }] }, 422],
  [
    'POST',
    `${native}/protections`,
    {
      origin: 'github',
      pattern: 'a',
      rules: githubRules({ type: 'actor_restriction', parameters: { grants: [{ kind: 'user', id: huge }], coversCreation: false } }),
    },
    422,
  ],
  ['POST', `${native}/protections`, { origin: 'gitlab', pattern: 'a', rules: gitlabRules({}), manage: [{ kind: 'user', id: huge }] }, 422],
  ['GET', `${native}/protections/${BigInt(huge)}`, undefined, 404],
  ['GET', `/api/sallyport/v1/tokens/${BigInt(huge)}`, undefined, 404],
];

for (const database of databases) {
  describe(`numbers that nothing has, on ${database}`, () => {
    let server: TestServer;
    let cast: Personas;
    before(async () => {
      server = await startTestServer({ database });
      cast = await castOf(server);
      await using work = await WorkTree.create();
      await work.commit('begin', { 'a.txt': 'a\n' });
      await work.must('push', '--quiet', cast.owner.remote('acme/app'), 'HEAD:refs/heads/main');
    });
    after(() => server[Symbol.asyncDispose]());

    for (const [method, path, body, status] of asked) {
      test(`${method} ${path.slice(0, 80)} ${JSON.stringify(body ?? '').slice(0, 80)}`, async () => {
        const answer = await cast.owner.api(method, path, body);
        assert.equal(answer.status, status, JSON.stringify(answer.body));
      });
    }

    test('uses of a token that no column holds are refused in words', async () => {
      const bypass = { repositories: ['acme/app'], uses: 3_000_000_000 };
      await assert.rejects(mint(server, 'dev', ['repo', 'repo:bypass-protection'], bypass), /is a number from 1 to 1000000000/);
    });
  });
}
