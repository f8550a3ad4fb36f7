import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPersona, mint } from '../../support/personas.ts';
import { type App, installedApp } from './support/app.ts';
import { refused } from './support/refusals.ts';
import { here, stageFor } from './support/stage.ts';

let sha: string;
let ci: App;
let other: App;
const stage = stageFor(import.meta.filename, async (ready) => {
  const { cast, as } = ready;
  sha = (await as(cast.owner).rest.git.getRef({ ...here, ref: 'heads/main' })).data.object.sha;
  ci = await installedApp(ready, cast.owner, 'acme', 'ci', { contents: 'read', checks: 'write', statuses: 'write' });
  other = await installedApp(ready, cast.owner, 'acme', 'other', { contents: 'read', checks: 'write' });
});
const developer = () => stage.as(stage.cast.developer).rest;

/** A commit of its own for each test, because statuses stay. */
async function freshCommit(name: string): Promise<string> {
  const { git } = developer();
  const { data: head } = await git.getCommit({ ...here, commit_sha: sha });
  return (await git.createCommit({ ...here, message: name, tree: head.tree.sha, parents: [sha] })).data.sha;
}

test('a status is reported by a writer and read back', async () => {
  const commit = await freshCommit('status');
  const body = { state: 'pending' as const, context: 'build', description: 'soon', target_url: 'https://ci.example.com/1' };
  const { status, data, headers } = await developer().repos.createCommitStatus({ ...here, sha: commit, ...body });
  assert.equal(status, 201);
  assert.equal(headers.location, data.url);
  assert.deepEqual(
    [data.state, data.context, data.description, data.target_url, data.creator?.login],
    ['pending', 'build', 'soon', body.target_url, 'dev'],
  );
  const plain = await developer().repos.createCommitStatus({ ...here, sha: commit, state: 'success' });
  assert.deepEqual([plain.data.context, plain.data.description, plain.data.target_url], ['default', null, null]);
  const { data: list } = await developer().repos.listCommitStatusesForRef({ ...here, ref: commit });
  assert.deepEqual(list, [plain.data, data]);
});

test('the newest status of each context counts, and all together say one thing', async () => {
  const commit = await freshCommit('combined');
  const report = (context: string, state: 'error' | 'failure' | 'pending' | 'success') =>
    developer().repos.createCommitStatus({ ...here, sha: commit, context, state });
  const combined = async () => (await developer().repos.getCombinedStatusForRef({ ...here, ref: commit })).data;
  const none = await combined();
  assert.deepEqual([none.state, none.total_count, none.statuses, none.sha], ['pending', 0, [], commit]);
  assert.equal(none.repository.full_name, 'acme/app');
  await report('a', 'success');
  assert.equal((await combined()).state, 'success');
  await report('b', 'pending');
  assert.equal((await combined()).state, 'pending');
  for (const state of ['failure', 'error'] as const) {
    await report('b', state);
    assert.equal((await combined()).state, 'failure');
  }
  await report('b', 'success');
  const all = await combined();
  assert.deepEqual(
    [all.state, all.total_count, all.statuses.map((one) => [one.context, one.state]).sort()],
    [
      'success',
      2,
      [
        ['a', 'success'],
        ['b', 'success'],
      ],
    ],
  );
});

test('statuses are read by branch as by commit', async () => {
  await stage.branch('deep/branch');
  await developer().repos.createCommitStatus({ ...here, sha, context: 'by-branch', state: 'success' });
  for (const ref of [sha, 'main', 'heads/main', 'deep/branch', 'heads/deep/branch']) {
    const { data } = await developer().repos.getCombinedStatusForRef({ ...here, ref });
    assert.ok(
      data.statuses.some((one) => one.context === 'by-branch'),
      ref,
    );
    assert.equal((await developer().repos.listCommitStatusesForRef({ ...here, ref })).status, 200);
  }
});

test('a status of a commit that is not there, or of no possible state, is refused', async () => {
  const missing = '0123456789012345678901234567890123456789';
  const report = (body: object) => developer().repos.createCommitStatus({ ...here, sha, ...body } as never);
  await refused(report({ sha: missing, state: 'success' }), 422, `No commit found for SHA: ${missing}`);
  await refused(report({ sha: 'main', state: 'success' }), 422, 'No commit found for SHA: main');
  await refused(report({}), 422, `Invalid request.\n\n"state" wasn't supplied.`);
  await refused(report({ state: 'fine' }), 422, 'Invalid request.\n\nfine is not a member of ["error", "failure", "pending", "success"].');
  await refused(report({ state: 'success', description: 'x'.repeat(141) }), 422, /^Invalid request\./);
});

test('readers and strangers report nothing; repo:status is enough for a writer', async () => {
  const reader = await createPersona(stage.server, 'rita');
  await stage.as(stage.cast.owner).rest.repos.addCollaborator({ ...here, username: 'rita', permission: 'pull' });
  const by = (who: Parameters<typeof stage.as>[0]) =>
    stage.as(who).rest.repos.createCommitStatus({ ...here, sha, context: 'who', state: 'success' });
  await refused(by(reader), 403, 'Must have push access to repository');
  await refused(by(stage.cast.outsider), 404, 'Not Found');
  await refused(by(null), 401, 'Requires authentication');
  assert.equal((await by(await mint(stage.server, 'dev', ['repo:status']))).status, 201);
});

test('an app reports a check run with its own name on it', async () => {
  const commit = await freshCommit('run');
  const { status, data } = await ci.asInstallation.rest.checks.create({
    ...here,
    name: 'test',
    head_sha: commit,
    status: 'in_progress',
    external_id: 'job-1',
    details_url: 'https://ci.example.com/1',
    output: { title: 'Running', summary: 'so far, so good' },
  });
  assert.equal(status, 201);
  assert.deepEqual(
    [data.name, data.head_sha, data.status, data.conclusion, data.completed_at],
    ['test', commit, 'in_progress', null, null],
  );
  assert.deepEqual([data.app?.slug, data.app?.id, data.external_id, data.output.title], ['ci', ci.id, 'job-1', 'Running']);
  assert.deepEqual((await developer().checks.get({ ...here, check_run_id: data.id })).data, data);
  const done = await ci.asInstallation.rest.checks.update({ ...here, check_run_id: data.id, conclusion: 'success' });
  assert.deepEqual([done.data.status, done.data.conclusion, done.data.name], ['completed', 'success', 'test']);
  assert.equal(typeof done.data.completed_at, 'string');
  const { data: list } = await developer().checks.listForRef({ ...here, ref: commit });
  assert.deepEqual([list.total_count, list.check_runs], [1, [done.data]]);
});

test('a writer may report a check run too, in no app’s name', async () => {
  const commit = await freshCommit('by-hand');
  const { data } = await developer().checks.create({ ...here, name: 'manual', head_sha: commit, conclusion: 'neutral' });
  assert.deepEqual([data.app, data.status, data.conclusion], [null, 'completed', 'neutral']);
});

test('nobody changes the check run of another', async () => {
  const commit = await freshCommit('mine');
  const { data } = await ci.asInstallation.rest.checks.create({ ...here, name: 'guarded', head_sha: commit });
  const change = { ...here, check_run_id: data.id, conclusion: 'success' as const };
  await refused(other.asInstallation.rest.checks.update(change), 403, /./);
  await refused(developer().checks.update(change), 403, /./);
  assert.equal((await developer().checks.get({ ...here, check_run_id: data.id })).data.conclusion, null);
});

test('check runs of a commit are told apart by name, status, app and age', async () => {
  const commit = await freshCommit('filters');
  const run = (app: App, name: string, body: object = {}) =>
    app.asInstallation.rest.checks.create({ ...here, name, head_sha: commit, ...body });
  await run(ci, 'build', { conclusion: 'failure' });
  await run(ci, 'build', { conclusion: 'success' });
  await run(other, 'build', { status: 'queued' });
  await run(ci, 'lint', { status: 'in_progress' });
  const found = async (filter: object) => {
    const { data } = await developer().checks.listForRef({ ...here, ref: commit, ...filter });
    assert.equal(data.total_count, data.check_runs.length);
    return data.check_runs.map((one) => `${one.app?.slug} ${one.name} ${one.conclusion ?? one.status}`).sort();
  };
  assert.deepEqual(await found({}), ['ci build success', 'ci lint in_progress', 'other build queued']);
  assert.deepEqual(await found({ filter: 'all' }), ['ci build failure', 'ci build success', 'ci lint in_progress', 'other build queued']);
  assert.deepEqual(await found({ check_name: 'build' }), ['ci build success', 'other build queued']);
  assert.deepEqual(await found({ status: 'in_progress' }), ['ci lint in_progress']);
  assert.deepEqual(await found({ app_id: other.id }), ['other build queued']);
});

test('a check run that says it is completed says how', async () => {
  const body = { ...here, name: 'x', head_sha: sha };
  const unsaid = 'Invalid request.\n\nNo subschema in "anyOf" matched.\n"conclusion" wasn\'t supplied.';
  await refused(ci.asInstallation.rest.checks.create({ ...body, status: 'completed' } as never), 422, unsaid);
  const { data } = await ci.asInstallation.rest.checks.create(body);
  assert.equal(data.status, 'queued');
  await refused(ci.asInstallation.rest.checks.update({ ...here, check_run_id: data.id, status: 'completed' }), 422, unsaid);
});

test('a check run of no commit, without a name, or by an app that may not, is refused', async () => {
  const missing = '0123456789012345678901234567890123456789';
  await refused(
    ci.asInstallation.rest.checks.create({ ...here, name: 'x', head_sha: missing }),
    422,
    `No commit found for SHA: ${missing}`,
  );
  await refused(
    ci.asInstallation.rest.checks.create({ ...here, head_sha: sha } as never),
    422,
    `Invalid request.\n\n"name" wasn't supplied.`,
  );
  const mute = await installedApp(stage, stage.cast.owner, 'acme', 'mute', { contents: 'write' });
  await refused(
    mute.asInstallation.rest.checks.create({ ...here, name: 'x', head_sha: sha }),
    403,
    'Resource not accessible by integration',
  );
  await refused(developer().checks.get({ ...here, check_run_id: 999_999 }), 404, 'Not Found');
});
