import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { commands } from '#cli/run-command.ts';
import { must } from '../support/api.ts';
import { CommandLine } from '../support/command-line.ts';
import { castOf, type Personas, personaOf } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const aDay = 24 * 60 * 60 * 1000;
const token = /^sly_[0-9A-Za-z]{36}\n$/;

describe('commands that change something', { timeout: 60_000 }, () => {
  let server: TestServer;
  let cast: Personas;
  let line: CommandLine;

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    line = new CommandLine(server);
  });
  after(() => server[Symbol.asyncDispose]());

  describe('user create', () => {
    test('creates a person, with an address, on the record', async () => {
      const ran = await line.run('user create bob --email bob@example.com');
      assert.equal(ran.code, 0);
      assert.match(ran.stdout, /^bob \(\d+\)\n$/);
      assert.equal((await must(cast.admin.api('GET', '/users/bob'))).site_admin, false);
      const entry = await line.lastEntry();
      assert.deepEqual(
        [entry.action, entry.actor.login, entry.actor.kind, entry.via],
        ['user.create', 'operator:tester', 'operator', 'cli'],
      );
    });

    test('creates a site admin, and takes a password from standard input that is nowhere shown', async () => {
      const ran = await line.run('user create root2 --email r@example.com --admin --password-stdin', { stdin: 'correct horse\n' });
      assert.equal(ran.code, 0, ran.stderr);
      assert.equal((await must(cast.admin.api('GET', '/users/root2'))).site_admin, true);
      assert.ok(!JSON.stringify([ran, await line.lastEntry(), server.logged]).includes('correct horse'));
    });

    test('refuses what cannot be', async () => {
      await line.refused('user create', 2, /usage: sallyport user create NAME/);
      await line.refused('user create a b --email x@example.com', 2, /usage:/);
      await line.refused('user create carl', 2, /--email is needed/);
      await line.refused('user create carl --email', 2, /'--email <value>' argument missing/);
      await line.refused('user create carl --email x@example.com --bogus', 2, /Unknown option '--bogus'/);
      await line.refused('user create carl --email x@example.com --admin=yes', 2, /does not take an argument/);
      await line.refused('user create carl --email x@example.com --password-stdin', 2, /password on standard input is empty/, {
        stdin: '\n',
      });
      await line.refused('user create DEV --email x@example.com', 1, /login is already taken/);
      await line.refused('user create carl --email dev@example.com', 1, /email is already in use/);
      await line.refused('user create carl --email nonsense', 1, /is not an e-mail address/);
      await line.refused('user create api --email x@example.com', 1, /Login is reserved/);
      await line.refused('user create -- -carl --email', 2, /usage:/);
    });
  });

  describe('token create', () => {
    test('prints the token alone, and it works', async () => {
      const ran = await line.run('token create --user dev --scopes repo,read:org');
      assert.deepEqual([ran.code, ran.stderr], [0, '']);
      assert.match(ran.stdout, token);
      const { api } = personaOf(server, 'dev', ran.stdout.trim());
      const answer = await api('GET', '/user');
      assert.equal(answer.body.login, 'dev');
      assert.equal(answer.headers.get('x-oauth-scopes'), 'read:org, repo');
    });

    test('sets every bound that a flag names', async () => {
      const flags = [
        ...[
          '--user',
          'dev',
          '--scopes',
          'repo, repo:bypass-protection',
          '--name',
          'release bot',
          '--note',
          'for releases',
          '--expires',
          '12h',
        ],
        ...['--repo', 'acme/app', '--ref', 'refs/heads/main', '--ref', 'refs/tags/v*', '--operation', 'create', '--operation', 'update'],
        ...['--rule', 'lock', '--path', 'docs/**', '--uses', '3'],
      ];
      const ran = await line.run(['token', 'create', ...flags]);
      assert.match(ran.stdout, token, ran.stderr);
      const id = (await line.lastEntry()).data.token_id_created;
      const admin = personaOf(server, 'admin', server.adminToken);
      const made = await must(admin.api('GET', `/api/sallyport/v1/tokens/${id}`));
      const app = await must(cast.owner.api('GET', '/repos/acme/app'));
      assert.deepEqual([made.name, made.note, made.scopes], ['release bot', 'for releases', ['repo', 'repo:bypass-protection']]);
      assert.ok(Math.abs(Date.parse(made.expires_at) - Date.now() - aDay / 2) < 60_000);
      assert.deepEqual(made.bypass, {
        repositories: [app.id],
        refs: ['refs/heads/main', 'refs/tags/v*'],
        operations: ['create', 'update'],
        rules: ['lock'],
        paths: ['docs/**'],
        uses: { max: 3, reserved: 0, spent: 0 },
        granted_by: 'operator',
      });
    });

    test('reads an end in days, hours, minutes, or as a date', async () => {
      const endOf = async (expires: string): Promise<number> => {
        assert.equal((await line.run(['token', 'create', '--user', 'dev', '--scopes', 'repo', '--expires', expires])).code, 0, expires);
        return (await line.lastEntry()).data.expires_at;
      };
      const near = (at: number, expected: number) => assert.ok(Math.abs(at - expected) < 60_000, `${at} is not near ${expected}`);
      near(await endOf('2d'), Date.now() + 2 * aDay);
      near(await endOf('90m'), Date.now() + 90 * 60_000);
      const date = new Date(Date.now() + 10 * aDay).toISOString().slice(0, 10);
      assert.equal(await endOf(date), Date.parse(date));
    });

    test('gives all repositories and the scope to mint, which no API gives', async () => {
      assert.equal((await line.run('token create --user dev --scopes repo,repo:bypass-protection --repo all')).code, 0);
      assert.equal((await line.lastEntry()).data.bounds.repositories, 'all');
      assert.equal((await line.run('token create --user olga --scopes repo,admin:bypass-token')).code, 0);
    });

    test('refuses what cannot be', async () => {
      const plain = 'token create --user dev --scopes repo';
      const robot = 'token create --user dev --scopes repo,repo:bypass-protection';
      await line.refused('token create --scopes repo', 2, /--user and --scopes are needed/);
      await line.refused('token create --user dev', 2, /--user and --scopes are needed/);
      await line.refused(`${plain} surplus`, 2, /usage:/);
      await line.refused(`${plain} --expires soon`, 2, /--expires is like 30d, 12h or 2026-12-24, not "soon"/);
      await line.refused(robot, 2, /needs --repo O\/R/);
      await line.refused(
        `${robot} --repo acme/app --operation push`,
        2,
        /--operation is one of update, force-push, create, delete, merge, not push/,
      );
      for (const uses of ['0', '-1', 'many', '1.5', '1e3'])
        await line.refused(`${robot} --repo acme/app --uses=${uses}`, 2, /--uses is a number from 1 up/);
      for (const bound of ['--repo acme/app', '--ref refs/heads/main', '--operation create', '--rule lock', '--path x', '--uses 1'])
        await line.refused(`${plain} ${bound}`, 2, /bounds a bypass: add the scope repo:bypass-protection/);
      await line.refused('token create --user nobody --scopes repo', 1, /there is no such user/);
      await line.refused('token create --user acme --scopes repo', 1, /there is no such user/);
      await line.refused('token create --user dev --scopes repo,root', 1, /unknown: root/);
      await line.refused(`${plain} --expires 400d`, 1, /must lie within 366 days/);
      await line.refused(`${plain} --expires 2020-01-01`, 1, /must lie within 366 days/);
      await line.refused(`${robot} --repo acme/nothing`, 1, /"acme\/nothing" does not exist/);
      await line.refused(`${robot} --repo acme/app --rule no_such_rule`, 1, /unknown: no_such_rule/);
      await line.refused('token create --user dev --scopes repo:bypass-protection --repo acme/app', 1, /needs one of repo/);
      await line.refused(
        'token create --user dev --scopes repo,repo:bypass-protection,admin:bypass-token --repo acme/app',
        1,
        /never sits beside/,
      );
    });
  });

  test('token list shows what each token is, never the secret; token revoke ends one at once', async () => {
    await line.run('user create lister --email l@example.com');
    await line.run('token create --user lister --scopes repo --name plain');
    const robot = await line.run(
      'token create --user lister --scopes repo,repo:bypass-protection --repo all --ref refs/heads/main --uses 4 --name robot --expires 1d',
    );
    const { stdout } = await line.run('token list --user LISTER');
    const tomorrow = new Date(Date.now() + aDay).toISOString().slice(0, 10);
    const [newest, older, rest] = stdout.split('\n');
    assert.match(
      newest!,
      new RegExp(
        `^\\d+  robot  …${robot.stdout.trim().slice(-8)}  repo,repo:bypass-protection  until ${tomorrow}  elevated: update,merge on refs/heads/main, 0 of 4 uses$`,
      ),
    );
    assert.match(older!, /^\d+ {2}plain {2}….{8} {2}repo {2}until \d{4}-\d{2}-\d{2}$/);
    assert.equal(rest, '');
    assert.ok(!stdout.includes('sly_'));
    const id = /^\d+/.exec(newest!)![0];
    const { api } = personaOf(server, 'lister', robot.stdout.trim());
    assert.equal((await api('GET', '/user')).status, 200);
    assert.deepEqual(await line.run(`token revoke ${id}`), { code: 0, stdout: '', stderr: `token ${id} is revoked\n` });
    assert.equal((await api('GET', '/user')).status, 401);
    assert.match((await line.run('token list --user lister')).stdout, /robot .* revoked /);
    assert.equal((await line.run(`token revoke ${id}`)).code, 0, 'what is so already is done');
    await line.refused('token revoke 999999', 1, /there is no such token/);
    await line.refused('token revoke robot', 2, /ID is the number that "token list" shows/);
    await line.refused('token revoke', 2, /usage:/);
    await line.refused('token list', 2, /--user is needed/);
    await line.refused('token list --user nobody', 1, /there is no such user/);
  });

  test('app create prints the private key alone, and installs the app where it is told', async () => {
    const ran = await line.run(
      'app create deployer --owner acme --name Deployer --permission contents:write --permission statuses:read --event push --install acme',
    );
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /^-----BEGIN (RSA )?PRIVATE KEY-----\n[\s\S]+-----END (RSA )?PRIVATE KEY-----\n$/);
    assert.match(ran.stderr, /^installed on acme as \d+\napp deployer has the id \d+\n$/);
    await line.refused('app create other', 2, /--owner is needed/);
    await line.refused('app create other --owner acme --permission contents', 2, /--permission is NAME:read or NAME:write, not "contents"/);
    await line.refused('app create other --owner acme --permission contents:admin', 2, /--permission is NAME:read or NAME:write/);
    await line.refused('app create deployer --owner acme', 1, /slug is already taken/);
    await line.refused('app create other --owner nobody', 1, /there is no such/);
  });

  test('there is no other command', async () => {
    for (const words of ['user', 'user delete dev', 'token', 'users create x', 'create user', 'constructor', ''])
      assert.deepEqual([(await line.run(words)).code, (await line.run(words)).stdout], [2, ''], words);
    assert.equal(commands.length, 8);
  });
});
