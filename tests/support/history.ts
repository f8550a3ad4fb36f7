import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './folders.ts';
import { type GitResult, git, mustGit } from './git.ts';

/** A work tree to make history in, and to push it from. */
export class WorkTree implements AsyncDisposable {
  readonly path: string;
  readonly #folder: AsyncDisposable;

  private constructor(path: string, folder: AsyncDisposable) {
    this.path = path;
    this.#folder = folder;
  }

  /** An empty repository on the branch `main`. */
  static async create(format: 'sha1' | 'sha256' = 'sha1'): Promise<WorkTree> {
    const folder = await temporaryFolder('work-');
    await mustGit(folder.path, ['init', '--quiet', '--initial-branch=main', `--object-format=${format}`, '.']);
    return new WorkTree(folder.path, folder);
  }

  static async clone(url: string, ...args: string[]): Promise<WorkTree> {
    const folder = await temporaryFolder('work-');
    await mustGit(folder.path, ['clone', '--quiet', ...args, url, '.']);
    return new WorkTree(folder.path, folder);
  }

  git(...args: string[]): Promise<GitResult> {
    return git(this.path, args);
  }

  must(...args: string[]): Promise<string> {
    return mustGit(this.path, args);
  }

  /** Writes files (null removes one) and commits them. The commit's id. */
  async commit(
    message: string,
    files: Readonly<Record<string, string | Buffer | null>> = {},
    env: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    for (const [name, content] of Object.entries(files)) {
      if (content === null) await this.must('rm', '--quiet', '--', name);
      else {
        await mkdir(dirname(join(this.path, name)), { recursive: true });
        await writeFile(join(this.path, name), content);
      }
    }
    await this.must('add', '--all', '.');
    await mustGit(this.path, ['commit', '--quiet', '--allow-empty', '-m', message], { env });
    return this.head();
  }

  head(rev = 'HEAD'): Promise<string> {
    return this.must('rev-parse', rev);
  }

  /** Pushes and tells what the client said; a refusal is no error here. */
  push(remote: string, ...args: string[]): Promise<GitResult> {
    return this.git('push', remote, ...args);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#folder[Symbol.asyncDispose]();
  }
}

/** Where a ref stands on the server, asked by git; null: it is not there. */
export async function remoteRef(remote: string, refName: string): Promise<string | null> {
  const listing = await mustGit('/', ['ls-remote', remote, refName]);
  return listing === '' ? null : (listing.split('\t')[0] ?? null);
}
