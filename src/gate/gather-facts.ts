import { readChangedPaths, readNetPaths } from '#git/changed-paths.ts';
import { type Range, type RangeFacts, readRanges } from '#git/commit-range.ts';
import type { Surroundings } from '#git/git.ts';
import { readInGroups } from '#git/object-reader.ts';
import type { GitRepository } from '#git/repository.ts';
import type { Fact, FactKind, PathFact, RefFacts, SignatureFact } from '#model/facts.ts';
import type { ObjectId, RefUpdate } from '#model/ref-update.ts';
import type { Gate } from './gate.ts';
import type { ProtectedTips } from './protected-tips.ts';

export interface Gathering {
  readonly repository: GitRepository;
  /** The quarantine, or nothing where only what the store has is judged. */
  readonly around: Surroundings;
  /** What a new branch is measured against. Asked only where that matters, because every branch is looked at. */
  readonly tips: () => ProtectedTips;
}

/** Facts about each update, with what was asked for and what they depend on beside the update's own ids. */
export interface Gathered {
  readonly facts: readonly RefFacts[];
  readonly asked: readonly ReadonlySet<FactKind>[];
  /** Null when no fact depends on other refs. Otherwise it has to be the same under the lock (spec/model.md 7.3). */
  readonly tips: ProtectedTips | null;
}

type Asked = readonly ReadonlySet<FactKind>[];
type Ranges = ReadonlyMap<number, Fact<RangeFacts>>;

/**
 * Finds out what the rules asked for, and nothing else, with a number of processes that does not depend on how many refs are pushed.
 * What cannot be found out becomes an `unknown` fact, which refuses.
 */
export async function gatherFacts(gate: Gate, from: Gathering, updates: readonly RefUpdate[], asked: Asked): Promise<Gathered> {
  const needRange = indicesAsking(asked, ['fastForward', 'commits', 'signatures', 'paths']).filter(
    (index) => updates[index]!.newId !== null,
  );
  const needTips = indicesAsking(asked, ['inProtectedBranch']).filter((index) => updates[index]!.newId !== null);
  const dependsOnTips = needTips.length > 0 || needRange.some((index) => updates[index]!.oldId === null);
  const tips = dependsOnTips ? from.tips() : null;
  const [added, beyondProtected] = await rangesOf(gate, from, [
    needRange.map((index) => [index, { tip: updates[index]!.newId!, bases: basesOf(updates[index]!, tips) }]),
    needTips.map((index) => [index, { tip: updates[index]!.newId!, bases: tips!.ofProtected }]),
  ]);
  const signatures = await signaturesOf(gate, from, commitsOf(added!, indicesAsking(asked, ['signatures'])));
  const paths = await pathsOf(gate, from, updates, added!, indicesAsking(asked, ['paths']));
  const facts = updates.map(
    (_, index): RefFacts => ({
      ...(asked[index]!.has('fastForward') && { fastForward: rangeFact(added!, index, (range) => range.fastForward) }),
      ...(asked[index]!.has('commits') && { commits: rangeFact(added!, index, (range) => range.commits) }),
      ...(asked[index]!.has('signatures') && { signatures: signatureFact(added!, index, signatures) }),
      ...(asked[index]!.has('paths') && { paths: paths.get(index) ?? noCommits }),
      // A tip that a protected branch contains adds nothing to what they reach.
      ...(asked[index]!.has('inProtectedBranch') && {
        inProtectedBranch: rangeFact(beyondProtected!, index, (range) => range.commits.length === 0),
      }),
    }),
  );
  return { facts, asked, tips };
}

const noCommits = { unknown: 'the update brings no commits' } as const;

function indicesAsking(asked: Asked, kinds: readonly FactKind[]): number[] {
  return asked.flatMap((set, index) => (kinds.some((kind) => set.has(kind)) ? [index] : []));
}

/**
 * What an update adds. A new branch adds what no protected branch and not the default branch has; never "what is new on the server":
 * that would miss commits that were parked on another branch first.
 */
function basesOf({ oldId }: RefUpdate, tips: ProtectedTips | null): readonly ObjectId[] {
  return oldId === null ? tips!.all : [oldId];
}

/** All ranges of all questions in one walk. */
async function rangesOf(gate: Gate, { repository, around }: Gathering, questions: [number, Range][][]): Promise<Ranges[]> {
  const read = await attempt(() =>
    readRanges(
      gate.git,
      repository.path,
      around,
      questions.flatMap((question) => question.map(([, range]) => range)),
    ),
  );
  let at = 0;
  return questions.map((question) => new Map(question.map(([index]) => [index, 'known' in read ? { known: read.known[at++]! } : read])));
}

async function signaturesOf(
  gate: Gate,
  { repository, around }: Gathering,
  commits: readonly ObjectId[],
): Promise<Fact<ReadonlyMap<ObjectId, SignatureFact>>> {
  return attempt(async () => {
    const facts = new Map<ObjectId, SignatureFact>();
    for await (const objects of readInGroups(gate.git, repository.path, around, commits)) {
      for (const fact of await gate.verifySignatures(objects.filter((object) => object.type === 'commit'))) facts.set(fact.commit, fact);
    }
    return facts;
  });
}

function signatureFact(
  ranges: Ranges,
  index: number,
  signatures: Fact<ReadonlyMap<ObjectId, SignatureFact>>,
): Fact<readonly SignatureFact[]> {
  if ('unknown' in signatures) return signatures;
  return rangeFact(ranges, index, ({ commits }) =>
    commits.map(({ id }) => signatures.known.get(id) ?? { commit: id, verified: false, reason: 'the commit could not be read' }),
  );
}

/**
 * The paths of every commit of each range. A merge, and an update that loses commits, can also bring back an older state of a path
 * without naming it in any commit, so there the difference of the branch itself is added.
 */
async function pathsOf(
  gate: Gate,
  { repository, around }: Gathering,
  updates: readonly RefUpdate[],
  ranges: Ranges,
  indices: readonly number[],
): Promise<Map<number, Fact<readonly PathFact[]>>> {
  const found = await attempt(async () => {
    const touched = Map.groupBy(
      await readChangedPaths(gate.git, repository.path, around, commitsOf(ranges, indices)),
      (path) => path.commit,
    );
    const jumps = indices.filter((index) => updates[index]!.oldId !== null && !isPlain(ranges.get(index)));
    const pairs = jumps.map((index) => ({ from: updates[index]!.oldId!, to: updates[index]!.newId! }));
    const net = await readNetPaths(gate.git, repository.path, around, pairs);
    return { touched, net: new Map(jumps.map((index, at) => [index, net[at]!])) };
  });
  return new Map(
    indices.map((index) => {
      if ('unknown' in found) return [index, found];
      const ofCommits = rangeFact(ranges, index, ({ commits }) => commits.flatMap(({ id }) => found.known.touched.get(id) ?? []));
      return [index, 'unknown' in ofCommits ? ofCommits : { known: [...ofCommits.known, ...(found.known.net.get(index) ?? [])] }];
    }),
  );
}

/** A line of ordinary commits on top of the old tip: what they touch is what the branch changes. */
function isPlain(range: Fact<RangeFacts> | undefined): boolean {
  return (
    range !== undefined && 'known' in range && range.known.fastForward && range.known.commits.every((commit) => commit.parents.length < 2)
  );
}

function commitsOf(ranges: Ranges, indices: readonly number[]): ObjectId[] {
  const ids = indices.flatMap((index) => {
    const range = ranges.get(index);
    return range !== undefined && 'known' in range ? range.known.commits.map((commit) => commit.id) : [];
  });
  return [...new Set(ids)];
}

function rangeFact<T>(ranges: Ranges, index: number, pick: (known: RangeFacts) => T): Fact<T> {
  const range = ranges.get(index);
  if (range === undefined) return noCommits;
  return 'unknown' in range ? range : { known: pick(range.known) };
}

async function attempt<T>(find: () => Promise<T>): Promise<Fact<T>> {
  try {
    return { known: await find() };
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}
