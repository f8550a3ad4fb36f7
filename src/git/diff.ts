import type { ObjectId } from '#model/ref-update.ts';
import { readBeginning } from './bounded-output.ts';
import { type DiffEnds, diffTree } from './diff-ends.ts';
import type { Git } from './git.ts';
import { hunksOf, splitSections } from './patch-sections.ts';
import { parseRaw, type RawEntry } from './raw-diff.ts';

export interface ChangedFile extends Pick<RawEntry, 'path' | 'previousPath' | 'status'> {
  /** Of a file that was removed: the one it had. */
  readonly blob: ObjectId;
  /** Lines; both 0 for binary files. */
  readonly additions: number;
  readonly deletions: number;
  /** Unified diff without its header; null for binary files, where only the mode changed, and where it is too large. */
  readonly patch: string | null;
}

/** Of one file, and of as many as are shown together. GitHub leaves larger ones out, too. */
const maximumPatchBytes = 512 * 1024;
const maximumShownBytes = 4 * 1024 * 1024;
/** Where git is not listened to any longer. */
const maximumReadBytes = 8 * 1024 * 1024;

/** Tens of thousands of files; nobody is shown more. */
const maximumListBytes = 8 * 1024 * 1024;

/** What differs, file by file, in the order of paths. */
export async function readDiff(git: Git, repository: string, ends: DiffEnds): Promise<ChangedFile[]> {
  const [raw, numbers, patches] = await Promise.all([
    readBeginning(git, repository, diffTree(['-z', '--raw', '--no-abbrev'], ends), { maximumBytes: maximumListBytes }),
    readBeginning(git, repository, diffTree(['-z', '--numstat'], ends), { maximumBytes: maximumListBytes }),
    readBeginning(git, repository, diffTree(['--patch'], ends), { maximumBytes: maximumReadBytes }),
  ]);
  const entries = parseRaw(raw.bytes.toString('utf8'));
  const counts = parseNumstat(numbers.bytes.toString('utf8'));
  const texts = patchesOf(splitSections(patches.bytes, patches.whole), entries);
  return entries.map(({ path, previousPath, status, oldBlob, newBlob }, index) => ({
    ...{ path, previousPath, status, blob: status === 'removed' ? oldBlob : newBlob },
    ...(counts[index] ?? { additions: 0, deletions: 0 }),
    patch: texts[index] ?? null,
  }));
}

export interface DiffTotals {
  readonly files: number;
  readonly additions: number;
  readonly deletions: number;
}

/** How much differs, without a list of what. */
export async function readDiffTotals(git: Git, repository: string, ends: DiffEnds): Promise<DiffTotals> {
  const text = (await git.must(repository, diffTree(['--shortstat'], ends))).toString('latin1');
  const count = (of: RegExp): number => Number(of.exec(text)?.[1] ?? 0);
  return { files: count(/(\d+) files? changed/), additions: count(/(\d+) insertion/), deletions: count(/(\d+) deletion/) };
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
function patchesOf(sections: readonly Buffer[], entries: readonly RawEntry[]): (string | null)[] {
  let at = 0;
  let shown = 0;
  return entries.map(({ status }) => {
    const section = sections[at++];
    if (status === 'changed') {
      at++;
      return null;
    }
    const hunks = section === undefined ? null : hunksOf(section);
    if (hunks === null || hunks.length > maximumPatchBytes || shown + hunks.length > maximumShownBytes) return null;
    shown += hunks.length;
    return hunks.toString('utf8').replace(/\n$/, '');
  });
}
