import type { GitObject } from '#git/batch-objects.ts';
import type { Git } from '#git/git.ts';
import type { Ingest } from '#git/ingest.ts';
import type { Repositories } from '#git/repositories.ts';
import type { SignatureFact } from '#model/facts.ts';
import type { Store } from '#model/ports/store.ts';
import type { RepositoryLocks } from './repository-locks.ts';
import type { Settlement } from './settle.ts';
import type { Slots } from './slots.ts';
import type { Words } from './words.ts';

/** What happens inside the gate, for logs and metrics. Never with a secret. */
export interface GateLog {
  info(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

export interface GateLimits {
  /** Bytes of a pack. */
  readonly maximumPushBytes: number;
  /** Bytes of all that comes before the pack. */
  readonly maximumHeadBytes: number;
  readonly maximumUpdates: number;
}

/** The parts the gate works with, handed over once at start. */
export interface Gate {
  readonly store: Store;
  readonly git: Git;
  readonly repositories: Repositories;
  readonly ingest: Ingest;
  readonly locks: RepositoryLocks;
  /** Turns for work that starts processes. */
  readonly slots: Slots;
  readonly words: Words;
  /** Checks the signatures of commits, given as raw objects, with the keys that are registered now. */
  readonly verifySignatures: (commits: readonly GitObject[]) => Promise<readonly SignatureFact[]>;
  readonly limits: GateLimits;
  /** Outcomes that the store did not take yet. */
  readonly unsettled: Settlement[];
  /** Milliseconds after which a server process that gives no sign is taken for gone. */
  readonly silence: number;
  /** This server process among those that share the store. */
  readonly nodeId: string;
  readonly log: GateLog;
  /** Called at named steps of a push. Does nothing in service; fault tests stop the world here. */
  readonly atStep: (step: PushStep, pushId: string) => Promise<void>;
}

export type PushStep =
  | 'head read'
  | 'ingested'
  | 'judged early'
  | 'locked'
  | 'intent recorded'
  | 'objects migrated'
  | 'refs moved'
  | 'outcome recorded';
