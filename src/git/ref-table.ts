import { type BigIntStats, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { changeOf, type RefUpdate } from '#model/ref-update.ts';
import { fenceRef } from './fence.ts';
import { type Git, GitFailed } from './git.ts';
import { type Ref, SortedRefs } from './sorted-refs.ts';

/** All refs of a repository, our own hidden ones apart. Changes in place: whoever must not see that copies what it needs. */
export interface RefTable {
  readonly refs: SortedRefs;
  /** Where HEAD points, whether or not that branch exists. */
  head: string;
  /** The value of the fence. Empty where there is none yet: it is then expected to be absent, never left unlooked at. */
  fence: string;
}

interface Loaded {
  readonly table: RefTable;
  /** What git's files looked like, so that a change by another process is noticed. */
  witness: string;
  readonly folders: Set<string>;
}

const maximumAttempts = 3;
const maximumLookings = 100;

/**
 * The ref table of one repository, read by git and kept in memory. It checks at every use that packed-refs, HEAD and the folders of
 * loose refs are what they were. A table that is out of date is never a danger: refs move only with their old values.
 */
export class RefCache {
  readonly #git: Git;
  readonly #repository: string;
  /**
   * The last change that this table is known to show, as whoever orders the changes counts them; null: not known. Set by those
   * who hold the repository's lock.
   */
  shows: number | null = null;
  #loaded: Loaded | null = null;
  #loading: Promise<Loaded> | null = null;
  /** Counts own changes, so that a reading they overtook is known for what it is. */
  #generation = 0;

  constructor(git: Git, repository: string) {
    this.#git = git;
    this.#repository = repository;
  }

  async table(): Promise<RefTable> {
    for (let attempt = 1; ; attempt++) {
      const present = this.#loaded;
      if (present !== null && (await this.#witness(present.folders)) === present.witness) return present.table;
      const generation = this.#generation;
      const loading = this.#loading ?? this.#load();
      this.#loading = loading;
      const loaded = await loading.finally(() => {
        if (this.#loading === loading) this.#loading = null;
      });
      // What was read while refs moved may show neither the old nor the new state: it is not kept.
      const isCurrent = generation === this.#generation;
      if (isCurrent) this.#loaded = loaded;
      if (isCurrent || attempt === maximumAttempts) return loaded.table;
    }
  }

  /** Reads again, whatever the files look like: two changes within a clock tick of the file system look like one. */
  async reread(): Promise<RefTable> {
    this.forget();
    return this.table();
  }

  forget(): void {
    this.#generation++;
    this.shows = null;
    this.#loaded = null;
    this.#loading = null;
  }

  /** After own updates: changes the table instead of reading it again. Tags are read again, because they have to be peeled. */
  async patch(updates: readonly RefUpdate[], head: string | null): Promise<void> {
    this.#generation++;
    this.#loading = null;
    const loaded = this.#loaded;
    if (loaded === null || updates.some(({ refName, newId }) => newId !== null && !refName.startsWith('refs/heads/'))) return this.forget();
    for (const { refName, newId } of updates.filter((update) => changeOf(update) !== 'nothing')) {
      if (newId === null) loaded.table.refs.delete(refName);
      else loaded.table.refs.set({ name: refName, id: newId, peeled: null, symbolic: false });
      addFolders(loaded.folders, refName);
    }
    if (head !== null) loaded.table.head = head;
    loaded.witness = await this.#witness(loaded.folders);
  }

  async #load(): Promise<Loaded> {
    // The files are looked at before and after: a change while git reads makes the witness one that never matches.
    const before = await this.#witness(await this.#folders());
    const [all, head] = await Promise.all([
      readRefs(this.#git, this.#repository),
      this.#git.must(this.#repository, ['symbolic-ref', 'HEAD']),
    ]);
    const fence = all.find((ref) => ref.name === fenceRef)?.id ?? '';
    const table = {
      refs: new SortedRefs(all.filter((ref) => !ref.name.startsWith('refs/sallyport/'))),
      head: head.toString('utf8').trim(),
      fence,
    };
    const folders = await this.#folders();
    const after = await this.#witness(folders);
    return { table, folders: new Set(folders), witness: before === after ? after : 'changed while it was read' };
  }

  /** Every folder that holds loose refs, or may. git removes one that has become empty, also while we look through it: then we look again. */
  async #folders(attempt = 1): Promise<string[]> {
    const found = await readdir(join(this.#repository, 'refs'), { recursive: true, withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' && attempt < maximumLookings) return null;
        throw error;
      },
    );
    if (found === null) return this.#folders(attempt + 1);
    const below = found
      .filter((entry) => entry.isDirectory())
      .map((entry) => relative(this.#repository, join(entry.parentPath, entry.name)));
    return ['refs', ...below].sort();
  }

  async #witness(folders: Iterable<string>): Promise<string> {
    const paths = ['packed-refs', 'HEAD', ...folders].map((path) => join(this.#repository, path));
    const stats = paths.length > maximumLooks ? await Promise.all(paths.map(lookLater)) : paths.map(lookNow);
    return stats.map((one) => (one ? `${one.ino}:${one.mtimeNs}:${one.size}` : '-')).join(' ');
  }
}

/** A look at a file the system knows takes microseconds; to have another thread do it costs a hundred, five times in a push for each file. */
const maximumLooks = 50;

function lookNow(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

function lookLater(path: string): Promise<BigIntStats | null> {
  return stat(path, { bigint: true }).catch(() => null);
}

/**
 * `show-ref` peels tags to the end, tags of tags too, and ten times faster than `for-each-ref`; that one knows which refs are
 * symbolic.
 */
async function readRefs(git: Git, repository: string): Promise<Ref[]> {
  const [listing, symrefs] = await Promise.all([
    git.run(repository, ['show-ref', '--dereference']),
    git.must(repository, ['for-each-ref', '--format=%(if)%(symref)%(then)%(refname)%(end)']),
  ]);
  // Where there are no refs it ends with 1 and says nothing.
  if (listing.code !== 0 && (listing.code !== 1 || listing.stderr !== '')) throw new GitFailed(['show-ref'], listing);
  const symbolic = new Set(lines(symrefs));
  const refs: Ref[] = [];
  for (const line of lines(listing.stdout)) {
    const space = line.indexOf(' ');
    const [id, name] = [line.slice(0, space), line.slice(space + 1)];
    if (name.endsWith(peeledMark)) refs.push({ ...refs.pop()!, peeled: id });
    else refs.push({ name, id, peeled: null, symbolic: symbolic.has(name) });
  }
  return refs;
}

const peeledMark = '^{}';

function lines(output: Buffer): string[] {
  return output
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
}

/** A loose ref is renamed into place, which changes the time of its folder. */
function addFolders(folders: Set<string>, refName: string): void {
  for (let folder = dirname(refName); folder.length > 4 && !folders.has(folder); folder = dirname(folder)) folders.add(folder);
}
