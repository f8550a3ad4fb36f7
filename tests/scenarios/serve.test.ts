import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiOf, must } from '../support/api.ts';
import { sallyport, serve } from '../support/cli.ts';
import { createPostgresDatabase, databases } from '../support/databases.ts';
import { temporaryFolder } from '../support/folders.ts';

const tokenIn = (text: string): string => /sly_[0-9A-Za-z]{36}/.exec(text)![0];

/** How long a stop may take that has nothing to wait for. */
const promptly = 5000;

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const late = new AbortController();
  const timeout = sleep(milliseconds, undefined, { signal: late.signal }).then(() => {
    throw new Error(`not done within ${milliseconds} ms`);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    late.abort();
  }
}

describe('serve', () => {
  test('prints the first credentials once, then one line when it listens, and exits with 0 on SIGTERM', async () => {
    await using folder = await temporaryFolder();
    await using server = await serve(['--data', folder.path, '--port', '0']);
    const { stdout } = server.output();
    assert.match(stdout, /A site admin was created\. This is shown once:\n {2}login +admin\n {2}password +\S{20}/);
    assert.ok(stdout.endsWith(`listening on ${server.url}\n`));
    assert.equal(stdout.match(/listening on/g)?.length, 1);
    const admin = apiOf(server.url, tokenIn(stdout));
    assert.equal((await must(admin('GET', '/user'))).site_admin, true);
    const [token] = (await must(admin('GET', '/api/sallyport/v1/tokens'))).tokens;
    assert.equal(token.elevated, false);
    assert.ok(Date.parse(token.expires_at) - Date.now() <= 24 * 60 * 60 * 1000);
    const ended = await within(promptly, server.stop());
    assert.equal(ended.code, 0);
    assert.match(ended.stderr, /stopping: waiting for what is under way\n$/);

    await using again = await serve(['--data', folder.path, '--port', '0']);
    assert.equal(again.output().stdout, `listening on ${again.url}\n`);
    assert.equal((await apiOf(again.url, tokenIn(stdout))('GET', '/user')).status, 200);
    assert.equal((await within(promptly, again.stop('SIGINT'))).code, 0);
  });

  test('lets a request that is under way end before it exits', async () => {
    await using folder = await temporaryFolder();
    await using server = await serve(['--data', folder.path, '--port', '0']);
    const authorization = `Bearer ${tokenIn(server.output().stdout)}`;
    // A connection that would be kept for the next request must not keep the server.
    const agent = new http.Agent({ keepAlive: true });
    const request = http.request(`${server.url}/api/v3/user/repos`, {
      agent,
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
    });
    request.write('{"name": ');
    await until(async () => (await fetch(`${server.url}/healthz`)).ok);
    await sleep(100);
    const ended = server.stop();
    await until(() => Promise.resolve(server.output().stderr.includes('stopping')));
    await assert.rejects(fetch(`${server.url}/healthz`), 'no new connection is taken');
    request.end('"late"}');
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    assert.equal(response.statusCode, 201);
    assert.equal(((await json(response)) as { name: string }).name, 'late');
    assert.equal((await within(promptly, ended)).code, 0);
    agent.destroy();
  });

  test('does not wait for clients that say nothing', async () => {
    await using folder = await temporaryFolder();
    await using server = await serve(['--data', folder.path, '--port', '0']);
    const { hostname, port } = new URL(server.url);
    const idle = [net.connect(Number(port), hostname), net.connect(join(folder.path, 'admin.sock'))];
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    const agent = new http.Agent({ keepAlive: true });
    http.get(`${server.url}/healthz`, { agent }, (response) => response.resume());
    await sleep(200);
    assert.equal((await within(promptly, server.stop())).code, 0);
    for (const socket of idle) socket.destroy();
    agent.destroy();
  });

  test('refuses a data folder that another server has open', async () => {
    await using folder = await temporaryFolder();
    await using first = await serve(['--data', folder.path, '--port', '0']);
    const second = await sallyport(['serve', '--data', folder.path, '--port', '0']);
    assert.deepEqual(second, { code: 1, stdout: '', stderr: `sallyport: another Sallyport has ${folder.path} open\n` });
    assert.equal((await fetch(`${first.url}/healthz`)).status, 200);
  });

  test('opens a folder after the server before was killed', async () => {
    await using folder = await temporaryFolder();
    await using killed = await serve(['--data', folder.path, '--port', '0']);
    await killed.stop('SIGKILL');
    assert.ok((await stat(join(folder.path, 'admin.sock'))).isSocket());
    await using server = await serve(['--data', folder.path, '--port', '0']);
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  });

  test('takes its flags from SALLYPORT_* too, where flags win', async () => {
    await using folder = await temporaryFolder();
    const env = {
      SALLYPORT_DATA: join(folder.path, 'from-environment'),
      SALLYPORT_PORT: '0',
      SALLYPORT_HOST: '127.0.0.2',
      SALLYPORT_ENTERPRISE: 'octo',
    };
    await using server = await serve(['--host', '127.0.0.1'], { env });
    assert.equal(new URL(server.url).hostname, '127.0.0.1');
    assert.ok((await stat(join(env.SALLYPORT_DATA, 'sallyport.db'))).isFile());
    const admin = apiOf(server.url, tokenIn(server.output().stdout));
    assert.equal((await admin('GET', '/enterprises/octo/audit-log')).status, 200);
  });

  test('says what is wrong with its configuration, and exits with 2', async () => {
    await using folder = await temporaryFolder();
    const data = ['--data', folder.path];
    const wrong: readonly (readonly [args: readonly string[], env: Record<string, string>, words: RegExp])[] = [
      [['--port', '70000'], {}, /port is a number up to 65535/],
      [['--no-such-flag'], {}, /Unknown option '--no-such-flag'; see sallyport serve --help/],
      [['surplus'], {}, /see sallyport serve --help/],
      [[], { SALLYPORT_LOG_LEVEL: 'loud' }, /log-level is one of/],
    ];
    for (const [args, env, words] of wrong) {
      const ran = await sallyport(['serve', ...data, ...args], { env });
      assert.deepEqual([ran.code, ran.stdout], [2, ''], args.join(' '));
      assert.match(ran.stderr, words);
    }
  });

  test('that cannot listen or read its certificate says so and leaves nothing running', async () => {
    await using folder = await temporaryFolder();
    await using first = await serve(['--data', join(folder.path, 'one'), '--port', '0']);
    const taken = await sallyport(['serve', '--data', join(folder.path, 'two'), '--port', new URL(first.url).port]);
    assert.equal(taken.code, 1);
    assert.match(taken.stderr, /EADDRINUSE/);
    const absent = join(folder.path, 'absent.pem');
    const tls = await sallyport(['serve', '--data', join(folder.path, 'two'), '--port', '0', '--tls-cert', absent, '--tls-key', absent]);
    assert.equal(tls.code, 1);
    assert.match(tls.stderr, /absent\.pem/);
  });

  test('runs as a user whom the machine has no name for', async () => {
    await using folder = await temporaryFolder();
    // Only root can become somebody else; anybody else has a name already.
    const nameless = process.getuid!() === 0 ? { uid: 54_321 } : {};
    await chmod(folder.path, 0o777);
    await using server = await serve(['--data', join(folder.path, 'data'), '--port', '0'], nameless);
    const [entry] = (await must(apiOf(server.url, tokenIn(server.output().stdout))('GET', '/api/sallyport/v1/audit?order=asc'))).entries;
    assert.match(entry.actor.login, nameless.uid === undefined ? /^operator:.+/ : /^operator:54321$/);
  });
});

if (databases.includes('postgres')) {
  test('two servers share one PostgreSQL and one folder: what one writes the other knows', async () => {
    await using folder = await temporaryFolder();
    const { url, drop } = await createPostgresDatabase();
    const key = join(folder.path, 'shared.key');
    await writeFile(key, `${'5a'.repeat(32)}\n`);
    const args = ['--data', join(folder.path, 'data'), '--port', '0', '--database', url];
    const env = { SALLYPORT_MASTER_KEY_FILE: key };
    {
      await using one = await serve(args, { env });
      await using two = await serve(args, { env });
      const token = tokenIn(one.output().stdout);
      assert.equal(two.output().stdout, `listening on ${two.url}\n`);
      await must(apiOf(one.url, token)('POST', '/user/repos', { name: 'shared' }));
      assert.equal((await apiOf(two.url, token)('GET', '/repos/admin/shared')).status, 200);
      assert.equal((await one.stop()).code, 0);
      assert.equal((await apiOf(two.url, token)('GET', '/repos/admin/shared')).status, 200);
      assert.equal((await two.stop()).code, 0);
    }
    await drop();
  });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo().catch(() => false)); tries++) {
    assert.ok(tries < 200, 'it never came to be');
    await sleep(25);
  }
}
