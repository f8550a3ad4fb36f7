import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { after, before, test } from 'node:test';
import { Octokit } from '@octokit/rest';
import { castOf, type Persona, type Personas } from '../../../support/personas.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../../../support/server.ts';
import { seedTable } from '../seed-table.ts';
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

export interface RawOptions {
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
  const name = basename(file);
  // After every other test of the file, because hooks of the root run outside of the files' own order.
  queueMicrotask(() => test(`${name} leaves no difference and no operation of its own unseen`, () => closing(name, observer)));
  return stage;
}

function closing(name: string, { untolerated, seen, succeeded }: Observer): void {
  assert.deepEqual(untolerated, [], 'differences from the description');
  const gone = tolerated.filter((one) => one.seenIn === name && !seen.has(one.name));
  assert.deepEqual(
    gone.map((one) => one.name),
    [],
    'tolerated differences that do not occur any more',
  );
  const unseen = seedTable.filter((row) => row.file === name && !succeeded.has(row.operation));
  assert.deepEqual(
    unseen.map((row) => row.operation),
    [],
    'operations of the table that were never answered with success here',
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

/** An error of the API, as Octokit reports it. */
export interface Refusal {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at bodies of every shape
  readonly data: any;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** The error that a call has to end with. Anything but an answer of the server with an error status fails. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  const error = await call.then(
    (answer) => assert.fail(`was not refused: ${JSON.stringify((answer as { data?: unknown }).data)}`),
    (thrown: unknown) => thrown,
  );
  const { response } = error as { response?: Refusal };
  if (response === undefined) throw error;
  return response;
}

/** What a 422 says was wrong: PUT protection lists plain sentences, everything else objects that hold one. */
export function sentencesOf({ errors }: { readonly errors: readonly (string | { readonly message: string })[] }): string[] {
  return errors.map((error) => (typeof error === 'string' ? error : error.message));
}

/** As `refusalOf`, for the usual question: status and message. */
export async function refused(call: Promise<unknown>, status: number, message: string | RegExp): Promise<Refusal> {
  const refusal = await refusalOf(call);
  assert.equal(refusal.status, status, JSON.stringify(refusal.data));
  if (typeof message === 'string') assert.equal(refusal.data.message, message);
  else assert.match(refusal.data.message, message);
  return refusal;
}
