import type { ObjectId } from '#model/ref-update.ts';
import { readBeginning } from './bounded-output.ts';
import type { Git } from './git.ts';

export interface PushedQuestion {
  readonly oldId: ObjectId | null;
  readonly newId: ObjectId;
  /** Where other refs stand: what they reach was there before. */
  readonly others: readonly ObjectId[];
  readonly limit: number;
}

/** What an update of a ref to a commit brought. */
export interface Pushed {
  /** Oldest first; at most `limit`, the newest ones. */
  readonly commits: readonly ObjectId[];
  /** Those that no other ref reaches. */
  readonly distinct: ReadonlySet<ObjectId>;
  readonly size: number;
  readonly distinctSize: number;
  /** What stood there before is not behind it. */
  readonly forced: boolean;
}

/** Of a new ref the commits that are nowhere else, of a moved one all that it had not before. */
export async function readPushed(git: Git, repository: string, { oldId, newId, others, limit }: PushedQuestion): Promise<Pushed> {
  const walk = (without: readonly ObjectId[]): Promise<ObjectId[]> => list(git, repository, newId, without);
  const distinct = await walk([...(oldId === null ? [] : [oldId]), ...others]);
  const all = oldId === null ? distinct : await walk([oldId]);
  const ancestor = oldId === null ? null : await git.run(repository, ['merge-base', '--is-ancestor', oldId, newId]);
  return {
    commits: all.slice(0, limit).reverse(),
    distinct: new Set(distinct),
    size: all.length,
    distinctSize: distinct.length,
    forced: ancestor !== null && ancestor.code !== 0,
  };
}

/** Newest first. */
async function list(git: Git, repository: string, from: ObjectId, without: readonly ObjectId[]): Promise<ObjectId[]> {
  const input = [from, ...without.map((id) => `^${id}`), ''].join('\n');
  const output = await git.must(repository, ['rev-list', '--stdin'], { input });
  return output.toString('latin1').split('\n').filter(Boolean);
}

export interface TouchedFiles {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly modified: readonly string[];
}

const logArguments = [
  ...['log', '--stdin', '--no-walk=unsorted', '-z', '--raw', '--no-abbrev', '--no-renames', '--root'],
  ...['--diff-merges=first-parent', '--format=%x01%H'],
];
const maximumBytes = 8 * 1024 * 1024;

/** What each commit did to files, against its first parent. Nothing of any where that is too much to say. */
export async function readTouchedFiles(git: Git, repository: string, commits: readonly ObjectId[]): Promise<Map<ObjectId, TouchedFiles>> {
  if (commits.length === 0) return new Map();
  const { bytes, whole } = await readBeginning(git, repository, logArguments, { input: `${commits.join('\n')}\n`, maximumBytes });
  return whole ? parse(bytes.toString('utf8')) : new Map();
}

/** `\x01<id>` begins a commit; `:<modes and ids> <letter>` is followed by the path it speaks of. */
function parse(text: string): Map<ObjectId, TouchedFiles> {
  const found = new Map<ObjectId, Record<keyof TouchedFiles, string[]>>();
  let current: Record<keyof TouchedFiles, string[]> | null = null;
  let letter: string | null = null;
  for (const field of text.split('\0')) {
    if (letter !== null) {
      current?.[letter === 'A' ? 'added' : letter === 'D' ? 'removed' : 'modified'].push(field);
      letter = null;
      continue;
    }
    for (const part of field.split('\n')) {
      if (part.startsWith('\x01')) {
        current = { added: [], removed: [], modified: [] };
        found.set(part.slice(1), current);
      } else if (part.startsWith(':')) letter = part.split(' ').at(-1)![0]!;
    }
  }
  return found;
}
