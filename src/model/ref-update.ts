/** The name of any git object: 40 hexadecimal digits (SHA-1) or 64 (SHA-256), lower case. */
export type ObjectId = string;

export type ObjectFormat = 'sha1' | 'sha256';

/** One ref changing. A `null` id says that the ref is absent on that side. */
export interface RefUpdate {
  readonly refName: string;
  readonly oldId: ObjectId | null;
  readonly newId: ObjectId | null;
}

export type Change = 'create' | 'update' | 'delete' | 'nothing';

/** What happens to the ref, as far as its two ids tell. */
export function changeOf(update: RefUpdate): Change {
  if (update.oldId === null) return update.newId === null ? 'nothing' : 'create';
  return update.newId === null ? 'delete' : 'update';
}

const idLengths: Record<ObjectFormat, number> = { sha1: 40, sha256: 64 };

export function isObjectId(text: string, format: ObjectFormat): boolean {
  return text.length === idLengths[format] && /^[0-9a-f]+$/.test(text);
}

/** The id that git's wire formats write for "absent". */
export function zeroId(format: ObjectFormat): ObjectId {
  return '0'.repeat(idLengths[format]);
}

export function isZeroId(text: string): boolean {
  return /^0+$/.test(text);
}

/** For wire formats: the id, or zeros where there is none. */
export function idOrZero(id: ObjectId | null, format: ObjectFormat): ObjectId {
  return id ?? zeroId(format);
}
