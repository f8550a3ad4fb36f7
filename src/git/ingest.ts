import type { Writable } from 'node:stream';
import type { ObjectId } from '#model/ref-update.ts';
import { collectSome, type Git } from './git.ts';
import { giveBack } from './give-back.ts';
import { isComplete } from './new-commits.ts';
import type { Quarantine } from './quarantine.ts';

/** Why a pack was not taken in. Said to the client as git would say it. */
export interface UnpackFailure {
  readonly kind: 'unpack' | 'too-large' | 'broken-off';
  readonly message: string;
}

interface IngestLimits {
  /** The most bytes of pack that are read. */
  readonly maximumBytes: number;
  /** Told how far the work is, as git prints it: lines that end in a carriage return or a newline. */
  readonly onProgress?: (text: string) => void;
}

/**
 * How a pack's objects come into a quarantine; null when they stand there, whole. There is one back end so far, git's own `index-pack`; one
 * that parses small packs in memory can take its place where it knows that it may (spec/push-path.md section 1). The pack's chunks are its own
 * from then on: their memory may be gone before it has ended.
 */
export type Ingest = (
  repository: string,
  quarantine: Quarantine,
  pack: AsyncIterable<Buffer>,
  limits: IngestLimits,
) => Promise<UnpackFailure | null>;

/** Takes a pack in with `git index-pack`: checked object by object, thin deltas completed, nothing in the store. */
export function ingestWithIndexPack(git: Git): Ingest {
  return async (repository, quarantine, pack, { maximumBytes, onProgress }) => {
    const chunks = pack[Symbol.asyncIterator]();
    const begin = await chunks.next().catch(brokenOff);
    if ('kind' in begin) return begin;
    const quiet = [...unsynced, 'index-pack', '--stdin', '--fix-thin', '--strict', `--max-input-size=${maximumBytes}`];
    const args = [...quiet, ...(onProgress === undefined ? [] : ['--show-resolving-progress']), ...threadsFor(begin)];
    const process = git.start(repository, args, { quarantine: quarantine.path });
    // Its standard output is the pack's name, which nobody needs.
    process.stdout.resume();
    const stderr = collectSome(process.stderr, (chunk) => onProgress?.(progressIn(chunk)));
    const failure = await feed(process.stdin, again(begin, chunks), quarantine, maximumBytes);
    if (failure !== null) process.stop();
    const code = await process.ended;
    if (failure !== null) return failure;
    if (code !== 0) return { kind: 'unpack', message: reason(await stderr) };
    quarantine.sync();
    return null;
  };
}

/** Nobody needs the pack on the disk before refs move to what is in it; the quarantine sees to that while the push is judged. */
const unsynced = ['-c', 'core.fsync=none'];

/** From so many objects on, threads save more time than starting them costs. */
const worthThreads = 100;

/** A pack says how many objects it has: `PACK`, its version, their number (spec/push-path.md section 2). */
function threadsFor({ value }: IteratorResult<Buffer>): string[] {
  const isKnown = value !== undefined && value.length >= 12;
  return isKnown && value.readUInt32BE(8) < worthThreads ? ['--threads=1'] : [];
}

async function* again(begin: IteratorResult<Buffer>, rest: AsyncIterator<Buffer>): AsyncIterable<Buffer> {
  try {
    for (let next = begin; !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function brokenOff(error: unknown): UnpackFailure {
  return { kind: 'broken-off', message: `the upload broke off: ${error instanceof Error ? error.message : String(error)}` };
}

/** So much is read while git is still busy with what came before. */
const maximumAhead = 256 * 1024;

async function feed(
  stdin: Writable,
  pack: AsyncIterable<Buffer>,
  quarantine: Quarantine,
  maximumBytes: number,
): Promise<UnpackFailure | null> {
  let bytes = 0;
  try {
    for await (const chunk of pack) {
      bytes += chunk.length;
      if (bytes > maximumBytes) return { kind: 'too-large', message: `the pack is larger than ${maximumBytes} bytes` };
      // After index-pack has given up, the rest is read and dropped: the client listens only when it has sent everything.
      if (!stdin.writable) continue;
      const isWritten = write(stdin, chunk);
      quarantine.note(chunk.length);
      if (stdin.writableLength >= maximumAhead) await isWritten;
    }
  } catch (error) {
    return brokenOff(error);
  }
  stdin.end();
  return null;
}

/** Until it is written, or never will be. */
function write(stdin: Writable, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    stdin.write(chunk, (error) => {
      // What was not written to the end may still be looked at by whoever was to write it.
      if (error == null) giveBack(chunk);
      resolve();
    });
  });
}

/** Only what is known to be progress goes to the client at once; errors may name our folders. */
function progressIn(chunk: Buffer): string {
  return chunk
    .toString('latin1')
    .split(/(?<=[\r\n])/)
    .filter((part) => part.startsWith('Resolving deltas: '))
    .join('');
}

/** git's last word, and before it the object that it found at fault; without its prefixes and anything that names our folders. */
function reason(stderr: string): string {
  const lines = stderr
    .split('\n')
    .filter((line) => /^(fatal|error): /.test(line))
    .map((line) => line.replace(/^(fatal|error): /, ''));
  const last = lines.at(-1) ?? 'the pack could not be read';
  const fault = lines.find((line) => /^object [0-9a-f]{40,64}: /.test(line));
  const said = fault === undefined || fault === last ? last : `${last}: ${fault}`;
  return said.replace(/\/\S*\/(objects|tmp_objdir)[^\s']*/g, 'the quarantine').slice(0, 300);
}

/** Which of the wanted objects are reachable with everything they need, from the quarantine and the store together. */
export async function findIncomplete(
  git: Git,
  repository: string,
  quarantine: Quarantine,
  newIds: readonly ObjectId[],
): Promise<readonly ObjectId[]> {
  if (await isComplete(git, repository, quarantine, newIds)) return [];
  // Only a push with a fault comes here. What is not there at all is found at once; what lacks something, by halving.
  const absent = await findAbsent(git, repository, quarantine, newIds);
  const present = newIds.filter((id) => !absent.has(id));
  return [...absent, ...(await searchIncomplete(git, repository, quarantine, present))];
}

async function searchIncomplete(
  git: Git,
  repository: string,
  quarantine: Quarantine,
  ids: readonly ObjectId[],
): Promise<readonly ObjectId[]> {
  if (await isComplete(git, repository, quarantine, ids)) return [];
  if (ids.length === 1) return ids;
  const middle = Math.ceil(ids.length / 2);
  const first = await searchIncomplete(git, repository, quarantine, ids.slice(0, middle));
  return [...first, ...(await searchIncomplete(git, repository, quarantine, ids.slice(middle)))];
}

async function findAbsent(git: Git, repository: string, quarantine: Quarantine, ids: readonly ObjectId[]): Promise<Set<ObjectId>> {
  const input = `${ids.join('\n')}\n`;
  const answers = await git.must(repository, ['cat-file', '--batch-check=%(objectname)'], { quarantine: quarantine.path, input });
  const missing = answers
    .toString('latin1')
    .split('\n')
    .filter((line) => line.endsWith(' missing'));
  return new Set(missing.map((line) => line.slice(0, line.indexOf(' '))));
}
