import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, type Personas } from '../support/personas.ts';
import { githubRules, gitlabRules, protectPattern } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const repository = 'acme/app';
const linear = githubRules({ type: 'required_linear_history', parameters: {} });

/** What a new branch brings is what neither the protected branches nor the default one have. */
describe('a new branch that is protected', () => {
  let server: TestServer;
  let cast: Personas;
  let work: WorkTree;
  let base: string;
  let merge: string;
  const push = async (refspec: string): Promise<string | null> => {
    const { code, stderr } = await work.push(cast.developer.remote(repository), refspec);
    return code === 0 ? null : stderr;
  };

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    work = await WorkTree.create();
    base = await work.commit('begin', { 'a.txt': 'a\n' });
    await work.must('push', '--quiet', cast.owner.remote(repository), `${base}:refs/heads/main`);
    const side = await work.must('commit-tree', `${base}^{tree}`, '-p', base, '-m', 'side');
    merge = await work.must('commit-tree', `${base}^{tree}`, '-p', base, '-p', side, '-m', 'merge');
    await protectPattern(cast.owner.api, repository, { origin: 'github', pattern: 'rel/*', rules: linear });
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  // Attack: 1. Put the merge on a branch that nothing protects. 2. Create the protected branch from there: nothing in the push is new.
  test('brings what was parked on an unprotected branch before', async () => {
    assert.equal(await push(`${merge}:refs/heads/parked`), null);
    assert.match((await push(`${merge}:refs/heads/rel/1`)) ?? '', /must not contain merge commits/);
    const { status } = await cast.developer.api('POST', `/repos/${repository}/git/refs`, { ref: 'refs/heads/rel/1', sha: merge });
    assert.equal(status, 422);
  });

  test('brings nothing of what the default branch has, protected or not', async () => {
    assert.equal(await push(`${merge}:refs/heads/main`), null);
    assert.equal(await push(`${merge}:refs/heads/rel/2`), null);
  });

  test('brings nothing of what another protected branch has', async () => {
    await work.must('push', '--quiet', '--force', cast.developer.remote(repository), `${base}:refs/heads/main`);
    assert.equal(await push(`${merge}:refs/heads/rel/3`), null);
  });

  test('of GitLab’s kind is made from a protected branch: the default one is none by being that', async () => {
    const rules = gitlabRules({ merge: [{ kind: 'role', level: 30 }] });
    await protectPattern(cast.owner.api, repository, { origin: 'gitlab', pattern: 'stable-*', rules });
    const create = async (name: string) =>
      (await cast.developer.api('POST', `/repos/${repository}/git/refs`, { ref: `refs/heads/${name}`, sha: await tipOfMain() })).status;
    const next = await work.must('commit-tree', `${base}^{tree}`, '-p', merge, '-m', 'next');
    assert.equal(await push(`${next}:refs/heads/main`), null);
    assert.equal(await create('stable-1'), 422);
    await protectPattern(cast.owner.api, repository, { origin: 'github', pattern: 'main', rules: githubRules() });
    assert.equal(await create('stable-1'), 201);
  });

  const tipOfMain = async (): Promise<string> => (await must(cast.owner.api('GET', `/repos/${repository}/git/ref/heads/main`))).object.sha;
});
