import type { ObjectId } from '#model/ref-update.ts';

type FileStatus = 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed';

/** One file of a diff, as `--raw` tells it. */
export interface RawEntry {
  readonly status: FileStatus;
  readonly path: string;
  /** Where a rename or copy came from. */
  readonly previousPath: string | null;
  readonly oldMode: string;
  readonly newMode: string;
  readonly oldBlob: ObjectId;
  readonly newBlob: ObjectId;
}

const statuses: Readonly<Record<string, FileStatus>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'changed',
};

/** The answer to `-z --raw --no-abbrev`; of one that was cut off, as many as are whole. */
export function parseRaw(text: string): RawEntry[] {
  const fields = text.split('\0').slice(0, -1);
  const entries: RawEntry[] = [];
  for (let at = 0; at < fields.length; ) {
    const [oldMode, newMode, oldBlob, newBlob, letter] = fields[at++]!.slice(1).split(' ') as [string, string, string, string, string];
    const status = statuses[letter[0]!] ?? 'changed';
    const isMove = status === 'renamed' || status === 'copied';
    const first = fields[at++];
    const path = isMove ? fields[at++] : first;
    if (first === undefined || path === undefined) break;
    entries.push({ status, path, previousPath: isMove ? first : null, oldMode, newMode, oldBlob, newBlob });
  }
  return entries;
}
