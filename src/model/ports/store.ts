import type { Accounts, Organizations, Teams } from './store-accounts.ts';
import type { Apps, SigningKeys, Tokens } from './store-credentials.ts';
import type { Deliveries, Hooks, Outbox } from './store-hooks.ts';
import type { PullRequests, ReviewComments, Reviews } from './store-pull-requests.ts';
import type { BranchRenames, Checks, Repositories, Rules, Standings } from './store-repositories.ts';
import type { AuditLog, Intents, Nodes, ServerKeys, Settings } from './store-server.ts';

/** Everything that is kept, by subject. Outside a transaction it shows what is committed; reading never waits for a writer. */
export interface Subjects {
  readonly accounts: Accounts;
  readonly organizations: Organizations;
  readonly teams: Teams;
  readonly repositories: Repositories;
  readonly standings: Standings;
  readonly rules: Rules;
  readonly checks: Checks;
  readonly branchRenames: BranchRenames;
  readonly pulls: PullRequests;
  readonly reviews: Reviews;
  readonly reviewComments: ReviewComments;
  readonly tokens: Tokens;
  readonly apps: Apps;
  readonly signingKeys: SigningKeys;
  readonly audit: AuditLog;
  readonly intents: Intents;
  readonly hooks: Hooks;
  readonly outbox: Outbox;
  readonly deliveries: Deliveries;
  readonly serverKeys: ServerKeys;
  readonly settings: Settings;
  readonly nodes: Nodes;
}

/** The methods that change nothing: names that begin with one of these verbs. */
type Reading<T> = { readonly [K in keyof T as K extends `${'find' | 'list' | 'count' | 'has' | 'read'}${string}` ? K : never]: T[K] };

export type Reads = { readonly [K in keyof Subjects]: Reading<Subjects[K]> };

/** A writing transaction. It holds the audit-chain lock from its first statement, so nothing it reads can change before it commits. */
export type Transaction = Subjects & {
  /** Milliseconds since 1970, read from the database's machine after the lock was granted. */
  readonly now: number;
};

/** The database cannot be reached, or takes no writes now: nobody's mistake, and it may pass. */
export class StoreUnavailable extends Error {
  constructor(cause: unknown) {
    super('the database cannot be used at the moment, please try again', { cause });
    this.name = 'StoreUnavailable';
  }
}

export interface Store {
  readonly read: Reads;
  /**
   * Runs `work` in a transaction and answers when it is durable. What `work` throws rolls everything back and is thrown
   * on; what keeps the database from doing it, as `StoreUnavailable`. No git, network or file access inside: everybody else who wants to write is waiting.
   */
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** True when several server processes may share this store, so that locks must be taken there and not only in memory. */
  readonly isShared: boolean;
  /**
   * Holds a lock on a repository among all server processes while `work` runs. `isHeld` asks whether the lock is still
   * ours; a process that lost its connection must touch nothing.
   */
  withRepositoryLock<T>(repositoryId: number, work: (isHeld: () => Promise<boolean>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
