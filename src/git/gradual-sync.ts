import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** So much of a pack comes in between one flush and the next; smaller packs need none. */
const bytesBetween = 16 * 1024 * 1024;

/**
 * Brings a large pack to the disk while the rest of it is still coming in. Else all of it would be waited for at the end, and not only by who
 * pushes: a file system that keeps a journal lets whoever commits in the meantime, such as the audit log, wait for the pack's bytes too.
 */
export class GradualSync {
  /** One at a time in the whole server: flushes wait in the threads that all work on files is done by. */
  static #isBusy = false;
  readonly #folder: string;
  #unsynced = 0;
  #last: Promise<void> = Promise.resolve();

  /** The folder that git writes the pack to. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** So many bytes more have come in. */
  note(bytes: number): void {
    this.#unsynced += bytes;
    if (this.#unsynced < bytesBetween || GradualSync.#isBusy) return;
    this.#unsynced = 0;
    GradualSync.#isBusy = true;
    this.#last = Promise.all([this.#last, this.#flush()]).then(() => undefined);
    // Heard by `end`.
    this.#last.catch(() => undefined);
  }

  /** Waits for what has begun. Throws what a flush failed with: a disk tells a lost write once, so whoever syncs later would not hear of it. */
  end(): Promise<void> {
    return this.#last;
  }

  async #flush(): Promise<void> {
    try {
      // None: git has not begun it, or has just ended it, or the push was given up. What is not flushed here is flushed at the end.
      await using file = await this.#open().catch(() => null);
      await file?.datasync();
    } finally {
      GradualSync.#isBusy = false;
    }
  }

  async #open() {
    const name = (await readdir(this.#folder)).find((file) => file.startsWith('tmp_pack_'));
    return name === undefined ? null : open(join(this.#folder, name));
  }
}
