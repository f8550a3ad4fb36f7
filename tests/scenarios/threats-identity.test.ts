/**
 * Family I, who is the pusher; and the address of the server, which links and redirects carry. The attacker
 * 1. says to be somebody else: as author, committer, tagger, user name, in headers of proxies, in parameters of other products;
 * 2. says to come from elsewhere, or that the server is called otherwise.
 * Signatures of somebody else are in signed-commits.test.ts, a push certificate in protocol.test.ts.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { apiOf, must } from '../support/api.ts';
import { git } from '../support/git.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, type Persona, type Personas } from '../support/personas.ts';
import { freePort } from '../support/ports.ts';
import { protect } from '../support/protections.ts';
import { entries } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const main = 'refs/heads/main';

describe('who is asking, and whom', { timeout: 60_000 }, () => {
  let server: TestServer;
  let cast: Personas;
  let mallory: Persona;
  let work: WorkTree;
  let base: string;
  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    mallory = cast.attacker;
    work = await WorkTree.create();
    base = await work.commit('one', { 'a.txt': 'a\n' });
    await work.must('push', '--quiet', cast.owner.remote('acme/app'), `HEAD:${main}`);
    await protect(cast.owner.api, 'acme/app', 'main', { restrictions: { users: ['olga'], teams: [], apps: [] }, enforce_admins: true });
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test('whoever a commit or a tag says it is by, and whatever a proxy might say, the pusher is who authenticated', async () => {
    const olga = {
      GIT_AUTHOR_NAME: 'olga',
      GIT_AUTHOR_EMAIL: 'olga@example.com',
      GIT_COMMITTER_NAME: 'olga',
      GIT_COMMITTER_EMAIL: 'olga@example.com',
    };
    const tip = await remoteRef(cast.owner.remote('acme/app'), main);
    await work.must('checkout', '--quiet', '-B', 'posing', tip!);
    await work.commit('as olga', { 'b.txt': 'b\n' }, olga);
    await git(work.path, ['tag', '--force', '-a', '-m', 'as olga', 'v9'], { env: olga });
    const claims = [
      ...[
        'X-Forwarded-User',
        'X-Remote-User',
        'Remote-User',
        'REMOTE_USER',
        'X-GitHub-User',
        'X-Authenticated-User',
        'Sudo',
        'X-Gitlab-User',
        'From',
      ],
    ].flatMap((header) => ['-c', `http.extraHeader=${header}: olga`]);
    const forwarded = ['-c', 'http.extraHeader=X-Forwarded-For: 203.0.113.9', '-c', 'http.extraHeader=X-Real-IP: 203.0.113.9'];
    const { host } = new URL(server.url);
    const posing = `http://olga:${mallory.token}@${host}/acme/app.git`;
    const pushed = await git(work.path, [...claims, ...forwarded, 'push', posing, `HEAD:${main}`, 'v9']);
    assert.match(pushed.stderr, /You're not authorized to push to this branch/);
    assert.equal(await remoteRef(cast.owner.remote('acme/app'), main), tip);
    const [refused] = await entries(server, 'action:protected_branch.rejected_ref_update');
    assert.deepEqual([refused.actor, refused.actor_ip], ['mallory', '127.0.0.1']);
    const person = { name: 'olga', email: 'olga@example.com' };
    const contents = { message: 'm', content: '', author: person, committer: person, branch: 'main', creator: { login: 'olga' } };
    const headers = { sudo: 'olga', 'x-forwarded-user': 'olga', 'x-forwarded-for': '203.0.113.9' };
    const wrote = await mallory.api('PUT', '/repos/acme/app/contents/c.txt?sudo=olga&as=olga', contents, headers);
    assert.equal(wrote.status, 409, JSON.stringify(wrote.body));
    const status = await must(
      mallory.api('POST', `/repos/acme/app/statuses/${base}`, { state: 'success', creator: { login: 'olga' } }, headers),
    );
    assert.equal(status.creator.login, 'mallory');
    const [reported] = await entries(server, 'action:commit_status.create');
    assert.deepEqual([reported.actor, reported.actor_ip], ['mallory', '127.0.0.1']);
  });

  test('a proxy that is one of ours is believed about the address, for what it has seen itself, and about nothing else', async () => {
    await using behind = await startTestServer({ config: { trustedProxies: ['127.0.0.1'] } });
    const admin = apiOf(behind.url, behind.adminToken);
    const headers = { 'x-forwarded-for': '6.6.6.6, 203.0.113.9', 'x-forwarded-user': 'somebody', 'x-forwarded-host': 'evil.example' };
    const made = await must(admin('POST', '/user/repos', { name: 'r' }, headers));
    assert.doesNotMatch(JSON.stringify(made), /evil/);
    const [entry] = await entries(behind, 'action:repo.create');
    assert.deepEqual([entry.actor, entry.actor_ip], ['admin', '203.0.113.9']);
  });

  test('the address of the server is as configured, whatever a client or a proxy calls it', async () => {
    const port = await freePort();
    const config = { listen: { host: '127.0.0.1', port }, publicUrl: 'https://git.example.com', trustedProxies: ['127.0.0.1'] };
    await using known = await startTestServer({ config });
    const ask = async (method: string, path: string, body = ''): Promise<string> => {
      const [response] = (await once(
        request(`http://127.0.0.1:${port}/api/v3${path}`, {
          method,
          headers: {
            ...{ host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'gopher', forwarded: 'host=evil.example' },
            ...{ authorization: `Bearer ${known.adminToken}`, 'content-type': 'application/json' },
          },
        }).end(body),
        'response',
      )) as [IncomingMessage];
      return `${response.statusCode} ${response.rawHeaders.join('\n')} ${await text(response)}`;
    };
    const answers = [
      await ask('POST', '/user/repos', '{"name":"one"}'),
      await ask('POST', '/user/repos', '{"name":"two"}'),
      await ask('GET', '/user/repos?per_page=1'),
      await ask('PATCH', '/repos/admin/one', '{"name":"three"}'),
      await ask('GET', '/repos/admin/one'),
      await ask('GET', '/'),
    ];
    assert.match(answers[2]!, /rel="next"/);
    assert.match(answers[4]!, /^301 /);
    for (const answer of answers) {
      assert.match(answer, /https:\/\/git\.example\.com\/api\/v3\//);
      assert.doesNotMatch(answer, /evil|gopher/);
    }
  });
});
