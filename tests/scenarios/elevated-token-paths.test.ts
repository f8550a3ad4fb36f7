import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { git } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, elevated, type Persona, type Personas } from '../support/personas.ts';
import { githubRules, protect, protectPattern } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const repository = 'acme/app';
const outside = /it does not cover every path that is touched/;
const review = { approvals: 1, dismissStale: false, codeOwners: false, lastPush: false, dismissal: { mode: 'writers' }, passes: [] };

describe('an elevated token that is bounded to paths', () => {
  let server: TestServer;
  let cast: Personas;
  let work: WorkTree;
  let remote: string;
  let base: string;
  /** May touch `docs` and `CHANGELOG`, nothing else. */
  let writer: Persona;

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    remote = cast.developer.remote(repository);
    work = await WorkTree.create();
    base = await work.commit('begin', { 'src/main.ts': 'one\n', 'docs/a.md': 'a\n', 'docs/b.md': 'b\n', CHANGELOG: 'none\n' });
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/trunk', 'HEAD:refs/heads/main');
    const rules = githubRules({ type: 'pull_request', parameters: review });
    await protectPattern(cast.owner.api, repository, { origin: 'github', pattern: 'main', rules });
    writer = await elevated(server, cast.developer, {
      repositories: [repository],
      paths: ['docs/**/*', 'docs/*', 'CHANGELOG'],
      operations: ['update', 'force-push', 'create', 'delete'],
    });
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await work.must('fetch', '--quiet', remote, 'refs/heads/main');
    await work.must('checkout', '--quiet', '-B', 'work', 'FETCH_HEAD');
  });

  const tip = () => remoteRef(remote, 'refs/heads/main');

  async function lands(persona: Persona = writer): Promise<void> {
    const result = await work.push(persona.remote(repository), 'HEAD:refs/heads/main');
    assert.equal(result.code, 0, result.stderr);
    assert.equal(await tip(), await work.head());
  }

  async function isOutside(refspec = 'HEAD:refs/heads/main'): Promise<void> {
    const before = await tip();
    const result = await work.push(writer.remote(repository), refspec);
    assert.equal(result.code, 1, result.stderr);
    assert.match(result.stderr, outside);
    assert.equal(await tip(), before);
  }

  test('passes a commit that touches nothing else, down to an empty one', async () => {
    await work.commit('inside', { 'docs/deep/er/c.md': 'c\n', CHANGELOG: 'one\n' });
    await work.commit('nothing at all');
    await lands();
  });

  test('is refused for one path beside them, added, changed or gone', async () => {
    for (const files of [
      { 'src/new.ts': 'x\n' },
      { 'src/main.ts': 'two\n' },
      { 'src/main.ts': null },
      { 'docs.md': 'x\n' },
      { 'xdocs/a.md': 'x\n' },
    ]) {
      await work.commit('beside', { 'docs/a.md': `${JSON.stringify(files)}\n`, ...files });
      await isOutside();
      await work.must('reset', '--quiet', '--hard', 'HEAD~1');
    }
  });

  test('is refused for a commit in the middle, although another one takes it back: the difference in the end is none', async () => {
    await work.commit('first', { 'docs/a.md': 'first\n' });
    await work.commit('hidden', { 'src/main.ts': 'malice\n' });
    await work.commit('taken back', { 'src/main.ts': 'one\n' });
    assert.equal(await work.must('diff', '--name-only', 'HEAD~2', 'HEAD'), '');
    await isOutside();
  });

  test('covers both sides of a rename', async () => {
    await rename(join(work.path, 'src/main.ts'), join(work.path, 'docs/main.ts'));
    await work.commit('out of src');
    await isOutside();
    await work.must('reset', '--quiet', '--hard', 'HEAD~1');
    await rename(join(work.path, 'docs/b.md'), join(work.path, 'src/b.md'));
    await work.commit('into src');
    await isOutside();
    await work.must('reset', '--quiet', '--hard', 'HEAD~1');
    await rename(join(work.path, 'docs/b.md'), join(work.path, 'docs/renamed.md'));
    await work.commit('within docs');
    await lands();
  });

  test('covers a change of the mode, and a symbolic link or a submodule in place of a file', async () => {
    await work.must('update-index', '--chmod=+x', 'src/main.ts');
    await work.must('commit', '--quiet', '-m', 'mode');
    await isOutside();
    await work.must('reset', '--quiet', '--hard', 'HEAD~1');
    await work.must('update-index', '--add', '--cacheinfo', `160000,${base},src/sub`);
    await work.must('commit', '--quiet', '-m', 'submodule');
    await isOutside();
  });

  test('covers both sides of a merge', async () => {
    const from = await work.head();
    await work.commit('on main', { 'docs/main.md': 'x\n' });
    await work.must('checkout', '--quiet', '-B', 'side', from);
    await work.commit('inside, on the side', { 'docs/side.md': 'x\n' });
    await work.must('checkout', '--quiet', 'work');
    await work.must('merge', '--quiet', '--no-edit', 'side');
    await lands();
    await work.must('checkout', '--quiet', '-B', 'side', from);
    await work.commit('outside, on the side', { 'src/side.ts': 'x\n' });
    await work.must('checkout', '--quiet', 'work');
    await work.must('merge', '--quiet', '--no-edit', 'side');
    await isOutside();
  });

  test('covers what a merge itself changes: malice that neither parent has', async () => {
    const from = await work.head();
    await work.commit('on main', { 'docs/e1.md': 'x\n' });
    await work.must('checkout', '--quiet', '-B', 'side', from);
    await work.commit('on the side', { 'docs/e2.md': 'x\n' });
    await work.must('checkout', '--quiet', 'work');
    await work.must('merge', '--quiet', '--no-commit', 'side');
    await work.commit('evil merge', { 'src/main.ts': 'malice\n' });
    assert.equal((await work.must('rev-list', '--parents', '-1', 'HEAD')).split(' ').length, 3);
    await isOutside();
  });

  test('covers what a merge takes back: `-s ours` of an older side reverts a path without naming it', async () => {
    // 1. The branch has a fix in src. 2. A side forks before it and touches docs only. 3. The side merges the branch and keeps its own tree.
    const before = await work.head();
    await work.commit('the fix', { 'src/main.ts': 'fixed\n' });
    const robot = await elevated(server, cast.developer, { repositories: [repository] });
    await lands(robot);
    const fixed = await work.head();
    await work.must('checkout', '--quiet', '-B', 'side', before);
    await work.commit('harmless', { 'docs/h.md': 'h\n' });
    await work.must('merge', '--quiet', '--no-edit', '-s', 'ours', fixed);
    assert.notEqual(await work.must('show', 'HEAD:src/main.ts'), 'fixed');
    await isOutside();
    await work.must('checkout', '--quiet', '-B', 'work', fixed);
  });

  test('covers what a force push takes away, and refuses a deletion, which shows no paths', async () => {
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/forced');
    await protect(cast.owner.api, repository, 'forced', { required_pull_request_reviews: {}, enforce_admins: true });
    const before = await work.head();
    const robot = await elevated(server, cast.developer, { repositories: [repository], operations: ['update'] });
    await work.commit('outside', { 'src/main.ts': 'later\n' });
    assert.equal((await work.push(robot.remote(repository), 'HEAD:refs/heads/forced')).code, 0);
    await work.must('reset', '--quiet', '--hard', before);
    for (const refspec of ['+HEAD:refs/heads/forced', ':refs/heads/forced']) {
      const result = await work.push(writer.remote(repository), refspec);
      assert.match(result.stderr, outside, refspec);
    }
    await work.commit('inside', { 'docs/f.md': 'f\n' });
    assert.match((await work.push(writer.remote(repository), '+HEAD:refs/heads/forced')).stderr, outside);
  });

  test('measures a new branch against everything that is protected', async () => {
    const restriction = { type: 'actor_restriction', parameters: { grants: [], coversCreation: true } };
    await protectPattern(cast.owner.api, repository, { origin: 'github', pattern: 'new/*', rules: githubRules(restriction) });
    await work.commit('inside', { 'docs/n.md': 'n\n' });
    const result = await work.push(writer.remote(repository), 'HEAD:refs/heads/new/1');
    assert.equal(result.code, 0, result.stderr);
    await work.commit('outside', { 'src/n.ts': 'n\n' });
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/parked');
    await isOutside('HEAD:refs/heads/new/2');
  });

  test('holds on the API: contents, merges, refs', async () => {
    const file = { message: 'x', content: 'eA==', branch: 'main' };
    assert.equal((await writer.api('PUT', `/repos/${repository}/contents/docs/api.md`, file)).status, 201);
    const refused = await writer.api('PUT', `/repos/${repository}/contents/src/api.ts`, file);
    assert.deepEqual([refused.status, refused.body.elevated_token], [409, ['it does not cover every path that is touched']]);
    await work.must('checkout', '--quiet', '-B', 'api', base);
    await work.commit('outside', { 'src/api2.ts': 'x\n' });
    await work.must('push', '--quiet', '--force', remote, 'HEAD:refs/heads/api');
    const merge = await writer.api('POST', `/repos/${repository}/merges`, { base: 'main', head: 'api' });
    assert.deepEqual([merge.status, merge.body.elevated_token], [409, ['it does not cover every path that is touched']]);
    await work.must('checkout', '--quiet', '-B', 'api', base);
    await work.commit('inside', { 'docs/api2.md': 'x\n' });
    await work.must('push', '--quiet', '--force', remote, 'HEAD:refs/heads/api');
    const merged = await writer.api('POST', `/repos/${repository}/merges`, { base: 'main', head: 'api' });
    assert.equal(merged.status, 201, JSON.stringify(merged.body));
    assert.equal((await must(cast.owner.api('GET', `/repos/${repository}/branches/main`))).commit.sha, merged.body.sha);
  });

  test('reads names as git writes them: spaces, umlauts, bytes that are no text', async () => {
    await work.commit('odd, inside', { 'docs/ä b\t.md': 'x\n' });
    await lands();
    const blob = await work.must('hash-object', '-w', 'CHANGELOG');
    const entry = Buffer.concat([Buffer.from(`100644 ${blob} 0\tsrc/`), Buffer.from([0xff, 0xfe]), Buffer.from('\n')]);
    assert.equal((await git(work.path, ['update-index', '--index-info'], { input: entry })).code, 0);
    await work.must('commit', '--quiet', '-m', 'odd, outside');
    await isOutside();
  });
});
