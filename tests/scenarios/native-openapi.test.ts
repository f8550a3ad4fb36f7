import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { native } from '#api/native/dialect.ts';
import { apiOf, must } from '../support/api.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, mint, type Personas, personaOf } from '../support/personas.ts';
import { githubRules } from '../support/protections.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly { readonly name: string; readonly in: 'path' | 'query'; readonly required: boolean }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}
type Content = Readonly<Record<string, { readonly schema: object }>>;

interface Description {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const base = '/api/sallyport/v1';

describe('the description of the native API', { timeout: 60_000 }, () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  let server: TestServer;
  let cast: Personas;
  let described: Description;
  before(async () => {
    server = await startTestServer();
    cast = await castOf(server);
    described = await must(apiOf(server.url, null)('GET', `${base}/openapi.json`));
  });
  after(() => server[Symbol.asyncDispose]());

  const operations = (): [method: string, path: string, operation: Operation][] =>
    Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, string, Operation] => [method.toUpperCase(), path, operation]),
    );

  test('is OpenAPI 3.1, of this server, for everybody to read', () => {
    assert.equal(described.openapi, '3.1.0');
    assert.deepEqual([described.info.title, described.servers], ['Sallyport', [{ url: base }]]);
    assert.match(described.info.version, /^\d+\.\d+\.\d+$/);
  });

  test('has every route, and nothing that is none', () => {
    const routes = native.routes.map(({ method, path }) => `${method} ${path}`).filter((route) => route !== 'GET /openapi.json');
    assert.ok(routes.length > 15);
    assert.deepEqual(
      operations()
        .map(([method, path]) => `${method} ${path}`)
        .sort(),
      routes.sort(),
    );
  });

  test('names each operation once, each part of its path, and what comes back', () => {
    const ids = operations().map(([, , { operationId }]) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    for (const [method, path, operation] of operations()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = operation.parameters.filter((one) => one.in === 'path');
      assert.deepEqual(
        declared.map(({ name }) => name),
        inPath,
        path,
      );
      assert.ok(declared.every(({ required }) => required));
      assert.ok(operation.summary.length > 5, path);
      const [success] = Object.keys(operation.responses).filter((status) => status.startsWith('2'));
      assert.ok(success !== undefined, `${method} ${path}`);
      assert.equal(operation.responses[success]!.content === undefined, success === '204', `${method} ${path}`);
      assert.equal(operation.requestBody !== undefined, ['POST', 'PATCH'].includes(method), `${method} ${path}`);
    }
  });

  test('has schemas that are schemas', () => {
    let count = 0;
    for (const [method, path, { requestBody, responses }] of operations()) {
      const contents = [requestBody?.content, ...Object.values(responses).map(({ content }) => content)];
      for (const content of contents.filter((one) => one !== undefined)) {
        assert.deepEqual(Object.keys(content), ['application/json']);
        const { schema } = content['application/json']!;
        assert.ok(ajv.validateSchema(schema), `${method} ${path}: ${ajv.errorsText()}`);
        count++;
      }
    }
    assert.ok(count > 20);
  });

  test('tells the truth: what each operation answers fits what is said of it', async () => {
    await using work = await WorkTree.create();
    const tip = await work.commit('one');
    await work.must('push', '--quiet', cast.developer.remote('acme/app'), 'HEAD:refs/heads/main');
    const minter = personaOf(server, 'olga', await mint(server, 'olga', ['repo', 'user', 'admin:org', 'admin:bypass-token']));
    const seen = new Set<string>();

    // biome-ignore lint/suspicious/noExplicitAny: bodies of every shape
    const ask = async (persona: { api: Personas['admin']['api'] }, method: string, path: string, body?: unknown): Promise<any> => {
      const answer = await persona.api(method, base + path, body);
      const [key, operation] = operationOf(method, path.split('?')[0]!);
      seen.add(key);
      const expected = operation.responses[String(answer.status)];
      assert.ok(expected !== undefined, `${key} answers ${answer.status}: ${JSON.stringify(answer.body)}`);
      if (expected.content === undefined) assert.equal(answer.body, null);
      else {
        const fits: ValidateFunction = ajv.compile(expected.content['application/json']!.schema);
        assert.ok(fits(answer.body), `${key}: ${ajv.errorsText(fits.errors)}`);
      }
      return answer.body;
    };
    const operationOf = (method: string, path: string): [string, Operation] => {
      const fits = (pattern: string): boolean => new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
      const pattern = Object.keys(described.paths)
        .filter(fits)
        .sort((a, b) => a.split('{').length - b.split('{').length)
        .find((one) => described.paths[one]![method.toLowerCase()])!;
      return [`${method} ${pattern}`, described.paths[pattern]![method.toLowerCase()]!];
    };

    const bypass = { repositories: ['acme/app'], paths: ['docs/**'], uses: 2 };
    const robot = await ask(minter, 'POST', '/tokens', { name: 'bot', scopes: ['repo', 'repo:bypass-protection'], bypass });
    await ask(cast.admin, 'POST', '/users/dev/tokens', { name: 'for dev', scopes: ['repo'], note: 'why' });
    await ask(minter, 'GET', '/tokens?per_page=5');
    await ask(minter, 'GET', `/tokens/${robot.id}`);
    const update = { ref: 'refs/heads/new', new: tip };
    await ask(cast.developer, 'POST', '/repos/acme/app/explain', { via: 'git-http', updates: [update] });
    await ask(minter, 'DELETE', `/tokens/${robot.id}`);
    const grants = [{ kind: 'role', level: 40 }];
    const gitlab = [
      { type: 'push_access', parameters: { grants } },
      { type: 'merge_access', parameters: { grants } },
      { type: 'non_fast_forward', parameters: { allowed: false } },
      { type: 'deletion', parameters: { allowed: 'maintainers-by-api' } },
      { type: 'creation', parameters: { mode: 'pushers-or-protected-tip-by-api' } },
    ];
    for (const [place, input] of [
      ['/repos/acme/app', { origin: 'github', pattern: 'main', rules: githubRules() }],
      ['/orgs/acme', { origin: 'gitlab', pattern: 'main', rules: gitlab }],
    ] as const) {
      const { id } = await ask(cast.owner, 'POST', `${place}/protections`, input);
      await ask(cast.owner, 'GET', `${place}/protections`);
      await ask(cast.owner, 'GET', `${place}/protections/${id}`);
      await ask(cast.owner, 'PATCH', `${place}/protections/${id}`, { demands_reason: true });
      await ask(cast.owner, 'DELETE', `${place}/protections/${id}`);
    }
    await ask(cast.admin, 'GET', '/audit?phrase=action:repo&per_page=3');
    await ask(cast.admin, 'GET', '/audit/head');
    const app = { slug: 'ci', name: 'ci', owner: 'acme', permissions: { statuses: 'write' } };
    await ask(cast.owner, 'POST', '/apps', app);
    await ask(cast.owner, 'PUT', '/apps/ci/installations/acme');
    await ask(cast.owner, 'DELETE', '/apps/ci/installations/acme');
    await ask(cast.owner, 'GET', '/signing-key');
    assert.deepEqual(
      [...seen].sort(),
      operations()
        .map(([method, path]) => `${method} ${path}`)
        .sort(),
    );
  });
});
