import type { Kysely } from 'kysely';
import type { Engine as EngineColumns } from './migrations/columns.ts';
import type { Schema } from './schema.ts';

/** One of the two databases behind a store. */
export interface Engine {
  readonly columns: EngineColumns;
  /** For statements outside a transaction. Where the database cannot be used, they and those inside throw `StoreUnavailable`. */
  readonly db: Kysely<Schema>;
  /**
   * Runs `work` holding the audit-chain lock, taken before anything is read, and answers when the commit is durable.
   * `now` is the database machine's clock, read after the lock was granted.
   */
  transaction<T>(work: (db: Kysely<Schema>, now: number) => Promise<T>): Promise<T>;
  readonly isShared: boolean;
  withRepositoryLock<T>(repositoryId: number, work: (isHeld: () => Promise<boolean>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
