import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { installApp } from '../support/apps.ts';
import { nasty } from '../support/bad-names.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, elevated, type Personas } from '../support/personas.ts';
import { allOff, protect } from '../support/protections.ts';
import { snapshot } from '../support/record.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const repository = 'acme/app';
const protection = `/repos/${repository}/branches/main/protection`;

describe('what is not right', () => {
  let server: TestServer;
  let cast: Personas;
  let untouched: unknown;

  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    await using work = await WorkTree.create();
    await work.commit('begin', { 'a.txt': 'a\n' });
    await work.must('push', '--quiet', cast.developer.remote(repository), 'HEAD:refs/heads/main', 'HEAD:refs/heads/topic');
    await protect(cast.owner.api, repository, 'main', {
      required_status_checks: { strict: false, contexts: ['build'] },
      restrictions: { users: ['dev'], teams: [] },
    });
    untouched = await snapshot(server, repository);
  });
  after(async () => {
    try {
      assert.deepEqual(await snapshot(server, repository), untouched, 'something changed');
      for (const secret of [server.adminToken, ...Object.values(cast).map((persona) => persona.token)])
        assert.ok(!server.logged.some((line) => line.includes(secret)), 'a token is in the log');
      assert.deepEqual(
        server.logged.filter((line) => /by our own fault/.test(line)),
        [],
      );
    } finally {
      await server[Symbol.asyncDispose]();
    }
  });

  interface RawAnswer {
    readonly status: number;
    readonly text: string;
    // biome-ignore lint/suspicious/noExplicitAny: tests look at bodies of every shape
    readonly body: any;
  }

  /** A request with exactly these bytes in its path and body; `fetch` would mend both. */
  function raw(method: string, path: string, body: Buffer | string = '', headers: Record<string, string> = {}): Promise<RawAnswer> {
    const { hostname, port } = new URL(server.url);
    const authorization = `Bearer ${cast.owner.token}`;
    return new Promise((resolve, reject) => {
      const sent = request(
        { hostname, port, method, path, agent: false, headers: { authorization, 'content-type': 'application/json', ...headers } },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            resolve({ status: answer.statusCode ?? 0, text, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  const put = (body: Buffer | string, headers: Record<string, string> = {}) => raw('PUT', `/api/v3${protection}`, body, headers);

  describe('in a body', () => {
    const malformed: readonly (readonly [what: string, body: string | Buffer])[] = [
      ['no JSON', 'x'],
      ['half of it', '{"restrictions": null'],
      ['two of them', '{} {}'],
      ['a comma too many', '{"restrictions": null,}'],
      ['single quotes', "{'restrictions': null}"],
      ['NaN', '{"a": NaN}'],
      ['bytes that are no UTF-8', Buffer.concat([Buffer.from('{"a": "'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])],
      ['UTF-16', Buffer.from('{"restrictions": null}', 'utf16le')],
      ['a key twice', JSON.stringify(allOff).replace('{', '{"restrictions": {"users": ["mallory"], "teams": []},')],
      [
        'a key twice, one of them escaped',
        JSON.stringify(allOff).replace('{', '{"r\\u0065strictions": {"users": ["mallory"], "teams": []},'),
      ],
      ['a key twice, further down', '{"restrictions": {"users": [], "users": ["mallory"], "teams": []}}'],
      ['a form', 'restrictions=&enforce_admins='],
    ];
    for (const [what, body] of malformed) {
      test(`${what} is told as a problem of parsing`, async () => {
        const answer = await put(body);
        assert.deepEqual([answer.status, answer.body.message, answer.body.status], [400, 'Problems parsing JSON', '400']);
      });
    }

    for (const body of ['null', 'true', '"x"', '7', '[]', '[{}]']) {
      test(`${body} is not the object that is wanted`, async () => {
        const answer = await put(body);
        assert.deepEqual([answer.status, answer.body.message], [400, 'Body should be a JSON object']);
      });
    }

    const without = (...keys: string[]) => Object.fromEntries(Object.entries(allOff).filter(([key]) => !keys.includes(key)));
    const wrong: readonly (readonly [body: unknown, says: string])[] = [
      [without('restrictions'), '"restrictions" wasn\'t supplied.'],
      [without('enforce_admins', 'restrictions'), '"enforce_admins", "restrictions" weren\'t supplied.'],
      [{}, '"required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions" weren\'t supplied.'],
      [{ ...allOff, enforce_admins: 'true' }, 'For \'properties/enforce_admins\', "true" is not a boolean.'],
      [{ ...allOff, lock_branch: 1 }, "For 'properties/lock_branch', 1 is not a boolean."],
      [{ ...allOff, restrictions: { users: [7], teams: [] } }, 'is not a string'],
      [{ ...allOff, restrictions: { users: 'dev', teams: [] } }, 'is not an array'],
      [{ ...allOff, restrictions: [] }, 'is not an object'],
      [{ ...allOff, restrictions: { users: ['dev'] } }, '"teams" wasn\'t supplied.'],
      [{ ...allOff, required_pull_request_reviews: { required_approving_review_count: 7 } }, '7 must be less than or equal to 6.'],
      [{ ...allOff, required_pull_request_reviews: { required_approving_review_count: -1 } }, '-1 must be greater than or equal to 0.'],
      [{ ...allOff, required_pull_request_reviews: { required_approving_review_count: 1.5 } }, 'is not an integer'],
      [{ ...allOff, required_pull_request_reviews: { dismissal_restrictions: null } }, 'nil is not an object.'],
      [{ ...allOff, required_status_checks: { strict: true } }, 'No subschema in "oneOf" matched.'],
      [{ ...allOff, required_status_checks: { strict: null, contexts: [] } }, 'nil is not a boolean.'],
      [{ ...allOff, required_status_checks: { strict: true, checks: null } }, 'nil is not an array.'],
      [{ ...allOff, required_status_checks: { strict: true, checks: [{}] } }, '"context" wasn\'t supplied.'],
      [{ ...allOff, required_status_checks: { strict: true, checks: [{ context: 'x', app_id: 'ci' }] } }, 'is not an integer'],
      [{ ...allOff, required_status_checks: { strict: true, checks: [{ context: 'x', app_id: 999_999 }] } }, 'Invalid app id'],
    ];
    for (const [body, says] of wrong) {
      test(`is said of ${JSON.stringify(body)}: ${says}`, async () => {
        const answer = await put(JSON.stringify(body));
        assert.equal(answer.status, 422);
        assert.ok(answer.text.includes(JSON.stringify(says).slice(1, -1)), answer.text);
      });
    }

    test('a list of more than a hundred is too long; what it names that is unknown or may not write is named back', async () => {
      const restrict = (users: string[], teams: string[] = [], apps: string[] = []) =>
        cast.owner.api('PUT', protection, { ...allOff, restrictions: { users, teams, apps } });
      const many = await restrict(Array.from({ length: 101 }, (_, index) => `user-${index}`));
      assert.deepEqual([many.status, many.body.errors], [422, ['Only 100 users and teams can be specified.']]);
      for (const name of ['ova', 'nobody-here', 'acme', ...nasty]) {
        for (const answer of [await restrict([name]), await restrict([], [name]), await restrict([], [], [name])]) {
          assert.equal(answer.status, 422, name);
          assert.ok(answer.body.errors[0].includes(JSON.stringify(name.slice(0, 100))), `${name}: ${answer.body.errors}`);
        }
      }
      for (const list of ['users', 'teams', 'apps']) {
        const answer = await cast.owner.api('POST', `${protection}/restrictions/${list}`, ['nobody-here']);
        assert.equal(answer.status, 422);
        assert.match(JSON.stringify(answer.body.errors), /nobody-here/);
      }
    });

    test('ten megabytes are read, and refused with nothing kept', async () => {
      const answer = await put(JSON.stringify({ ...allOff, padding: 'x'.repeat(10 * 1024 * 1024) }));
      assert.equal(answer.status, 413);
      const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`;
      assert.equal((await put(`{"restrictions": ${deep.slice(0, 1000)}`)).status, 400);
      const nested = await put(`{"restrictions": ${deep}}`);
      assert.deepEqual([nested.status, nested.body.message], [400, 'Problems parsing JSON']);
    });

    test('is not helped by saying that it is something else, and not hidden by compression', async () => {
      const answer = await put('<xml/>', { 'content-type': 'text/xml' });
      assert.ok([400, 415, 422].includes(answer.status), `${answer.status}`);
      const packed = await put(gzipSync('x'), { 'content-encoding': 'gzip' });
      assert.ok([400, 415].includes(packed.status), `${packed.status}`);
    });
  });

  describe('in an address', () => {
    const paths: readonly string[] = [
      '/repos/..%2f..',
      '/repos/../../etc/passwd',
      '/repos/acme/..%2f..%2fapp',
      '/repos/acme/app/../../../admin/users',
      '/repos/acme%00/app',
      '/repos/acme/app%00',
      '/repos/acme/app/branches/main%00/protection',
      '/repos/acme/app/branches/%ff%fe/protection',
      '/repos/acme/app/branches/%zz/protection',
      '/repos/acme/app/contents/..%2f..%2fetc%2fpasswd',
      '/repos/acme/app/contents/.git/config',
      '/repos/acme/app/contents/%2e%2e/%2e%2e/config',
      '/repos/acme/app/git/blobs/..%2f..%2f..%2fconfig',
      '/repos/acme/app/git/commits/--all',
      '/repos/acme/app/git/trees/--help?recursive=1',
      '/repos/acme/app/git/trees/:%2Fbegin',
      '/repos/acme/app/git/ref/heads/..%2f..%2fHEAD',
      '/repos/acme/app/commits/--output=x',
      '/repos/acme/app/commits/HEAD~1',
      '/repos/acme/app/compare/--all...main',
      '/repos/acme/app/compare/main...--output=x',
      '/repos/acme/app/compare/main',
      '/orgs/..%2f..',
      '/users/%0d%0aset-cookie:x',
      '/repositories/1e9',
      '/repositories/-1',
      '/repositories/99999999999999999999999',
      `/repos/acme/${'x'.repeat(6000)}`,
    ];
    for (const path of paths) {
      test(`nothing is found at ${path.slice(0, 60)}`, async () => {
        const { status, body } = await raw('GET', `/api/v3${path}`);
        // GitHub says 422 of a commit that it cannot find by its name.
        assert.equal(status, path.includes('/app/commits/') ? 422 : 404, JSON.stringify(body));
        assert.equal(typeof body.message, 'string');
      });
    }

    test('git finds no repository beside its own either', async () => {
      const service = 'info/refs?service=git-receive-pack';
      for (const path of [
        '/acme/..%2f..%2fapp',
        '/acme/app.git/..%2f..',
        '/..%2f..%2fetc',
        '/acme/%00',
        '/acme/app%00',
        '/acme/%ff',
        '/-x/--upload-pack=x',
        '/acme/app.git.git',
      ])
        assert.ok([400, 404].includes((await raw('GET', `${path}/${service}`)).status), path);
    });

    test('a header of twenty kilobytes is turned away, one of five is not', async () => {
      // The connection may be gone before the answer was read.
      const told = await raw('GET', '/api/v3/user', '', { 'x-large': 'x'.repeat(20_000) }).then(
        ({ status }) => status,
        (error: NodeJS.ErrnoException) => error.code,
      );
      assert.ok(told === 431 || told === 'ECONNRESET', String(told));
      const fine = await raw('GET', '/api/v3/user', '', { 'user-agent': 'x'.repeat(5000), 'sallyport-bypass-reason': 'y'.repeat(5000) });
      assert.equal(fine.status, 200);
    });

    test('parameters that are odd count as absent or are refused', async () => {
      for (const query of ['page=-1', 'page=x', 'per_page=1e9', 'per_page=-5', 'protected=maybe', 'page=1&page=2'])
        assert.ok([200, 422].includes((await raw('GET', `/api/v3/repos/${repository}/branches?${query}`)).status), query);
      for (const query of ['sha=--all', 'path=:(exclude)a', 'since=yesterday', 'author=--output%3Dx', `sha=${encodeURIComponent(':/x')}`])
        assert.ok([200, 404, 422].includes((await raw('GET', `/api/v3/repos/${repository}/commits?${query}`)).status), query);
    });
  });

  test('a credential that is none is refused alike in every form, and is not in the log', async () => {
    const robot = await elevated(server, cast.developer, { repositories: [repository] }).catch((error: Error) => error);
    assert.ok(!(robot instanceof Error));
    untouched = await snapshot(server, repository);
    const wrong = [
      'sly_000000000000000000000000000000000000',
      robot.token.slice(0, -1),
      `${robot.token}x`,
      'hunter2',
      'admin',
      '',
      '\u00e9',
    ];
    for (const secret of wrong) {
      const basic = Buffer.from(`dev:${secret}`).toString('base64');
      for (const authorization of [`Basic ${basic}`, ...(/^[ -~]+$/.test(secret) ? [`Bearer ${secret}`, `token ${secret}`, secret] : [])]) {
        const answer = await raw('GET', '/api/v3/user', '', { authorization });
        assert.equal(answer.status, 401, authorization);
      }
    }
    const inQuery = await raw('GET', `/api/v3/user?access_token=${robot.token}`, '', { authorization: '' });
    assert.equal(inQuery.status, 401);
    for (const secret of [robot.token, robot.token.slice(0, -1), 'hunter2'])
      assert.ok(!server.logged.some((line) => line.includes(secret)), 'a secret is in the log');
  });

  test('what the server hands out once, or is shown in trust, is in no log either', async () => {
    const app = await cast.owner.api('POST', '/api/sallyport/v1/apps', {
      slug: 'ci',
      name: 'ci',
      owner: 'acme',
      permissions: { contents: 'write' },
    });
    const { installation, token } = await installApp(server, cast.owner, 'acme', 'lint');
    const secret = (await token()).token;
    const minted = await cast.owner.api('POST', '/api/sallyport/v1/tokens', { name: 'n', scopes: ['repo'] });
    const webToken = { ...allOff, password: 'correct horse battery staple', token: minted.body.token };
    assert.ok(installation > 0);
    assert.equal((await cast.owner.api('PUT', protection, webToken)).status, 200);
    await cast.owner.api('PUT', protection, { ...allOff, restrictions: { users: [minted.body.token], teams: [] } });
    const password = server.running.first?.password ?? '';
    assert.ok(password.length > 8);
    const privateKey = app.body.private_key.split('\n')[1];
    for (const hidden of [secret, minted.body.token, password, privateKey, 'correct horse', 'eyJ'])
      assert.ok(!server.logged.some((line) => line.includes(hidden)), hidden);
    untouched = await snapshot(server, repository);
  });
});
