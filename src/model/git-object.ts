import { createHash } from 'node:crypto';
import type { ObjectFormat, ObjectId } from './ref-update.ts';

/** An object to be written, with the id it will have. */
export interface NewObject {
  readonly id: ObjectId;
  readonly type: 'commit' | 'tree' | 'blob' | 'tag';
  readonly data: Buffer;
}

/** Computes the id as git does. Whether the store agrees is git's business: it checks for colliding content when it takes the object in. */
export function newObject(type: NewObject['type'], data: Buffer, format: ObjectFormat): NewObject {
  const id = createHash(format).update(`${type} ${data.length}\0`).update(data).digest('hex');
  return { id, type, data };
}
