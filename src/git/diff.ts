import type { ObjectId } from '#model/ref-update.ts';
import { collectSome, type Git, GitFailed } from './git.ts';

export interface ChangedFile {
  readonly path: string;
  /** Where a rename or copy came from. */
  readonly previousPath: string | null;
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed';
  readonly blob: ObjectId;
  /** Lines; both 0 for binary files. */
  readonly additions: number;
  readonly deletions: number;
  /** Unified diff without its header; null for binary files, where only the mode changed, and of every file where they are too large together. */
  readonly patch: string | null;
}

const common = ['diff-tree', '-r', '--find-renames', '--root', '--no-commit-id', '--no-ext-diff', '--no-textconv'];
const maximumPatchBytes = 4 * 1024 * 1024;

/** What differs between two commits; `from` null: everything in `to` is new. */
export async function readDiff(git: Git, repository: string, from: ObjectId | null, to: ObjectId): Promise<ChangedFile[]> {
  const ends = from === null ? ['--end-of-options', to] : ['--end-of-options', from, to];
  const [raw, numbers, patches] = await Promise.all([
    git.must(repository, [...common, '-z', '--raw', '--no-abbrev', ...ends]),
    git.must(repository, [...common, '-z', '--numstat', ...ends]),
    readUpTo(git, repository, [...common, '--patch', '--no-color', ...ends], maximumPatchBytes),
  ]);
  const entries = parseRaw(raw.toString('utf8'));
  const counts = parseNumstat(numbers.toString('utf8'));
  const texts = patches === null ? [] : splitPatches(patches.toString('utf8'), entries);
  return entries.map((entry, index) => ({ ...entry, ...(counts[index] ?? { additions: 0, deletions: 0 }), patch: texts[index] ?? null }));
}

/** All that git says; null: it is more than that, and git is not listened to any longer. Some megabytes of commits can differ by gigabytes. */
export async function readUpTo(
  git: Git,
  repository: string,
  args: readonly string[],
  maximumBytes: number,
  input = '',
): Promise<Buffer | null> {
  const process = git.start(repository, args);
  // A process that ends early closes its input; how it ended is told below.
  process.stdin.on('error', () => undefined);
  process.stdin.end(input);
  const said = collectSome(process.stderr);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdout) {
    bytes += (chunk as Buffer).length;
    // Leaving closes git's output, which ends it.
    if (bytes > maximumBytes) break;
    chunks.push(chunk as Buffer);
  }
  const code = await process.ended;
  if (bytes > maximumBytes) return null;
  if (code !== 0) throw new GitFailed(args, { code, stdout: Buffer.alloc(0), stderr: await said });
  return Buffer.concat(chunks);
}

type RawEntry = Pick<ChangedFile, 'path' | 'previousPath' | 'status' | 'blob'>;

const statuses: Readonly<Record<string, ChangedFile['status']>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'changed',
};

function parseRaw(text: string): RawEntry[] {
  const fields = text.split('\0');
  const entries: RawEntry[] = [];
  for (let at = 0; at < fields.length - 1; ) {
    const [, , oldBlob, newBlob, letter] = fields[at++]!.split(' ') as [string, string, string, string, string];
    const status = statuses[letter[0]!] ?? 'changed';
    const isMove = status === 'renamed' || status === 'copied';
    const first = fields[at++]!;
    const path = isMove ? fields[at++]! : first;
    entries.push({ path, previousPath: isMove ? first : null, status, blob: status === 'removed' ? oldBlob : newBlob });
  }
  return entries;
}

function parseNumstat(text: string): { additions: number; deletions: number }[] {
  const fields = text.split('\0');
  const counts: { additions: number; deletions: number }[] = [];
  for (let at = 0; at < fields.length - 1; at++) {
    const [added, deleted, path] = fields[at]!.split('\t') as [string, string, string];
    // A rename has an empty path here and both names in the next two fields.
    if (path === '') at += 2;
    counts.push({ additions: Number(added) || 0, deletions: Number(deleted) || 0 });
  }
  return counts;
}

/** One text for each entry. A change of type is written as a deletion and a creation, which is no patch of one file. */
function splitPatches(text: string, entries: readonly RawEntry[]): (string | null)[] {
  const parts = text.split(/^(?=diff --git )/m);
  let at = 0;
  return entries.map(({ status }) => {
    const part = parts[at++];
    if (status === 'changed') {
      at++;
      return null;
    }
    const hunks = part?.search(/^@@ /m) ?? -1;
    return hunks < 0 ? null : part!.slice(hunks).replace(/\n$/, '');
  });
}
