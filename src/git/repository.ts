import type { ObjectFormat, ObjectId } from '#model/ref-update.ts';
import { readWhole } from './bounded-output.ts';
import { type ChangedFile, type DiffTotals, readDiff, readDiffTotals } from './diff.ts';
import type { DiffEnds } from './diff-ends.ts';
import { readDiffId } from './diff-id.ts';
import { streamDiff, streamPatches } from './diff-text.ts';
import type { Git } from './git.ts';
import { type Divergence, type HistoryQuestion, readDivergence, readHistory } from './history.ts';
import { type Mergeability, readMergeability } from './mergeability.ts';
import { ObjectReader } from './object-reader.ts';
import { type Pushed, type PushedQuestion, readPushed, readTouchedFiles, type TouchedFiles } from './pushed-commits.ts';
import { type RebaseResult, tryRebase } from './rebase.ts';
import { RefCache } from './ref-table.ts';
import { RefWriter } from './ref-writer.ts';
import { Remembered } from './remembered.ts';

/** Of each kind; a pull request that is looked at asks for one. */
const maximumRemembered = 32;

/** One bare repository on disk and the long-lived processes that serve it. */
export class GitRepository {
  readonly path: string;
  readonly objectFormat: ObjectFormat;
  readonly refs: RefCache;
  readonly writer: RefWriter;
  readonly #git: Git;
  readonly #mergeabilities = new Remembered<Mergeability>(maximumRemembered);
  readonly #totals = new Remembered<DiffTotals>(maximumRemembered);
  readonly #rebases = new Remembered<RebaseResult['kind']>(maximumRemembered);
  #reader: ObjectReader | null = null;
  /** Milliseconds since 1970. */
  lastUsed = Date.now();

  constructor(git: Git, path: string, objectFormat: ObjectFormat, isAuthorized: (value: unknown) => boolean) {
    this.#git = git;
    this.path = path;
    this.objectFormat = objectFormat;
    this.refs = new RefCache(git, path);
    this.writer = new RefWriter(git, path, isAuthorized);
  }

  /** Reads what the store has; never a quarantine. */
  get objects(): ObjectReader {
    if (!this.#reader?.isUsable) this.#reader = new ObjectReader(this.#git, this.path);
    return this.#reader;
  }

  history(question: HistoryQuestion): Promise<ObjectId[]> {
    return readHistory(this.#git, this.path, question);
  }

  divergence(base: ObjectId, head: ObjectId, limit: number): Promise<Divergence> {
    return readDivergence(this.#git, this.path, base, head, limit);
  }

  diff(from: ObjectId | null, to: ObjectId): Promise<ChangedFile[]> {
    return readDiff(this.#git, this.path, { from, to });
  }

  diffTotals(ends: DiffEnds): Promise<DiffTotals> {
    return this.#totals.get(`${ends.from} ${ends.to}`, () => readDiffTotals(this.#git, this.path, ends));
  }

  diffId(ends: DiffEnds): Promise<string> {
    return readDiffId(this.#git, this.path, ends);
  }

  /** As one unified diff; null: it is larger. */
  diffText(ends: DiffEnds, maximumBytes: number): Promise<Buffer | null> {
    return readWhole(streamDiff(this.#git, this.path, ends, maximumBytes));
  }

  /** The commits of base..head as mails; null: they are larger. */
  patchText(base: ObjectId, head: ObjectId, maximumBytes: number): Promise<Buffer | null> {
    return readWhole(streamPatches(this.#git, this.path, base, head, maximumBytes));
  }

  mergeability(base: ObjectId, head: ObjectId): Promise<Mergeability> {
    return this.#mergeabilities.get(`${base} ${head}`, () => readMergeability(this.#git, this.path, base, head));
  }

  rebaseability(base: ObjectId, head: ObjectId): Promise<RebaseResult['kind']> {
    return this.#rebases.get(`${base} ${head}`, () => tryRebase(this.#git, this.path, this.objectFormat, base, head));
  }

  pushed(question: PushedQuestion): Promise<Pushed> {
    return readPushed(this.#git, this.path, question);
  }

  touchedFiles(commits: readonly ObjectId[]): Promise<Map<ObjectId, TouchedFiles>> {
    return readTouchedFiles(this.#git, this.path, commits);
  }

  get isIdle(): boolean {
    return this.#reader?.isIdle ?? true;
  }

  /** Ends the processes; they start again when needed. After maintenance, and before the folder goes. */
  async rest(): Promise<void> {
    this.#reader?.close();
    this.#reader = null;
    await this.writer.close();
  }
}
