import type { PathFact } from '#model/facts.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Git, Surroundings } from './git.ts';

const logArguments = [
  'log',
  '--stdin',
  '--no-walk=unsorted',
  '-z',
  '--raw',
  '--no-abbrev',
  '--no-renames',
  '--root',
  '--diff-merges=combined',
  '--format=%x01%H',
];

/**
 * Every path that each of these commits touches: both sides of a rename, additions and deletions. Of a merge, what it has like
 * none of its parents: everything else came with one of the commits that are listed themselves. What a merge *drops* shows only
 * against the branch, which is what `readNetPaths` is for.
 */
export async function readChangedPaths(
  git: Git,
  repository: string,
  around: Surroundings,
  commits: readonly ObjectId[],
): Promise<PathFact[]> {
  if (commits.length === 0) return [];
  const output = await git.must(repository, logArguments, { ...around, input: `${commits.join('\n')}\n` });
  return parseLog(output.toString('utf8'));
}

/** For each pair, the paths in which the two commits' trees differ. */
export async function readNetPaths(
  git: Git,
  repository: string,
  around: Surroundings,
  pairs: readonly { readonly from: ObjectId; readonly to: ObjectId }[],
): Promise<PathFact[][]> {
  if (pairs.length === 0) return [];
  // A commit and what to take for its parent: each answer begins with the commit, even when nothing differs.
  const input = pairs.map(({ from, to }) => `${to} ${from}\n`).join('');
  const args = ['diff-tree', '--stdin', '-r', '-z', '--raw', '--always', '--no-renames'];
  const output = await git.must(repository, args, { ...around, input });
  return parseDiffs(output.toString('utf8'), pairs.length);
}

function parseDiffs(text: string, expected: number): PathFact[][] {
  const answers: PathFact[][] = [];
  let commit = '';
  const fields = nulSeparated(text);
  for (let at = 0; at < fields.length; at++) {
    // A path may be anything, an object id too; only its place behind a record says that it is one.
    if (fields[at]!.startsWith(':')) answers.at(-1)!.push({ commit, path: fields[++at] ?? '' });
    else {
      commit = fields[at]!;
      answers.push([]);
    }
  }
  if (answers.length !== expected) throw new Error(`git diff-tree answered ${answers.length} of ${expected} questions`);
  return answers;
}

/** Records: `\x01<id>` begins a commit; `:<modes and ids>` is followed by the path it speaks of. */
function parseLog(text: string): PathFact[] {
  const found: PathFact[] = [];
  let commit = '';
  let pathFollows = false;
  for (const field of nulSeparated(text)) {
    if (pathFollows) {
      found.push({ commit, path: field });
      pathFollows = false;
      continue;
    }
    // A commit without changes is followed directly by the next; one with changes by a newline and its first record.
    for (const part of field.split('\n')) {
      if (part.startsWith('\x01')) commit = part.slice(1);
      else if (part.startsWith(':')) pathFollows = true;
      else if (part !== '') throw new Error(`git log said something unexpected: ${JSON.stringify(part.slice(0, 100))}`);
    }
  }
  return found;
}

function nulSeparated(text: string): string[] {
  const fields = text.split('\0');
  if (fields.at(-1) === '') fields.pop();
  return fields;
}
