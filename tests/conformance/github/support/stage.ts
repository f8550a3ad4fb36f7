import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { Octokit } from '@octokit/rest';
import { castOf, type Persona, type Personas } from '../../../support/personas.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../../../support/server.ts';
import { scenarioTable, seedTable } from '../seed-table.ts';
import { tolerated } from '../tolerated.ts';
import { Observer } from './observer.ts';

/** A server with its cast, and GitHub's own client for each of them; every answer is held against the description. */
export interface Stage {
  readonly server: TestServer;
  readonly cast: Personas;
  readonly observer: Observer;
  /** Octokit with somebody's token; null: nobody's. */
  readonly as: (who: Persona | string | null) => Octokit;
  /** A raw request to a path of `/api/v3`, for what Octokit would not send. */
  readonly raw: (who: Persona | string | null, method: string, path: string, options?: RawOptions) => Promise<Response>;
  /** A new branch of `acme/app` at the tip of `main`. */
  readonly branch: (name: string) => Promise<typeof here & { readonly branch: string }>;
}

interface RawOptions {
  /** As it goes over the wire. */
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The organization `acme` with its people, and `acme/app` with one commit on `main`. */
export const here = { owner: 'acme', repo: 'app' } as const;
export const main = { ...here, branch: 'main' } as const;

/**
 * The stage of one test file, built before its tests; `prepare` adds to it. `file` is the file's `import.meta.filename`.
 */
export function stageFor(file: string, prepare?: (stage: Stage) => Promise<void>, options: TestServerOptions = {}): Stage {
  let server: TestServer;
  let cast: Personas;
  const observer = new Observer();
  const stage: Stage = {
    get server() {
      return server;
    },
    get cast() {
      return cast;
    },
    observer,
    as: (who) => client(server.url, observer, who),
    raw: (who, method, path, { body, headers } = {}) => {
      const token = typeof who === 'string' ? who : who?.token;
      return observer.fetch(`${server.url}/api/v3${path}`, {
        method,
        redirect: 'manual',
        headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
        ...(body !== undefined && { body: new Uint8Array(Buffer.from(body as string)) }),
      });
    },
    branch: async (name) => {
      const { git } = stage.as(cast.owner).rest;
      const { data } = await git.getRef({ ...here, ref: 'heads/main' });
      await git.createRef({ ...here, ref: `refs/heads/${name}`, sha: data.object.sha });
      return { ...here, branch: name };
    },
  };
  before(async () => {
    server = await startTestServer(options);
    cast = await castOf(server);
    const content = Buffer.from('# App\n').toString('base64');
    await stage.as(cast.owner).rest.repos.createOrUpdateFileContents({ ...here, path: 'README.md', message: 'begin', content });
    await prepare?.(stage);
  });
  after(() => server[Symbol.asyncDispose]());
  const ran = new Set<string>();
  beforeEach((context) => {
    ran.add(context.name);
  });
  const name = basename(file);
  // After every other test of the file, because hooks of the root run outside of the files' own order.
  queueMicrotask(() => test(`${name} leaves no difference and no operation of its own unseen`, () => closing(name, observer, ran)));
  return stage;
}

function closing(name: string, { untolerated, seen, succeeded }: Observer, ran: ReadonlySet<string>): void {
  assert.deepEqual(untolerated, [], 'differences from the description');
  const gone = tolerated.filter((one) => one.seenIn === name && !seen.has(one.name));
  assert.deepEqual(
    gone.map((one) => one.name),
    [],
    'tolerated differences that do not occur any more',
  );
  const rows = seedTable.filter((row) => row.file === name);
  const unseen = rows.filter((row) => !succeeded.has(row.operation));
  assert.deepEqual(
    unseen.map((row) => row.operation),
    [],
    'operations of the table that were never answered with success here',
  );
  const scenarios = scenarioTable.filter((row) => row.file === name);
  const named = [...rows.flatMap((row) => [row.works, row.refused]), ...scenarios.map((row) => row.test)];
  assert.deepEqual(
    named.filter((one) => !ran.has(one)),
    [],
    'tests that the table names and that did not run',
  );
}

const nothing = (): void => undefined;
/** Octokit writes every refusal to the console; here refusals are what is asked for. */
export const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

export function client(url: string, { fetch }: Observer, who: Persona | string | null): Octokit {
  const auth = typeof who === 'string' ? who : who?.token;
  return new Octokit({
    baseUrl: `${url}/api/v3`,
    ...(auth !== undefined && { auth }),
    request: { fetch },
    log: silent,
  });
}
