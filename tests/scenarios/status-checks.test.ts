import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type Api, must } from '../support/api.ts';
import { type InstalledApp, installApp } from '../support/apps.ts';
import { remoteLines } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, createPersona, elevated, mint, type Personas, personaOf } from '../support/personas.ts';
import { protect } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

describe('a branch that requires status checks', () => {
  let server: TestServer;
  let cast: Personas;
  let ci: InstalledApp;
  let other: InstalledApp;
  let work: WorkTree;
  let remote: string;
  let changes = 0;

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    remote = cast.developer.remote('acme/app');
    [ci, other] = (await Promise.all(['ci', 'lint'].map((slug) => installApp(server, cast.owner, 'acme', slug)))) as [
      InstalledApp,
      InstalledApp,
    ];
    work = await WorkTree.create();
    await work.commit('begin');
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/main');
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** The branch needs these checks from now on. */
  const need = (...checks: readonly { context: string; app_id?: number }[]) =>
    protect(cast.owner.api, 'acme/app', 'main', { required_status_checks: { strict: false, checks }, enforce_admins: true });
  beforeEach(() => need({ context: 'build', app_id: -1 }));

  /** A new commit on top of the branch, on the server by way of another branch. */
  async function parked(): Promise<string> {
    await work.must('fetch', '--quiet', remote, 'main');
    await work.must('reset', '--quiet', '--hard', 'FETCH_HEAD');
    changes += 1;
    const commit = await work.commit(`change ${changes}`);
    await work.must('push', '--quiet', '--force', remote, 'HEAD:refs/heads/topic');
    return commit;
  }

  const status = (api: Api, commit: string, state: string, context = 'build') =>
    must(api('POST', `/repos/acme/app/statuses/${commit}`, { state, context }));
  const run = (api: Api, commit: string, fields: Record<string, unknown>) =>
    must(api('POST', '/repos/acme/app/check-runs', { name: 'build', head_sha: commit, ...fields }));

  /** What a push of the commit to the branch is told; null: it landed. */
  async function pushed(commit: string): Promise<string | null> {
    const result = await work.push(remote, `${commit}:refs/heads/main`);
    const landed = (await remoteRef(remote, 'refs/heads/main')) === commit;
    assert.equal(landed, result.code === 0, result.stderr);
    if (landed) return null;
    assert.match(result.stderr, /protected branch hook declined/);
    return remoteLines(result)
      .find((line) => line.startsWith('- '))!
      .slice(2);
  }

  test('refuses a commit that nothing has been reported of', async () => {
    const commit = await work.commit('fresh');
    assert.equal(await pushed(commit), 'Required status check "build" is expected.');
  });

  test('takes a commit whose check was green on another branch before', async () => {
    const commit = await parked();
    await status(cast.maintainer.api, commit, 'success');
    assert.equal(await pushed(commit), null);
  });

  const statuses = { error: 'failing', failure: 'failing', pending: 'pending' } as const;
  for (const [state, word] of Object.entries(statuses)) {
    test(`refuses a commit with the status ${state}`, async () => {
      const commit = await parked();
      await status(cast.developer.api, commit, state);
      assert.equal(await pushed(commit), `Required status check "build" is ${word}.`);
    });
  }

  const runs: readonly [fields: Record<string, string>, word: string | null][] = [
    [{ status: 'queued' }, 'queued'],
    [{ status: 'in_progress' }, 'in progress'],
    ...['success', 'neutral', 'skipped'].map((conclusion) => [{ conclusion }, null] as [Record<string, string>, null]),
    ...['failure', 'cancelled', 'timed_out', 'action_required', 'stale'].map(
      (conclusion) => [{ conclusion }, 'failing'] as [Record<string, string>, string],
    ),
  ];
  for (const [fields, word] of runs) {
    test(`${word === null ? 'takes' : 'refuses'} a commit with a check run that is ${Object.values(fields)}`, async () => {
      const commit = await parked();
      await run((await ci.token()).api, commit, fields);
      assert.equal(await pushed(commit), word === null ? null : `Required status check "build" is ${word}.`);
    });
  }

  test('counts the newest status, whichever way it turned', async () => {
    const commit = await parked();
    await status(cast.developer.api, commit, 'success');
    await status(cast.maintainer.api, commit, 'failure');
    assert.equal(await pushed(commit), 'Required status check "build" is failing.');
    await status(cast.developer.api, commit, 'success');
    assert.equal(await pushed(commit), null);
  });

  test('counts the newest check run of an app, and how a run ended in the end', async () => {
    const commit = await parked();
    const { api } = await ci.token();
    await run(api, commit, { conclusion: 'failure' });
    const again = await run(api, commit, { status: 'in_progress' });
    assert.equal(await pushed(commit), 'Required status check "build" is in progress.');
    await must(api('PATCH', `/repos/acme/app/check-runs/${again.id}`, { conclusion: 'success' }));
    assert.equal(await pushed(commit), null);
  });

  test('needs both where a status and a check run carry the name', async () => {
    const commit = await parked();
    await status(cast.developer.api, commit, 'success');
    await run((await ci.token()).api, commit, { conclusion: 'failure' });
    assert.equal(await pushed(commit), 'Required status check "build" is failing.');
  });

  test('compares the name of a check without case', async () => {
    const commit = await parked();
    await status(cast.developer.api, commit, 'success', 'BUILD');
    assert.equal(await pushed(commit), null);
  });

  test('a check that is pinned to an app is satisfied by that app alone', async () => {
    await need({ context: 'build', app_id: ci.id });
    const commit = await parked();
    const wrongApp = 'Required status check "build" was not set by the expected GitHub app.';
    await status(cast.developer.api, commit, 'success');
    assert.equal(await pushed(commit), wrongApp);
    await run(cast.developer.api, commit, { conclusion: 'success' });
    assert.equal(await pushed(commit), wrongApp);
    const { api } = await other.token();
    await status(api, commit, 'success');
    await run(api, commit, { conclusion: 'success' });
    assert.equal(await pushed(commit), wrongApp);
    await run((await ci.token()).api, commit, { conclusion: 'success' });
    assert.equal(await pushed(commit), null);
  });

  test("nobody else turns a failed run of the app into a green one, or the app's status into their own", async () => {
    await need({ context: 'build', app_id: ci.id });
    const commit = await parked();
    const failed = await run((await ci.token()).api, commit, { conclusion: 'failure' });
    for (const { api } of [cast.attacker, cast.maintainer, await other.token()]) {
      const answer = await api('PATCH', `/repos/acme/app/check-runs/${failed.id}`, { conclusion: 'success' });
      assert.equal(answer.status, 403, JSON.stringify(answer.body));
      await status(api, commit, 'success');
    }
    assert.equal(await pushed(commit), 'Required status check "build" is failing.');
  });

  test('an app reports statuses by its permission for statuses and check runs by that for checks, and neither by the other', async () => {
    const commit = await parked();
    const checker = await ci.token({ permissions: { contents: 'read', checks: 'write' } });
    const reporter = await ci.token({ permissions: { contents: 'read', statuses: 'write' } });
    const asked = (api: Api, what: 'statuses' | 'check-runs') =>
      what === 'statuses'
        ? api('POST', `/repos/acme/app/statuses/${commit}`, { state: 'success', context: 'build' })
        : api('POST', '/repos/acme/app/check-runs', { name: 'build', head_sha: commit, conclusion: 'success' });
    const answers = await Promise.all([checker, reporter].flatMap(({ api }) => [asked(api, 'statuses'), asked(api, 'check-runs')]));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [403, 201, 201, 403],
    );
  });

  test('a check without an app is pinned to the app that reported it last; -1 lets any report', async () => {
    const commit = await parked();
    await run((await ci.token()).api, commit, { name: 'deploy', conclusion: 'success' });
    const pinned = await need({ context: 'deploy' }, { context: 'never-seen' }, { context: 'build', app_id: -1 });
    assert.deepEqual(pinned.required_status_checks.checks, [
      { context: 'deploy', app_id: ci.id },
      { context: 'never-seen', app_id: null },
      { context: 'build', app_id: null },
    ]);
  });

  test('says how many of several checks are unmet, and which', async () => {
    await need(...['build', 'lint', 'test'].map((context) => ({ context, app_id: -1 })));
    const commit = await parked();
    await status(cast.developer.api, commit, 'success', 'build');
    assert.equal(await pushed(commit), '2 of 3 required status checks are expected.');
    await status(cast.developer.api, commit, 'failure', 'lint');
    assert.equal(await pushed(commit), '2 of 3 required status checks have not succeeded: 1 failing, 1 expected.');
    const { stderr } = await work.push(remote, `${commit}:refs/heads/main`);
    assert.match(stderr, /lint \(failing\)[\s\S]*test \(expected\)/);
    await status(cast.developer.api, commit, 'success', 'lint');
    assert.equal(await pushed(commit), 'Required status check "test" is expected.');
  });

  test('strict asks for nothing more of a push: what fast-forwards is up to date; what is behind cannot land', async () => {
    const checks = [{ context: 'build', app_id: -1 }];
    await protect(cast.owner.api, 'acme/app', 'main', { required_status_checks: { strict: true, checks }, enforce_admins: true });
    const behind = await parked();
    await status(cast.developer.api, behind, 'success');
    await work.must('reset', '--quiet', '--hard', 'HEAD~1');
    const first = await work.commit('landed before');
    await work.must('push', '--quiet', '--force', remote, 'HEAD:refs/heads/topic2');
    await status(cast.developer.api, first, 'success');
    assert.equal(await pushed(first), null);
    const forced = await work.push(remote, `+${behind}:refs/heads/main`);
    assert.match(forced.stderr, /Cannot force-push to this branch/);
    const merge = await cast.developer.api('POST', '/repos/acme/app/merges', { base: 'main', head: behind });
    assert.deepEqual([merge.status, merge.body.message], [409, 'Required status check "build" is expected.']);
  });

  test('no check at all is required by an empty list', async () => {
    await need();
    assert.equal(await pushed(await parked()), null);
  });

  test('judges the tip, and the creation of a branch not at all', async () => {
    const commit = await parked();
    const above = await work.commit('above it');
    await status(cast.developer.api, commit, 'success');
    assert.equal(await pushed(above), 'Required status check "build" is expected.');
    assert.equal((await work.push(remote, `${above}:refs/heads/brand-new`)).code, 0);
  });

  test('every other door asks for the same', async () => {
    const commit = await parked();
    const expected = 'Required status check "build" is expected.';
    const refs = await cast.developer.api('PATCH', '/repos/acme/app/git/refs/heads/main', { sha: commit });
    assert.deepEqual([refs.status, refs.body.message], [422, expected]);
    const file = { message: 'x', content: 'eA==', branch: 'main' };
    const contents = await cast.developer.api('PUT', '/repos/acme/app/contents/x.txt', file);
    assert.deepEqual([contents.status, contents.body.message], [409, `Could not create file: ${expected}`]);
    await status(cast.developer.api, commit, 'success');
    await must(cast.developer.api('PATCH', '/repos/acme/app/git/refs/heads/main', { sha: commit }));
    assert.equal(await remoteRef(remote, 'refs/heads/main'), commit);
  });

  test('the same commit, green in another repository, is not green here', async () => {
    await must(cast.attacker.api('POST', '/user/repos', { name: 'mine' }));
    const commit = await parked();
    await work.must('push', '--quiet', cast.attacker.remote('mallory/mine'), `${commit}:refs/heads/main`);
    await must(cast.attacker.api('POST', `/repos/mallory/mine/statuses/${commit}`, { state: 'success', context: 'build' }));
    assert.equal(await pushed(commit), 'Required status check "build" is expected.');
  });

  test('who may not write reports nothing, and a token that may only report pushes nothing', async () => {
    const commit = await parked();
    const reader = await createPersona(server, 'rita');
    await must(cast.owner.api('PUT', '/repos/acme/app/collaborators/rita', { permission: 'pull' }));
    for (const [{ api }, wanted] of [
      [reader, 403],
      [cast.outsider, 404],
    ] as const) {
      assert.equal((await api('POST', `/repos/acme/app/statuses/${commit}`, { state: 'success', context: 'build' })).status, wanted);
      assert.equal(
        (await api('POST', '/repos/acme/app/check-runs', { name: 'build', head_sha: commit, conclusion: 'success' })).status,
        wanted,
      );
    }
    const reporter = personaOf(server, 'dev', await mint(server, 'dev', ['repo:status']));
    await status(reporter.api, commit, 'success');
    const result = await work.push(reporter.remote('acme/app'), `${commit}:refs/heads/main`);
    assert.match(result.stderr, /403|may not push/);
    assert.equal(await pushed(commit), null);
  });

  test('an elevated token passes, with a receipt that names what was missing', async () => {
    const robot = await elevated(server, cast.developer, { repositories: ['acme/app'] });
    const commit = await parked();
    const result = await work.push(robot.remote('acme/app'), `${commit}:refs/heads/main`);
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(remoteLines(result).slice(0, 3), [
      'Bypassed rule violations for refs/heads/main:',
      '',
      '- Required status check "build" is expected.',
    ]);
  });
});
