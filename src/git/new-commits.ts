import type { Readable } from 'node:stream';
import type { ObjectId } from '#model/ref-update.ts';
import type { Git } from './git.ts';
import type { Quarantine } from './quarantine.ts';

/** Commits that no ref of the store reaches, newest first, with their parents. */
export type NewCommits = ReadonlyMap<ObjectId, readonly ObjectId[]>;

/** Of longer histories nothing is kept: they are imports, mostly, about which nobody asks. */
const maximumKept = 10_000;

const walk = ['rev-list', '--objects', '--no-object-names', '--parents', '--timestamp', '--stdin', '--not', '--all'];

/**
 * Whether objects are there with everything they need, from the quarantine and the store together. What the store's refs reach needs no
 * proof: they stop the walk, so it is as long as the push is large. Our own hidden refs are no proof of anything and do not matter.
 * The quarantine keeps the commits that the walk has met, so that most facts need no second one.
 */
export async function isComplete(git: Git, repository: string, quarantine: Quarantine, ids: readonly ObjectId[]): Promise<boolean> {
  quarantine.newCommits = null;
  if (ids.length === 0) return true;
  const process = git.start(repository, walk, { quarantine: quarantine.path });
  process.stdin.end(`${ids.join('\n')}\n`);
  process.stderr.resume();
  const [commits, code] = await Promise.all([readCommits(process.stdout), process.ended]);
  if (code === 0) quarantine.newCommits = commits;
  return code === 0;
}

/** Commits come first, each with its time before it; after them one id a line, which was looked for and is of no more interest. */
async function readCommits(stdout: Readable): Promise<NewCommits | null> {
  const commits = new Map<ObjectId, readonly ObjectId[]>();
  let rest = '';
  let isAmongCommits = true;
  for await (const chunk of stdout) {
    if (!isAmongCommits) continue;
    const lines = (rest + (chunk as Buffer).toString('latin1')).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const [, id, ...parents] = line.split(' ');
      isAmongCommits = id !== undefined && commits.size <= maximumKept;
      if (!isAmongCommits) break;
      commits.set(id!, parents);
    }
  }
  return commits.size > maximumKept ? null : commits;
}
