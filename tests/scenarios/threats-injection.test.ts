/**
 * Text that means something to whoever reads it next: a terminal, a log, a header, a database, a browser. The attacker
 * 1. writes control characters, line breaks, half characters and directions of writing wherever text is taken;
 * 2. has a colleague push against the rule, read the list, follow the link, read the log.
 * Names that git would take for options are in bad-input.test.ts and bad-names.test.ts.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { verifyAudit } from '#operations/audit/verify-audit.ts';
import { type Api, type ApiAnswer, must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { mustGit } from '../support/git.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, elevated, type Personas } from '../support/personas.ts';
import { githubRules, protectPattern } from '../support/protections.ts';
import { entries } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const odd: Readonly<Record<string, string>> = {
  'a character that is none': 'a\u0000b',
  'half a character': 'a\ud800b',
  'the other half': '\udc00',
  'a command for the terminal': '\u001b[2J\u001b]0;owned\u0007',
  'one of its later kind': '\u009b2J',
  'a line of somebody else': 'x\nremote: ok\r\nHTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\n\r\n',
  'another direction of writing': '\u202egnp.exe\u2066',
  'an end of line for some': 'a\u2028b\u2029c',
  'what a log might take for an entry': '"}\n{"level":60,"msg":"forged"}',
  'what a page might take for its own': '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>',
  'what a database might take for its own': "'); drop table account; --",
  'no more than blanks': ' \t ',
};

for (const database of databases) {
  describe(`odd text, on ${database}`, { timeout: 120_000 }, () => {
    let server: TestServer;
    let cast: Personas;
    let sha: string;
    before(async () => {
      server = await startTestServer({ database });
      cast = await castOf(server);
      await using work = await WorkTree.create();
      sha = await work.commit('one', { 'a.txt': 'a\n' });
      await work.must('push', '--quiet', cast.owner.remote('acme/app'), 'HEAD:refs/heads/main');
    });
    after(() => server[Symbol.asyncDispose]());

    for (const [what, value] of Object.entries(odd)) {
      test(`${what} breaks nothing, wherever it is written and read`, async () => {
        const { owner, admin } = cast;
        const app = '/repos/acme/app';
        const native = '/api/sallyport/v1';
        const rules = githubRules({
          type: 'required_status_checks',
          parameters: { strict: false, checks: [{ context: value, app: null }] },
        });
        const asked: [api: Api, method: string, path: string, body: unknown][] = [
          [admin.api, 'POST', '/admin/users', { login: value, email: `${value}@example.com` }],
          [admin.api, 'POST', '/admin/organizations', { login: 'fine', admin: value, profile_name: value }],
          [owner.api, 'PATCH', '/orgs/acme', { name: value, description: value }],
          [owner.api, 'POST', '/orgs/acme/teams', { name: value, description: value }],
          [owner.api, 'POST', '/orgs/acme/repos', { name: value, description: value, homepage: value }],
          [owner.api, 'PATCH', app, { description: value, homepage: value }],
          [owner.api, 'PATCH', app, { default_branch: value }],
          [owner.api, 'PUT', `${app}/branches/main/protection`, { ...off, required_status_checks: { strict: true, contexts: [value] } }],
          [
            owner.api,
            'PUT',
            `${app}/branches/main/protection`,
            { ...off, restrictions: { users: [value], teams: [value], apps: [value] } },
          ],
          [owner.api, 'POST', `${native}${app}/protections`, { origin: 'github', pattern: `${value}*`, rules }],
          [owner.api, 'POST', `${native}/tokens`, { name: value, note: value, scopes: ['repo'] }],
          [owner.api, 'POST', `${native}/tokens`, { name: 'n', note: value, scopes: ['repo', value] }],
          [owner.api, 'POST', `${native}/apps`, { slug: value, name: value, owner: 'acme', permissions: { [value]: 'read' } }],
          [
            owner.api,
            'POST',
            `${native}/apps`,
            { slug: 'fine', name: 'n', description: value, external_url: value, owner: 'acme', permissions: {} },
          ],
          [owner.api, 'POST', `${app}/statuses/${sha}`, { state: 'success', context: value, description: value, target_url: value }],
          [
            owner.api,
            'POST',
            `${app}/check-runs`,
            { name: value, head_sha: sha, external_id: value, output: { title: value, summary: value } },
          ],
          [owner.api, 'POST', `${app}/git/refs`, { ref: `refs/heads/${value}`, sha }],
          [owner.api, 'POST', `${app}/git/blobs`, { content: value }],
          [owner.api, 'POST', `${app}/git/tags`, { tag: value, message: value, object: sha, type: 'commit' }],
          [owner.api, 'PUT', `${app}/contents/${encodeURIComponent(value.toWellFormed())}`, { message: value, content: '' }],
          [owner.api, 'POST', `${app}/merges`, { base: value, head: value, commit_message: value }],
          [owner.api, 'POST', `${app}/branches/main/rename`, { new_name: value }],
          [owner.api, 'POST', `${native}${app}/explain`, { via: 'api', updates: [{ ref: value, new: value }] }],
          [owner.api, 'POST', '/user/ssh_signing_keys', { title: value, key: value }],
          [owner.api, 'POST', '/user/gpg_keys', { name: value, armored_public_key: value }],
        ];
        for (const [api, method, path, body] of asked) fine(await api(method, path, body), `${method} ${path} ${JSON.stringify(body)}`);
        const query = new URLSearchParams({ phrase: value, after: value, before: value, per_page: value, order: value });
        for (const path of [
          `/enterprises/sallyport/audit-log?${query}`,
          `${native}/audit?${query}`,
          `/user/repos?${query}`,
          `${app}/commits?sha=${query}`,
        ])
          fine(await admin.api('GET', path), path);
        fine(await owner.api('GET', `${app}/branches/main/protection`), 'the protection');
        for (const path of [app, `${app}/branches`, `${native}${app}/protections`, `${native}/tokens`, '/orgs/acme/teams', '/orgs/acme'])
          assert.equal((await owner.api('GET', path)).status, 200, path);
        const log = await must(admin.api('GET', '/enterprises/sallyport/audit-log?include=all&per_page=100'));
        assert.ok(log.length > 10);
      });
    }

    test('what only looks odd is taken as it is', async () => {
      for (const [json, description] of [
        ['"a\\\\ud800b"', 'a\\ud800b'],
        ['"a\\\\u0000b"', 'a\\u0000b'],
        ['"a\\\\\\\\ud800"', 'a\\\\ud800'],
        ['"\\ud83d\\ude00"', '\u{1f600}'],
        ['"\\uD83D\\uDE00"', '\u{1f600}'],
      ]) {
        const { description: shown } = await must(cast.owner.api('PATCH', '/repos/acme/app', `{"description":${json}}`));
        assert.equal(shown, description);
      }
      const { sha: blob } = await must(cast.owner.api('POST', '/repos/acme/app/git/blobs', { content: 'a\u0000b' }));
      const { content } = await must(cast.owner.api('GET', `/repos/acme/app/git/blobs/${blob}`));
      assert.equal(content, Buffer.from('a\0b').toString('base64'));
    });

    test('and the record of all that is whole', async () => {
      const { problems } = await verifyAudit(server.running.house.context, null);
      assert.deepEqual(problems, []);
      const broken = server.logged.map((line) => JSON.parse(line)).filter(({ level }) => level >= 50);
      assert.deepEqual(broken, []);
      assert.ok(!server.logged.some((line) => JSON.parse(line).msg === 'forged'));
    });

    function fine({ status, headers, body }: ApiAnswer, what: string): void {
      assert.ok(status < 500, `${what}: ${status} ${JSON.stringify(body)}`);
      assert.equal(headers.get('set-cookie'), null);
    }
  });
}

describe('text on its way to somebody', { timeout: 60_000 }, () => {
  let server: TestServer;
  let cast: Personas;
  let work: WorkTree;
  let base: string;
  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    work = await WorkTree.create();
    base = await work.commit('one', { 'a.txt': 'a\n' });
    await work.must('push', '--quiet', cast.owner.remote('acme/app'), 'HEAD:refs/heads/main');
  });
  after(async () => {
    await work[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test('no name of a check, a file or a branch commands the terminal of whoever pushes', async () => {
    const possible = Object.values(odd).filter((value) => value.isWellFormed() && !value.includes('\0'));
    const checks = possible.map((context) => ({ context, app: null }));
    const rules = githubRules(
      { type: 'required_status_checks', parameters: { strict: false, checks } },
      { type: 'required_linear_history', parameters: {} },
    );
    await protectPattern(cast.owner.api, 'acme/app', { origin: 'github', pattern: 'main', rules });
    const robot = await elevated(server, cast.developer, {
      repositories: ['acme/app'],
      paths: ['docs/**'],
      rules: ['required_status_checks'],
    });
    await work.commit('names', { '\u001b[31mred': '', 'a\u009b2Jb': '', 'x\ny': '', '\u202egnp.exe': '' });
    for (const persona of [cast.developer, robot]) {
      const { stderr } = await work.push(persona.remote('acme/app'), 'HEAD:refs/heads/main', 'HEAD:refs/heads/\u009b2J\u202ex');
      assert.match(stderr, /remote: - .*status check/i);
      // What the client itself colours is not ours.
      const ours = stderr.split('\n').filter((line) => /^(remote:| ! \[)/.test(line));
      assert.ok(ours.length > 3);
      for (const line of ours)
        assert.doesNotMatch(line.replaceAll('\u001b[K', ''), /[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u, JSON.stringify(line));
    }
  });

  test('no pattern, branch or name breaks a header, and what it leads to is one address', async () => {
    const { owner } = cast;
    for (const name of [
      '\u00fcml\u00e4ut',
      'caf\u00e9\u2603',
      '\ud83d\udea2',
      'a"b',
      'a>b',
      'a;b=c',
      'a,b',
      "a'b",
      'a%0d%0ax',
      'a&b=c',
      'a#b',
    ]) {
      await work.must('push', '--quiet', owner.remote('acme/app'), `${base}:refs/heads/${name}/x`, `${base}:refs/heads/old-${name}`);
      await protectPattern(owner.api, 'acme/app', { origin: 'github', pattern: `${name}/*`, rules: githubRules() });
      const encoded = encodeURIComponent(name);
      const shown = await owner.api('GET', `/repos/acme/app/branches/${encoded}%2Fx/protection`);
      assert.deepEqual([shown.status, shown.headers.get('sallyport-pattern')], [200, `${encoded}%2F*`], name);
      await must(owner.api('POST', `/repos/acme/app/branches/old-${encoded}/rename`, { new_name: `new-${name}` }));
      const moved = await owner.api('GET', `/repos/acme/app/branches/old-${encoded}`);
      assert.equal(moved.status, 301, name);
      const target = new URL(moved.headers.get('location')!);
      assert.equal(target.origin, server.url);
      const followed = await owner.api('GET', target.pathname.replace('/api/v3', '') + target.search);
      assert.equal(followed.body.name, `new-${name}`);
      const made = await owner.api('POST', '/repos/acme/app/git/refs', { ref: `refs/tags/${name}`, sha: base });
      assert.equal(made.status, 201, name);
      assert.equal(new URL(made.headers.get('location')!).origin, server.url);
    }
    const query = '?per_page=1&x=%3E%3B%20rel%3D%22next%22&y=%0d%0aSet-Cookie:%20a=b';
    const { headers } = await owner.api('GET', `/repos/acme/app/branches${query}`);
    assert.equal(headers.get('set-cookie'), null);
    for (const link of headers.get('link')!.split(/, (?=<)/)) assert.match(link, /^<http:\/\/[^<>"\s]+>; rel="(next|last|prev|first)"$/);
  });

  test('no browser takes an answer for a page', async () => {
    const html = '<html><script>alert(document.domain)</script></html>';
    const { owner } = cast;
    await must(owner.api('POST', '/repos/acme/app/git/refs', { ref: 'refs/heads/page', sha: base }));
    await must(
      owner.api('PUT', '/repos/acme/app/contents/x.html', { message: 'm', content: Buffer.from(html).toString('base64'), branch: 'page' }),
    );
    const asked: [path: string, accept: string][] = [
      ['/api/v3/repos/acme/app/contents/x.html?ref=page', 'application/vnd.github.raw'],
      ['/api/v3/repos/acme/app/contents/x.html?ref=page', 'application/vnd.github.html'],
      ['/api/v3/repos/acme/app/contents/x.html?ref=page', 'text/html'],
      [`/api/v3/${html}`, 'text/html'],
      [`/${encodeURIComponent(html)}`, 'text/html'],
      [`/acme/${encodeURIComponent(html)}.git/info/refs?service=git-upload-pack`, 'text/html'],
      [`/acme/app.git/info/refs?service=${encodeURIComponent(html)}`, 'text/html'],
      [`/api/sallyport/v1/tokens/${encodeURIComponent(html)}`, 'text/html'],
      [`/api/v3/user?jsonp=${encodeURIComponent(html)}&callback=alert`, 'text/html'],
    ];
    for (const [path, accept] of asked) {
      const response = await fetch(server.url + path, { headers: { authorization: `Bearer ${owner.token}`, accept } });
      const type = response.headers.get('content-type') ?? '';
      assert.doesNotMatch(type, /html|javascript|svg|xml/, path);
      assert.ok(
        type.startsWith('application/json') ||
          type.startsWith('text/plain') ||
          response.headers.get('x-content-type-options') === 'nosniff',
        `${path}: ${type}`,
      );
    }
  });

  test('no line of the log is written by a client', async () => {
    const forged = 'x\\n{"level":60,"msg":"forged"}\t"\u00ff';
    const { hostname, port } = new URL(server.url);
    for (const path of [
      '/api/v3/user',
      '/acme/app.git/info/refs?service=git-upload-pack',
      `/api/v3/repos/${encodeURIComponent(odd['what a log might take for an entry']!)}/x`,
    ]) {
      const headers = {
        'user-agent': forged,
        authorization: `Bearer ${forged}`,
        'git-protocol': forged,
        'x-request-id': 'forged',
        'x-github-request-id': 'forged',
      };
      const [response] = (await once(request({ hostname, port, path, headers }).end(), 'response')) as [IncomingMessage];
      await text(response);
    }
    await cast.developer.api(
      'POST',
      '/repos/acme/app/git/refs',
      { ref: 'refs/heads/ok', sha: base },
      { 'user-agent': forged.replace('\u00ff', '') },
    );
    const [entry] = await entries(server, 'action:git.push');
    assert.equal(entry.user_agent, forged.replace('\u00ff', ''));
    assert.notEqual(entry.request_id, 'forged');
    for (const line of server.logged) {
      const { msg, requestId } = JSON.parse(line);
      assert.notEqual(msg, 'forged');
      assert.notEqual(requestId, 'forged');
      assert.equal(line.indexOf('\n'), line.length - 1);
    }
    await mustGit('/', ['ls-remote', cast.owner.remote('acme/app')]);
  });
});

const off = { required_status_checks: null, enforce_admins: null, required_pull_request_reviews: null, restrictions: null };
