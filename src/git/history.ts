import type { ObjectId } from '#model/ref-update.ts';
import type { Git } from './git.ts';

export interface HistoryQuestion {
  readonly from: ObjectId;
  /** Only commits that touch this path. */
  readonly path?: string;
  /** Only commits whose author's name or address contains this. */
  readonly author?: string;
  /** Milliseconds since 1970. */
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
  readonly skip: number;
}

/** Ids of commits, newest first. */
export async function readHistory(
  git: Git,
  repository: string,
  { from, path, author, since, until, limit, skip }: HistoryQuestion,
): Promise<ObjectId[]> {
  const args = [
    'rev-list',
    `--max-count=${limit}`,
    `--skip=${skip}`,
    ...(author === undefined ? [] : ['--fixed-strings', '--regexp-ignore-case', `--author=${author}`]),
    ...(since === undefined ? [] : [`--since=${Math.floor(since / 1000)}`]),
    ...(until === undefined ? [] : [`--until=${Math.floor(until / 1000)}`]),
    '--end-of-options',
    from,
    '--',
    // A path is a path: no wildcards, no `:(magic)`.
    ...(path === undefined ? [] : [`:(literal)${path}`]),
  ];
  return lines(await git.must(repository, args));
}

export interface Divergence {
  readonly mergeBase: ObjectId | null;
  readonly ahead: number;
  readonly behind: number;
  /** Ids of the commits that `head` has and `base` has not, oldest first; at most `limit`, the newest ones. */
  readonly commits: readonly ObjectId[];
}

/** How two commits stand to each other. */
export async function readDivergence(git: Git, repository: string, base: ObjectId, head: ObjectId, limit: number): Promise<Divergence> {
  const found = await git.run(repository, ['merge-base', '--end-of-options', base, head]);
  const counts = (await git.must(repository, ['rev-list', '--left-right', '--count', '--end-of-options', `${base}...${head}`])).toString(
    'latin1',
  );
  const [behind, ahead] = counts.trim().split('\t').map(Number) as [number, number];
  const newest = await git.must(repository, ['rev-list', `--max-count=${limit}`, '--end-of-options', `${base}..${head}`]);
  return { mergeBase: found.code === 0 ? (lines(found.stdout)[0] ?? null) : null, ahead, behind, commits: lines(newest).reverse() };
}

function lines(output: Buffer): string[] {
  return output
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '');
}
