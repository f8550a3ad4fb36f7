import type { CommitFact } from '#model/facts.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Git, Surroundings } from './git.ts';
import type { NewCommits } from './new-commits.ts';
import { Quarantine } from './quarantine.ts';

const maximumBases = 5000;

/** The commits that one ref update adds: reachable from `tip`, not from any of `bases`. */
export interface Range {
  readonly tip: ObjectId;
  readonly bases: readonly ObjectId[];
}

export interface RangeFacts {
  readonly commits: readonly CommitFact[];
  /** Whether the walk from the tip ends at the (single) base: the update loses nothing. */
  readonly fastForward: boolean;
}

/**
 * The commits of several ranges, each newest first: out of what the walk for completeness has met where that will do, else with a constant
 * number of processes (spec/push-path.md, FACTS). A tag stands for its commit. Where clocks went wrong, or refs move meanwhile, there may
 * be commits among them that a base reaches, never too few.
 */
export async function readRanges(git: Git, repository: string, around: Surroundings, ranges: readonly Range[]): Promise<RangeFacts[]> {
  const met = around.quarantine === undefined ? null : (Quarantine.at(around.quarantine)?.newCommits ?? null);
  const known = ranges.map((range) => (met === null ? null : rangeAmongNew(met, range)));
  const walked = await walkRanges(
    git,
    repository,
    around,
    ranges.filter((_, index) => known[index] === null),
  );
  return known.map((facts) => facts ?? walked.shift()!);
}

/**
 * A range whose every way out of the new commits leads to one of its bases: all that it adds is new, and the rest is behind the bases.
 * Null: it is not like that, and a walk has to tell.
 */
function rangeAmongNew(met: NewCommits, { tip, bases }: Range): RangeFacts | null {
  if (!met.has(tip)) return null;
  const ends = new Set(bases);
  const within = reach(met, [tip]);
  if ([...within].some((id) => met.has(id) === ends.has(id))) return null;
  const commits = [...met].filter(([id]) => within.has(id)).map(([id, parents]) => ({ id, parents }));
  return { commits, fastForward: bases.length === 1 && within.has(bases[0]!) };
}

/** One walk lists everything from all tips and bases down to what all bases have in common; each range is then cut out of that graph. */
async function walkRanges(git: Git, repository: string, around: Surroundings, ranges: readonly Range[]): Promise<RangeFacts[]> {
  if (ranges.length === 0) return [];
  const bases = [...new Set(ranges.flatMap((range) => range.bases))];
  const boundary = await commonBase(git, repository, around, ranges, bases);
  const starts = [...new Set([...ranges.map((range) => range.tip), ...bases])];
  const input = [...starts, ...boundary.map((id) => `^${id}`), ''].join('\n');
  const listing = await git.must(repository, ['rev-list', '--stdin', '--parents'], { ...around, input });
  const parents = new Map<ObjectId, readonly ObjectId[]>();
  for (const line of listing.toString('latin1').split('\n')) {
    const [id, ...rest] = line.split(' ');
    if (id) parents.set(id, rest);
  }
  const hidden = new Set(boundary);
  const met = (id: ObjectId): boolean => parents.has(id) || hidden.has(id);
  const commitOf = await peel(
    git,
    repository,
    around,
    starts.filter((id) => !met(id)),
  );
  return ranges.map((range) => cut(parents, range, commitOf));
}

/** The commits behind ids that a walk did not meet under their own names: tags, and what a boundary hides. Others stand for themselves. */
async function peel(git: Git, repository: string, around: Surroundings, ids: readonly ObjectId[]): Promise<(id: ObjectId) => ObjectId> {
  if (ids.length === 0) return (id) => id;
  const input = ids.map((id) => `${id}^{commit}\n`).join('');
  const answers = (await git.must(repository, ['cat-file', '--batch-check=%(objectname)'], { ...around, input }))
    .toString('latin1')
    .split('\n');
  const commits = new Map(ids.map((id, index) => [id, answers[index]!]));
  return (id) => commits.get(id) ?? id;
}

/** What every range's base reaches may be left out of the walk. Where bases have nothing in common the whole history is walked. */
async function commonBase(
  git: Git,
  repository: string,
  around: Surroundings,
  ranges: readonly Range[],
  bases: readonly ObjectId[],
): Promise<readonly ObjectId[]> {
  if (ranges.some((range) => range.bases.length === 0)) return [];
  if (ranges.length === 1) return ranges[0]!.bases;
  if (bases.length === 1) return bases;
  // More would not fit on a command line; walking further is slower and just as true.
  if (bases.length > maximumBases) return [];
  // A commit that all bases reach is in no range, whichever range's bases are asked.
  const { code, stdout } = await git.run(repository, ['merge-base', '--octopus', '--end-of-options', ...bases], around);
  const found = stdout.toString('latin1').trim();
  return code === 0 && found !== '' ? [found] : [];
}

function cut(parents: ReadonlyMap<ObjectId, readonly ObjectId[]>, { tip, bases }: Range, commitOf: (id: ObjectId) => ObjectId): RangeFacts {
  const excluded = reach(parents, bases.map(commitOf));
  const within = reach(parents, [commitOf(tip)], excluded);
  const commits = [...parents].filter(([id]) => within.has(id)).map(([id, ofCommit]) => ({ id, parents: ofCommit }));
  const [base] = bases;
  const fastForward = bases.length === 1 && (tip === base || commits.some((commit) => commit.parents.includes(base!)));
  return { commits, fastForward };
}

/** Everything reachable in the graph from some commits, themselves included, without entering `except`. */
function reach(
  parents: ReadonlyMap<ObjectId, readonly ObjectId[]>,
  from: readonly ObjectId[],
  except: ReadonlySet<ObjectId> = new Set(),
): Set<ObjectId> {
  const reached = new Set<ObjectId>();
  const open = from.filter((id) => !except.has(id));
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    for (const parent of parents.get(id) ?? []) if (!except.has(parent) && !reached.has(parent)) open.push(parent);
  }
  return reached;
}
