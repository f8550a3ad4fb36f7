import type { ObjectId } from '#model/ref-update.ts';
import type { Git } from './git.ts';

/**
 * Which of these ids some ref reaches. An object that lies in the store without a ref is nobody's to ask about: it may have come with a
 * push that was refused.
 */
export async function readReachable(git: Git, repository: string, ids: readonly ObjectId[]): Promise<ReadonlySet<ObjectId>> {
  const reachable = new Set<ObjectId>();
  for (const id of new Set(ids)) {
    const { code, stdout } = await git.run(repository, ['for-each-ref', '--count=1', `--contains=${id}`, '--format=x']);
    if (code === 0 && stdout.length > 0) reachable.add(id);
  }
  return reachable;
}
