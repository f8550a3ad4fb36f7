import type { ObjectId } from '#model/ref-update.ts';
import { collectSome, type Git } from './git.ts';
import { Quarantine } from './quarantine.ts';

/** Why a pack was not taken in. Said to the client as git would say it. */
export interface UnpackFailure {
  readonly kind: 'unpack' | 'too-large' | 'broken-off';
  readonly message: string;
}

/** Objects that were received and stand complete in a quarantine, ready to be looked at. */
export interface Ingested {
  readonly quarantine: Quarantine;
  readonly bytes: number;
}

export interface IngestLimits {
  /** The most bytes of pack that are read. */
  readonly maximumBytes: number;
}

/**
 * How objects come in. There is one back end so far, git's own `index-pack`; one that parses small packs in memory can take
 * its place where it knows that it may (spec/push-path.md section 1).
 */
export type Ingest = (
  repository: string,
  name: string,
  pack: AsyncIterable<Buffer>,
  limits: IngestLimits,
) => Promise<Ingested | UnpackFailure>;

/** Takes a pack into quarantine with `git index-pack`: checked object by object, thin deltas completed, nothing in the store. */
export function ingestWithIndexPack(git: Git): Ingest {
  return async (repository, name, pack, { maximumBytes }) => {
    const quarantine = await Quarantine.create(repository, name);
    try {
      const process = git.start(repository, ['index-pack', '--stdin', '--fix-thin', '--strict', `--max-input-size=${maximumBytes}`], {
        quarantine: quarantine.path,
      });
      // Its standard output is the pack's name, which nobody needs.
      process.stdout.resume();
      const stderr = collectSome(process.stderr);
      const fed = await feed(process.stdin, pack, maximumBytes);
      if (fed.failure) process.stop();
      const code = await process.ended;
      const failure = fed.failure ?? (code === 0 ? null : { kind: 'unpack' as const, message: reason(await stderr) });
      if (failure === null) return { quarantine, bytes: fed.bytes };
      await quarantine.discard();
      return failure;
    } catch (error) {
      await quarantine.discard();
      throw error;
    }
  };
}

/** Objects for a push without a pack, such as a ref that is set to a commit the store has. */
export async function ingestNothing(repository: string, name: string): Promise<Ingested> {
  return { quarantine: await Quarantine.create(repository, name), bytes: 0 };
}

async function feed(
  stdin: NodeJS.WritableStream & { readonly writable: boolean },
  pack: AsyncIterable<Buffer>,
  maximumBytes: number,
): Promise<{ bytes: number; failure?: UnpackFailure }> {
  let bytes = 0;
  try {
    for await (const chunk of pack) {
      bytes += chunk.length;
      if (bytes > maximumBytes) return { bytes, failure: { kind: 'too-large', message: `the pack is larger than ${maximumBytes} bytes` } };
      // After index-pack has given up, the rest is read and dropped: the client listens only when it has sent everything.
      if (stdin.writable && !stdin.write(chunk)) await drained(stdin);
    }
  } catch (error) {
    return {
      bytes,
      failure: { kind: 'broken-off', message: `the upload broke off: ${error instanceof Error ? error.message : String(error)}` },
    };
  }
  stdin.end();
  return { bytes };
}

function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      for (const event of ['drain', 'close', 'error']) stream.off(event, settle);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) stream.once(event, settle);
  });
}

/** git's last word, without its prefixes and without anything that names our folders. */
function reason(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => /^(fatal|error): /.test(line));
  const last = lines.at(-1)?.replace(/^(fatal|error): /, '') ?? 'the pack could not be read';
  return last.replace(/\/\S*\/(objects|tmp_objdir)\S*/g, 'the quarantine').slice(0, 300);
}

/** Which of the wanted objects are reachable with everything they need, from the quarantine and the store together. */
export async function findIncomplete(
  git: Git,
  repository: string,
  quarantine: Quarantine,
  newIds: readonly ObjectId[],
): Promise<readonly ObjectId[]> {
  if (newIds.length === 0) return [];
  if (await isComplete(git, repository, quarantine, newIds)) return [];
  // One by one only now: a push with a fault may take longer than one without.
  const incomplete: ObjectId[] = [];
  for (const id of newIds) if (newIds.length === 1 || !(await isComplete(git, repository, quarantine, [id]))) incomplete.push(id);
  return incomplete;
}

/**
 * Everything that what the store's refs reach does not cover must be there. The refs stop the walk, so it is as long as the
 * push is large. Our own hidden refs are no proof of anything and do not matter.
 */
async function isComplete(git: Git, repository: string, quarantine: Quarantine, ids: readonly ObjectId[]): Promise<boolean> {
  const args = ['rev-list', '--objects', '--stdin', '--quiet', '--not', '--all'];
  const { code } = await git.run(repository, args, { quarantine: quarantine.path, input: `${ids.join('\n')}\n` });
  return code === 0;
}
