import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { remoteLines } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, elevated, type Personas } from '../support/personas.ts';
import { gitlabRules, protect, protectPattern } from '../support/protections.ts';
import { entries, entryCount } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const repository = 'acme/app';
const dryRun = ['-o', 'sallyport.dry-run'];

describe('a dry run', () => {
  let server: TestServer;
  let cast: Personas;
  let work: WorkTree;
  let remote: string;
  let changes = 0;

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    remote = cast.developer.remote(repository);
    work = await WorkTree.create();
    await work.commit('begin');
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/main');
    await protect(cast.owner.api, repository, 'main', {
      required_pull_request_reviews: {},
      required_status_checks: { strict: false, contexts: ['build'] },
      enforce_admins: true,
    });
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  async function oneMore(): Promise<string> {
    await work.must('fetch', '--quiet', remote, 'refs/heads/main');
    await work.must('reset', '--quiet', '--hard', 'FETCH_HEAD');
    changes += 1;
    return work.commit(`change ${changes}`);
  }

  test('says that a push would be refused, with every reason, and keeps nothing of it', async () => {
    const commit = await oneMore();
    const before = await entryCount(server);
    const result = await work.push(remote, ...dryRun, 'HEAD:refs/heads/main');
    assert.equal(result.code, 1);
    assert.match(result.stderr, /\[remote rejected\] HEAD -> main \(dry run: refused\)/);
    assert.deepEqual(remoteLines(result), [
      'Dry run: refs/heads/main (update) would be refused.',
      '',
      '- Changes must be made through a pull request.',
      '  not bypassed',
      '',
      '- Required status check "build" is expected.',
      '  not bypassed',
      '',
    ]);
    assert.equal(await entryCount(server), before + 1);
    assert.equal((await cast.developer.api('GET', `/repos/${repository}/git/commits/${commit}`)).status, 404);
    await using stranger = await WorkTree.create();
    assert.notEqual((await stranger.git('-c', 'protocol.version=2', 'fetch', remote, commit)).code, 0);
  });

  test('says that a push would be accepted, and does not take it', async () => {
    const commit = await oneMore();
    const result = await work.push(remote, ...dryRun, 'HEAD:refs/heads/topic');
    assert.equal(result.code, 1);
    assert.match(result.stderr, /\[remote rejected\] HEAD -> topic \(dry run: would be accepted\)/);
    assert.equal(await remoteRef(remote, 'refs/heads/topic'), null);
    assert.equal((await cast.developer.api('GET', `/repos/${repository}/git/commits/${commit}`)).status, 404);
  });

  test('says that a bypass would be needed and by what, and takes no use of it', async () => {
    const robot = await elevated(server, cast.developer, { repositories: [repository], uses: 1 });
    const commit = await oneMore();
    const reason = ['-o', 'bypass-reason=only asking'];
    const result = await work.push(robot.remote(repository), ...dryRun, ...reason, 'HEAD:refs/heads/main');
    assert.match(result.stderr, /\(dry run: would be accepted\)/);
    assert.deepEqual(remoteLines(result).slice(0, 4), [
      'Dry run: refs/heads/main (update) would be accepted, by a bypass.',
      '',
      '- Changes must be made through a pull request.',
      '  bypassed by: elevated token',
    ]);
    const [entry, ...others] = await entries(server, `action:git.push_dry_run ${commit}`);
    assert.deepEqual([entry.updates[0].result, entry.updates[0].after, entry.actor, others.length], ['bypass', commit, 'dev', 0]);
    assert.equal((await entries(server, `action:protected_branch.policy_override ${commit}`)).length, 0);
    assert.equal((await work.push(robot.remote(repository), 'HEAD:refs/heads/main')).code, 0, 'the use is still there');
    await oneMore();
    const spent = await work.push(robot.remote(repository), ...dryRun, 'HEAD:refs/heads/main');
    assert.match(spent.stderr, /not bypassed; the elevated token does not pass it: its uses are used up/);
  });

  test('judges each ref, and the content although the refs alone would do for a refusal', async () => {
    await must(cast.owner.api('POST', `/repos/${repository}/branches/main/protection/required_signatures`));
    await oneMore();
    const result = await work.push(
      remote,
      ...dryRun,
      'HEAD:refs/heads/main',
      'HEAD:refs/heads/free',
      ':refs/heads/absent',
      'HEAD:refs/tags/v1',
    );
    assert.match(result.stderr, /main \(dry run: refused\)/);
    assert.match(result.stderr, /free \(dry run: would be accepted\)/);
    assert.match(result.stderr, /v1 \(dry run: would be accepted\)/);
    assert.ok(remoteLines(result).includes('- Commits must have verified signatures.'), result.stderr);
    await must(cast.owner.api('DELETE', `/repos/${repository}/branches/main/protection/required_signatures`));
  });

  test('tells what git would refuse before any rule', async () => {
    await oneMore();
    const result = await work.push(remote, ...dryRun, 'HEAD:refs/heads/main', 'HEAD:refs/pull/1/head');
    assert.match(result.stderr, /refs\/pull\/1\/head \(dry run: refused \(deny updating a hidden ref\)\)/);
  });

  test('tells that GitLab rules would refuse the whole push', async () => {
    await work.must('push', '--quiet', remote, 'HEAD:refs/heads/gitlab');
    await protectPattern(cast.owner.api, repository, { origin: 'gitlab', pattern: 'gitlab', rules: gitlabRules({}) });
    await work.commit('for both');
    const result = await work.push(remote, ...dryRun, 'HEAD:refs/heads/gitlab', 'HEAD:refs/heads/beside');
    assert.match(result.stderr, /gitlab \(dry run: refused\)/);
    assert.match(result.stderr, /beside \(dry run: refused\)/);
  });

  test('is asked for by its exact name only', async () => {
    const commit = await oneMore();
    assert.equal((await work.push(remote, '-o', 'dry-run', '-o', 'sallyport.dry-run.x', 'HEAD:refs/heads/real')).code, 0);
    assert.equal(await remoteRef(remote, 'refs/heads/real'), commit);
  });
});
