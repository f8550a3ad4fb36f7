import assert from 'node:assert/strict';
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ReceivePack, receivePackWithGit } from '#git/compat/receive-pack.ts';
import type { ObjectFormat, ObjectId } from '#model/ref-update.ts';
import { apiOf, must } from '../support/api.ts';
import { temporaryFolder } from '../support/folders.ts';
import { git, mustGit } from '../support/git.ts';
import { type ReportStatus, readReportStatus } from '../support/report-status.ts';
import type { TestServer } from '../support/server.ts';
import { gitFolders } from './git-parts.ts';

export type Refs = ReadonlyMap<string, ObjectId>;

/** A repository of the server, and git's own receive-pack working on a copy of it. */
export class Twins implements AsyncDisposable {
  readonly url: string;
  /** The server's repository on disk. */
  readonly path: string;
  readonly authorization: string;
  readonly #copy: string;
  readonly #oracle: ReceivePack;
  readonly #parts: AsyncDisposableStack;

  private constructor(url: string, path: string, token: string, copy: string, oracle: ReceivePack, parts: AsyncDisposableStack) {
    this.url = url;
    this.path = path;
    this.authorization = `Basic ${Buffer.from(`admin:${token}`).toString('base64')}`;
    this.#copy = copy;
    this.#oracle = oracle;
    this.#parts = parts;
  }

  static async create(server: TestServer, name: string, format: ObjectFormat): Promise<Twins> {
    await using parts = new AsyncDisposableStack();
    const folders = parts.use(await gitFolders());
    const folder = parts.use(await temporaryFolder('twin-'));
    const admin = apiOf(server.url, server.adminToken);
    const { id } = await must(admin('POST', '/user/repos', { name, object_format: format }));
    const path = join(server.data, 'repositories', `${id}.git`);
    const oracle = await receivePackWithGit(folders);
    return new Twins(`${server.url}/admin/${name}.git`, path, server.adminToken, join(folder.path, 'copy.git'), oracle, parts.move());
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#parts[Symbol.asyncDispose]();
  }

  refs(): Promise<Refs> {
    return refsOf(this.path);
  }

  /** Takes the copy. Before every push. */
  async copy(): Promise<void> {
    await rm(this.#copy, { recursive: true, force: true });
    await cp(this.path, this.#copy, { recursive: true });
  }

  /** Sends a body to our server. */
  async push(body: Buffer): Promise<{ readonly status: number; readonly response: Buffer }> {
    const response = await fetch(`${this.url}/git-receive-pack`, {
      method: 'POST',
      headers: { authorization: this.authorization, 'content-type': 'application/x-git-receive-pack-request' },
      body: new Uint8Array(body),
    });
    return { status: response.status, response: Buffer.from(await response.arrayBuffer()) };
  }

  /** What git makes of a body, on the copy. Null: it could make nothing of it, or of no command in it. */
  async pushToCopy(body: Buffer): Promise<ReportStatus | null> {
    const { code, response } = await this.#oracle(this.#copy, body, async () => true);
    return code === 0 ? readReportStatus(response) : null;
  }

  /** Both repositories afterwards: the same refs, whole, with the same objects to be reached, and nothing left behind by us. */
  async compare(): Promise<void> {
    const [ours, theirs] = await Promise.all([refsOf(this.path), refsOf(this.#copy)]);
    assert.deepEqual(ours, theirs, 'the refs afterwards');
    const [fsck, reachable, expected, left] = await Promise.all([
      git(this.path, ['fsck', '--strict', '--connectivity-only', '--no-dangling', '--no-progress']),
      reachableFrom(this.path),
      reachableFrom(this.#copy),
      readdir(join(this.path, 'objects')),
    ]);
    assert.deepEqual([fsck.code, problemsOf(fsck.stderr)], [0, []], 'git fsck');
    assert.equal(reachable, expected, 'the objects that refs reach');
    assert.deepEqual(
      left.filter((name) => name.startsWith('tmp_')),
      [],
      'quarantines left behind',
    );
  }
}

/** An unborn HEAD is no fault. */
function problemsOf(stderr: string): string[] {
  return stderr.split('\n').filter((line) => line !== '' && !/^notice: /.test(line));
}

async function refsOf(repository: string): Promise<Refs> {
  const listing = await mustGit(repository, ['for-each-ref', '--format=%(objectname) %(refname)']);
  return new Map(
    listing
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]),
  );
}

async function reachableFrom(repository: string): Promise<string> {
  return (await mustGit(repository, ['rev-list', '--objects', '--no-object-names', '--all'])).split('\n').sort().join('\n');
}
