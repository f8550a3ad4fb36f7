import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { must } from '../support/api.ts';
import { CommandLine } from '../support/command-line.ts';
import { WorkTree } from '../support/history.ts';
import { castOf } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openSql } from '../support/sql.ts';

describe('commands that ask', { timeout: 60_000 }, () => {
  let server: TestServer;
  let line: CommandLine;
  let [first, second]: [string, string] = ['', ''];

  before(async () => {
    server = await startTestServer();
    const cast = await castOf(server);
    line = new CommandLine(server);
    await using work = await WorkTree.create();
    first = await work.commit('one', { f: '1' });
    await work.push(cast.developer.remote('acme/app'), 'HEAD:refs/heads/main');
    await must(cast.owner.api('PUT', '/repos/acme/app/branches/main/protection', protectionBody));
    second = await work.commit('two', { f: '2' });
    await work.push(cast.developer.remote('acme/app'), 'HEAD:refs/heads/topic');
  });
  after(() => server[Symbol.asyncDispose]());

  describe('explain', () => {
    const ask = (rest: string, [ref, oldId, newId] = ['refs/heads/main', first, second]) =>
      `explain acme/app ${ref} ${oldId} ${newId} ${rest}`.trimEnd();

    test('says pass, and ends with 0, where a push would be accepted', async () => {
      const ran = await line.run(ask('--user dev', ['refs/heads/new', '0', second]));
      assert.deepEqual(ran, { code: 0, stdout: 'pass\n', stderr: '' });
    });

    test('says every rule that refuses and what would pass it, and ends with 1', async () => {
      const ran = await line.run(ask('--user dev'));
      assert.equal(ran.code, 1);
      const [verdict, ...reasons] = ran.stdout.trimEnd().split('\n');
      assert.equal(verdict, 'fail (update)');
      assert.deepEqual(reasons.map((line) => /^ {2}(\w+): .+ \(an elevated token passes it\)$/.exec(line)?.[1]).sort(), [
        'pull_request',
        'required_status_checks',
      ]);
    });

    test('says what a token passes, and what it falls short of', async () => {
      const minted = async (flags: string): Promise<string> => {
        await line.run(`token create --user dev --scopes repo,repo:bypass-protection --repo acme/app ${flags}`);
        return String((await line.lastEntry()).data.token_id_created);
      };
      const passing = await line.run(ask(`--token-id ${await minted('--ref refs/heads/main')}`));
      assert.deepEqual([passing.code, passing.stdout.split('\n')[0]], [0, 'bypass (update)']);
      assert.match(passing.stdout, /pull_request: .+ \(bypassed by elevated token\)/);
      const short = await line.run(ask(`--token-id ${await minted('--ref refs/heads/other')}`));
      assert.equal(short.code, 1);
      assert.match(short.stdout, /this token falls short: ref/);
      const onWeb = await line.run(ask(`--token-id ${await minted('')} --via web`));
      assert.equal(onWeb.code, 1, 'nobody bypasses in the browser');
    });

    test('says what stands in the way before any rule', async () => {
      const stale = await line.run(ask('--user dev', ['refs/heads/main', second, second]));
      assert.equal(stale.code, 1);
      const [verdict, obstacle, ...reasons] = stale.stdout.trimEnd().split('\n');
      assert.deepEqual([verdict, obstacle], ['fail (update)', '  stale info, fetch first']);
      assert.equal(reasons.length, 2, 'the rules are told all the same');
    });

    test('refuses what cannot be', async () => {
      await line.refused('explain acme/app refs/heads/main', 2, /usage:/);
      await line.refused(ask(''), 2, /name one of --user and --token-id/);
      await line.refused(ask('--user dev --token-id 1'), 2, /name one of --user and --token-id/);
      await line.refused(ask('--token-id x'), 2, /--token-id is a number/);
      await line.refused(ask('--user dev --via telepathy'), 2, /--via is one of web, api, git-http, git-ssh, server/);
      await line.refused(`explain acme refs/heads/main 0 ${second} --user dev`, 2, /the repository is OWNER\/NAME/);
      await line.refused(`explain acme/nothing refs/heads/main 0 ${second} --user dev`, 1, /there is no such repository/);
      await line.refused(ask('--user nobody'), 1, /there is no such user/);
      await line.refused(ask('--token-id 999999'), 1, /there is no such token/);
      await line.refused(ask('--user dev', ['main', first, second]), 1, /"main" is not a full ref name/);
    });
  });

  describe('audit', () => {
    test('head prints what verify --head takes', async () => {
      const head = await line.run('audit head');
      assert.equal(head.code, 0);
      assert.deepEqual(Object.keys(JSON.parse(head.stdout)), ['number', 'hash', 'at', 'signature']);
      const proof = await line.run('audit verify --head FILE', { head: head.stdout });
      const { number, hash } = JSON.parse(head.stdout);
      assert.equal(proof.code, 0);
      assert.equal(proof.stdout, `${number} entries, every one in its place; head ${number} ${hash}\n`);
      assert.doesNotMatch(proof.stderr, /note:/);
      assert.match((await line.run('audit verify')).stderr, /note: without a head that was kept elsewhere, a rollback/);
    });

    test('verify refuses a head that is none', async () => {
      const { stdout } = await line.run('audit head');
      for (const text of ['', 'not JSON', '{}', '[]', JSON.stringify({ ...JSON.parse(stdout), number: 'one' })])
        await line.refused('audit verify --head FILE', 2, /the head file is not what "sallyport audit head" prints/, { head: text });
      await line.refused('audit verify --head', 2, /argument missing/);
    });

    test('verify names what was changed, and ends with 1', async () => {
      await using sql = await openSql(server.data);
      await sql.run(`update audit_entry set action = 'nothing.happened' where number = 3`);
      const ran = await line.run('audit verify');
      assert.equal(ran.code, 1);
      assert.equal(ran.stdout, 'entry 3 was changed: its action is not what its text says\n');
      assert.match(ran.stderr, /the audit log is NOT whole\n$/);
    });

    test('an empty log proves nothing', async () => {
      await using sql = await openSql(server.data);
      await sql.run('delete from audit_entry');
      await sql.run('delete from audit_head');
      for (const words of ['audit verify', 'audit head']) {
        const ran = await line.run(words);
        assert.deepEqual([ran.code, ran.stdout], [1, ''], words);
        assert.match(ran.stderr, /the audit log is empty/);
      }
    });
  });
});

const protectionBody = {
  required_status_checks: { strict: false, contexts: ['build'] },
  enforce_admins: true,
  required_pull_request_reviews: { required_approving_review_count: 1 },
  restrictions: null,
};
