import { type NewObject, newObject } from './git-object.ts';
import type { ObjectFormat, ObjectId } from './ref-update.ts';

export type TreeMode = '100644' | '100755' | '040000' | '160000' | '120000';

export interface TreeEntry {
  readonly mode: TreeMode;
  readonly name: string;
  readonly id: ObjectId;
  /** The name's bytes where they are no UTF-8; `name` then only shows it. */
  readonly rawName?: Buffer;
}

/** The entries of a raw tree. What is written back keeps every name, byte for byte. */
export function parseTree(data: Buffer, format: ObjectFormat): TreeEntry[] {
  const entries: TreeEntry[] = [];
  const idBytes = format === 'sha1' ? 20 : 32;
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const end = data.indexOf(0, space);
    if (space < 0 || end < 0 || end + 1 + idBytes > data.length) throw new Error('the tree is damaged');
    const mode = data.toString('latin1', at, space).padStart(6, '0') as TreeMode;
    const bytes = data.subarray(space + 1, end);
    const name = bytes.toString('utf8');
    const isText = !name.includes('\ufffd') || Buffer.from(name).equals(bytes);
    entries.push({ mode, name, id: data.toString('hex', end + 1, end + 1 + idBytes), ...(!isText && { rawName: Buffer.from(bytes) }) });
    at = end + 1 + idBytes;
  }
  return entries;
}

/** A tree with these entries, in git's order: by name, folders as if they ended in a slash. */
export function encodeTree(entries: readonly TreeEntry[], format: ObjectFormat): NewObject {
  const bytesOf = (entry: TreeEntry): Buffer => entry.rawName ?? Buffer.from(entry.name);
  const sortKey = (entry: TreeEntry): Buffer =>
    entry.mode === '040000' ? Buffer.concat([bytesOf(entry), Buffer.from('/')]) : bytesOf(entry);
  const sorted = entries.map((entry) => ({ entry, key: sortKey(entry) })).sort((a, b) => Buffer.compare(a.key, b.key));
  const parts = sorted.flatMap(({ entry }) => [
    Buffer.from(`${entry.mode.replace(/^0/, '')} `),
    bytesOf(entry),
    Buffer.from('\0'),
    Buffer.from(entry.id, 'hex'),
  ]);
  return newObject('tree', Buffer.concat(parts), format);
}

/** Whether a name may stand in a tree; git's own check of `.git` look-alikes comes when the object is taken in. */
export function isTreeName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && name.toLowerCase() !== '.git' && !name.includes('/') && !name.includes('\0');
}
