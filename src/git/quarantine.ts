import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GradualSync } from './gradual-sync.ts';
import type { NewCommits } from './new-commits.ts';

/** git's prune recognises the prefix as a quarantine of a receiving process. */
const prefix = 'tmp_objdir-incoming-';

/** In which order a pack's files become visible: the index last, because it is what makes a pack exist. */
const order = ['.keep', '.pack', '.rev', '.bitmap', '.mtimes', '.idx'];

/**
 * A folder for objects that were received and not accepted. git reads it together with the repository's own objects when it
 * is named in the environment; nobody else sees it.
 */
export class Quarantine {
  static readonly #inUse = new Map<string, Quarantine>();
  readonly path: string;
  /** What the walk that proved it complete has met; null: none has, or too much. */
  newCommits: NewCommits | null = null;
  readonly #objects: string;
  readonly #gradually: GradualSync;
  #synced: Promise<unknown> = Promise.resolve();
  #ended = false;

  private constructor(objects: string, path: string) {
    this.#objects = objects;
    this.path = path;
    this.#gradually = new GradualSync(join(path, 'pack'));
  }

  /** `name` must be unique on this disk: the push id, after the node's. */
  static async create(repository: string, name: string): Promise<Quarantine> {
    const objects = join(repository, 'objects');
    const path = join(objects, prefix + name);
    await mkdir(join(path, 'pack'), { recursive: true });
    const quarantine = new Quarantine(objects, path);
    Quarantine.#inUse.set(path, quarantine);
    return quarantine;
  }

  /** One for what nobody means to keep: a merge that is only tried. */
  static scratch(repository: string): Promise<Quarantine> {
    return Quarantine.create(repository, `scratch-${randomUUID()}`);
  }

  /** The one that a path of `Surroundings` names, while it lasts. */
  static at(path: string): Quarantine | null {
    return Quarantine.#inUse.get(path) ?? null;
  }

  /** So many bytes more of a pack are on their way into it: of a large one, what is there goes to the disk meanwhile. */
  note(bytes: number): void {
    this.#gradually.note(bytes);
  }

  /**
   * Begins to bring the packs that are in it to the disk, while they are being judged; `migrate` waits for that. More than one pack may
   * come in, one after the other: what was lost of the first stays lost, because a disk tells it once.
   */
  sync(): void {
    this.#synced = Promise.all([this.#synced, this.#gradually.end(), this.#syncPacks()]);
    // Heard by whoever migrates; who discards does not need to know.
    this.#synced.catch(() => undefined);
  }

  /**
   * Makes the objects part of the repository, once they are on the disk. Idempotent; what the repository has already is left as it is.
   */
  async migrate(): Promise<void> {
    if (this.#ended) return;
    await this.#synced;
    const folders = await readdir(this.path, { withFileTypes: true });
    for (const folder of folders) if (folder.isDirectory() && folder.name !== 'pack') await this.#moveLoose(folder.name);
    await this.#movePacks();
    await this.discard();
  }

  async discard(): Promise<void> {
    this.#ended = true;
    Quarantine.#inUse.delete(this.path);
    if (await this.#removeEmpty()) return;
    await rm(this.path, { recursive: true, force: true });
  }

  /** What has been migrated has left two folders; finding that out costs more than trying. False: there is more. */
  async #removeEmpty(): Promise<boolean> {
    return rmdir(join(this.path, 'pack'))
      .then(() => rmdir(this.path))
      .then(
        () => true,
        () => false,
      );
  }

  async #syncPacks(): Promise<void> {
    const folder = join(this.path, 'pack');
    await Promise.all((await readdir(folder)).map((file) => syncFile(join(folder, file))));
  }

  async #movePacks(): Promise<void> {
    const files = await readdir(join(this.path, 'pack'));
    const rank = (file: string): number => order.findIndex((suffix) => file.endsWith(suffix));
    const packFiles = files.filter((file) => rank(file) >= 0).sort((a, b) => rank(a) - rank(b));
    for (const file of packFiles) await moveUnlessThere(join(this.path, 'pack', file), join(this.#objects, 'pack', file));
  }

  async #moveLoose(folder: string): Promise<void> {
    await mkdir(join(this.#objects, folder), { recursive: true });
    for (const file of await readdir(join(this.path, folder))) {
      await moveUnlessThere(join(this.path, folder, file), join(this.#objects, folder, file));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#ended ? Promise.resolve() : this.discard();
  }
}

async function syncFile(path: string): Promise<void> {
  await using file = await open(path);
  await file.sync();
}

/** Object files are named for their content, so one that exists is the same; it also keeps its age from being reset. */
async function moveUnlessThere(from: string, to: string): Promise<void> {
  const exists = await stat(to).then(
    () => true,
    () => false,
  );
  if (!exists) await rename(from, to);
}

/**
 * Removes quarantines nobody owns any more: those whose name begins with one of `owners`, or, with `null`, all that are
 * older than `olderThan` (milliseconds since 1970). Returns how many.
 */
export async function removeQuarantines(repository: string, owners: readonly string[] | null, olderThan: number): Promise<number> {
  const objects = join(repository, 'objects');
  const names = (await readdir(objects)).filter((name) => name.startsWith(prefix));
  let removed = 0;
  for (const name of names) {
    const path = join(objects, name);
    const owned = owners?.some((owner) => name.startsWith(prefix + owner)) ?? true;
    const age = await stat(path).catch(() => null);
    if (!owned || age === null || age.mtimeMs > olderThan) continue;
    await rm(path, { recursive: true, force: true });
    removed++;
  }
  return removed;
}
