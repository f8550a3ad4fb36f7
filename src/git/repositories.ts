import { appendFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectFormat } from '#model/ref-update.ts';
import { fillFork } from './fork-folder.ts';
import type { Git } from './git.ts';
import { GitRepository } from './repository.ts';
import type { Ref } from './sorted-refs.ts';

const maximumAwake = 32;
const maximumOpen = 512;
const idleMilliseconds = 60_000;
/** Relative, so that the data folder can be moved. */
const hooksFromRepository = '../../git/hooks';

/**
 * The repositories' folders, named by id so that renaming and moving one moves no files. Keeps the processes of the most recently
 * used ones.
 */
export class Repositories {
  readonly #git: Git;
  readonly #folder: string;
  readonly #isAuthorized: (value: unknown) => boolean;
  readonly #open = new Map<number, GitRepository>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(git: Git, folder: string, isAuthorized: (value: unknown) => boolean) {
    this.#git = git;
    this.#folder = folder;
    this.#isAuthorized = isAuthorized;
    this.#sweeper = setInterval(() => void this.#sweep(), idleMilliseconds / 4).unref();
  }

  open(id: number, objectFormat: ObjectFormat): GitRepository {
    const repository = this.#open.get(id) ?? new GitRepository(this.#git, this.pathOf(id), objectFormat, this.#isAuthorized);
    repository.lastUsed = Date.now();
    // Re-inserting keeps the map in order of use.
    this.#open.delete(id);
    this.#open.set(id, repository);
    return repository;
  }

  /** Those whose refs this server has moved since a moment (milliseconds since 1970). */
  movedSince(moment: number): number[] {
    return [...this.#open].filter(([, { writer }]) => writer.lastMove >= moment).map(([id]) => id);
  }

  pathOf(id: number): string {
    return join(this.#folder, `${id}.git`);
  }

  /** An empty bare repository. It appears under its name only when it is whole. */
  async create(id: number, objectFormat: ObjectFormat, defaultBranch: string): Promise<void> {
    const making = this.#makingPath(String(id));
    await rm(making, { recursive: true, force: true });
    await this.#init(making, objectFormat, defaultBranch);
    await rename(making, this.pathOf(id));
  }

  /**
   * A repository with some refs of another and what they reach, in a folder that is not yet anybody's; `adopt` gives it its name. It shares
   * nothing with its source: no alternates, no linked packs.
   */
  async makeFork(making: string, source: GitRepository, refs: readonly Ref[], defaultBranch: string): Promise<void> {
    const folder = this.#makingPath(making);
    try {
      await this.#init(folder, source.objectFormat, defaultBranch);
      await fillFork(this.#git, folder, source.path, refs);
    } catch (error) {
      await this.discardMade(making);
      throw error;
    }
  }

  /** Gives what was made its name. Idempotent: after a crash, or beside another server that starts, it may be done already. False: it is gone. */
  async adopt(making: string, id: number): Promise<boolean> {
    return rename(this.#makingPath(making), this.pathOf(id)).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return this.exists(id);
      },
    );
  }

  async discardMade(making: string): Promise<void> {
    await rm(this.#makingPath(making), { recursive: true, force: true });
  }

  /** Removes what was being made or removed when a server ended, and has not changed since a moment (milliseconds since 1970). */
  async removeLeftovers(olderThan: number): Promise<number> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => /\.(making|removed)$/.test(name));
    let removed = 0;
    for (const name of names) {
      const path = join(this.#folder, name);
      const found = await stat(path).catch(() => null);
      if (found === null || found.mtimeMs > olderThan) continue;
      await rm(path, { recursive: true, force: true });
      removed++;
    }
    return removed;
  }

  #makingPath(name: string): string {
    return join(this.#folder, `${name}.making`);
  }

  async #init(folder: string, objectFormat: ObjectFormat, defaultBranch: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    // An empty template: no sample hooks, no description, nothing that would have to be kept in order.
    await this.#git.must(null, [
      'init',
      '--quiet',
      '--bare',
      '--template=',
      `--object-format=${objectFormat}`,
      `--initial-branch=${defaultBranch}`,
      folder,
    ]);
    // A push by somebody with a shell on this machine meets the same hooks, which refuse whatever does not come through the server.
    await appendFile(join(folder, 'config'), `[core]\n\thooksPath = ${hooksFromRepository}\n`);
  }

  /** Whether the folder is there. */
  async exists(id: number): Promise<boolean> {
    return stat(this.pathOf(id)).then(
      (found) => found.isDirectory(),
      () => false,
    );
  }

  /** Out of the way at once, gone a moment later. */
  async remove(id: number): Promise<void> {
    await this.#open.get(id)?.rest();
    this.#open.delete(id);
    const removed = join(this.#folder, `${id}.removed`);
    await rm(removed, { recursive: true, force: true });
    const existed = await rename(this.pathOf(id), removed).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    );
    if (existed) await rm(removed, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.all([...this.#open.values()].map((repository) => repository.rest()));
    this.#open.clear();
  }

  async #sweep(): Promise<void> {
    const byAge = [...this.#open];
    const now = Date.now();
    for (const [index, [id, repository]] of byAge.entries()) {
      const isUnused = now - repository.lastUsed > idleMilliseconds;
      const isInUse = !repository.isIdle || repository.writer.isBusy;
      if (isInUse || !(isUnused || byAge.length - index > maximumAwake)) continue;
      // One that is still held by somebody would keep its processes for ever.
      if (isUnused && byAge.length - index > maximumOpen) this.#open.delete(id);
      await repository.rest();
    }
  }
}
