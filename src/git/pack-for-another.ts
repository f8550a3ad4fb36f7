import type { ObjectId } from '#model/ref-update.ts';
import { streamOutput } from './bounded-output.ts';
import type { Git } from './git.ts';

const packObjects = ['pack-objects', '--revs', '--stdout', '--thin', '--delta-base-offset', '-q'];

/**
 * What some commits of one repository need in another of its network, which has `known` (what its refs point to): a pack to be taken in
 * there as if it had been pushed. Two processes, nothing written. No repository ever reads another's objects: a fork may be gone tomorrow,
 * and hold what nobody here may see.
 */
export async function* packForAnother(
  git: Git,
  source: string,
  tips: readonly ObjectId[],
  known: readonly ObjectId[],
  maximumBytes: number,
): AsyncGenerator<Buffer> {
  const shared = await readPresent(git, source, known);
  const input = [...tips, ...shared.map((id) => `^${id}`), ''].join('\n');
  yield* streamOutput(git, source, packObjects, { input, maximumBytes });
}

/** git stops at an id it does not have. */
async function readPresent(git: Git, repository: string, ids: readonly ObjectId[]): Promise<ObjectId[]> {
  if (ids.length === 0) return [];
  const input = `${ids.join('\n')}\n`;
  const answers = await git.must(repository, ['cat-file', '--batch-check=%(objectname)'], { input });
  return answers
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith(' missing'));
}
