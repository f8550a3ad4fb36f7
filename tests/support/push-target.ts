import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '#config.ts';
import type { ObjectId } from '#model/ref-update.ts';
import { type Api, apiOf, must } from './api.ts';
import { mustGit } from './git.ts';
import { gitProcesses } from './git-processes.ts';
import { WorkTree } from './history.ts';
import { packOf, pushRequest } from './push-request.ts';
import { type ReportStatus, readReportStatus } from './report-status.ts';
import { startTestServer, type TestServer } from './server.ts';

export interface RawAnswer {
  readonly status: number;
  readonly body: Buffer;
}

const main = 'refs/heads/main';

/** A server with one repository, to send bytes to that no client would send, and a client's history to make them of. */
export class PushTarget implements AsyncDisposable {
  readonly server: TestServer;
  readonly work: WorkTree;
  /** The repository on disk. */
  readonly path: string;
  /** Where main stands, and a commit on top of it that is on the client alone. */
  readonly base: ObjectId;
  readonly tip: ObjectId;
  readonly #name: string;
  readonly #parts: AsyncDisposableStack;

  private constructor(
    server: TestServer,
    work: WorkTree,
    path: string,
    ids: [ObjectId, ObjectId],
    name: string,
    parts: AsyncDisposableStack,
  ) {
    this.server = server;
    this.work = work;
    this.path = path;
    [this.base, this.tip] = ids;
    this.#name = name;
    this.#parts = parts;
  }

  static async open(config: Partial<Config> = {}): Promise<PushTarget> {
    await using parts = new AsyncDisposableStack();
    const server = parts.use(await startTestServer({ config }));
    const work = parts.use(await WorkTree.create());
    const admin = apiOf(server.url, server.adminToken);
    const { id } = await must(admin('POST', '/user/repos', { name: 'target' }));
    const base = await work.commit('base', { 'a.txt': 'a\n' });
    const tip = await work.commit('tip', { 'b.txt': 'b\n', 'c/d.txt': 'd\n' });
    const path = join(server.data, 'repositories', `${id}.git`);
    const target = new PushTarget(server, work, path, [base, tip], 'target', parts.move());
    const created = await target.push(
      pushRequest({ commands: [{ refName: main, oldId: null, newId: base }], pack: await packOf(work.path, { wanted: [base] }) }),
    );
    assert.deepEqual([...created.refs], [[main, null]]);
    return target;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#parts[Symbol.asyncDispose]();
  }

  get authorization(): string {
    return `Basic ${Buffer.from(`admin:${this.server.adminToken}`).toString('base64')}`;
  }

  get pushPath(): string {
    return `/admin/${this.#name}.git/git-receive-pack`;
  }

  get adminApi(): Api {
    return apiOf(this.server.url, this.server.adminToken);
  }

  async post(body: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
    const response = await fetch(this.server.url + this.pushPath, {
      method: 'POST',
      headers: { authorization: this.authorization, 'content-type': 'application/x-git-receive-pack-request', ...headers },
      body: new Uint8Array(body),
    });
    return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
  }

  async push(body: Buffer): Promise<ReportStatus> {
    const answer = await this.post(body);
    assert.equal(answer.status, 200, answer.body.toString('utf8'));
    return readReportStatus(answer.body);
  }

  /** The update of main to the tip, whole and well. */
  async goodPush(refName = main): Promise<Buffer> {
    const pack = await packOf(this.work.path, { wanted: [this.tip], without: [this.base] });
    return pushRequest({ commands: [{ refName, oldId: refName === main ? this.base : null, newId: this.tip }], pack });
  }

  /** A connection on which the head of a push has been written; the body is up to the test. */
  async connect(headers: Readonly<Record<string, string>>): Promise<Socket> {
    const { hostname, port } = new URL(this.server.url);
    const socket = connect(Number(port), hostname);
    // Whoever is cut off is told by the test that did it.
    socket.on('error', () => socket.destroy());
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    const lines = Object.entries({ host: hostname, authorization: this.authorization, ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    socket.write(`POST ${this.pushPath} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    return socket;
  }

  refs(): Promise<string> {
    return mustGit(this.path, ['for-each-ref', '--format=%(refname) %(objectname)']);
  }

  /** Main is where it was, nothing is left of what was sent, the server lives, and no log line tells the token. */
  async assertUntouched(): Promise<void> {
    assert.equal(await this.refs(), `${main} ${this.base}`);
    await this.assertClean();
  }

  /** No quarantine and no git process within a moment, a server that answers, logs without secrets. */
  async assertClean(milliseconds = 2000): Promise<void> {
    const giveUp = Date.now() + milliseconds;
    let left = await this.#leftovers();
    for (; left.length > 0 && Date.now() < giveUp; left = await this.#leftovers()) await sleep(20);
    assert.deepEqual(left, []);
    assert.equal((await fetch(`${this.server.url}/healthz`)).status, 200);
    const [, encoded] = this.authorization.split(' ');
    const telling = this.server.logged.filter((line) => line.includes(this.server.adminToken) || line.includes(encoded!));
    assert.deepEqual(telling, []);
  }

  async #leftovers(): Promise<string[]> {
    const objects = await readdir(join(this.path, 'objects')).catch(() => []);
    const processes = await gitProcesses(this.server.data);
    return [...objects.filter((name) => name.startsWith('tmp_')), ...processes.map(({ command }) => command)];
  }
}
