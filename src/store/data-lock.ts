import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Somebody else has the data folder open. */
export class DataLocked extends Error {
  constructor(folder: string) {
    super(`another Sallyport has ${folder} open`);
    this.name = 'DataLocked';
  }
}

export interface DataLock {
  release(): void;
}

/**
 * Takes the data folder for this process. The lock is one of the operating system's on an open file, so it goes with the process however that ends.
 */
export function lockData(folder: string): DataLock {
  const database = new DatabaseSync(join(folder, 'lock.db'), { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === 5) throw new DataLocked(folder);
    throw error;
  }
  return { release: () => database.close() };
}
