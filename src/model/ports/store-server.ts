import type { AuditEntry, AuditHead, NewAuditEntry } from '../audit-entry.ts';
import type { Intent, Outcome } from '../intent.ts';

/** A condition of an audit search; all of a search's conditions must hold (spec/github.md 5.3). */
export type AuditCondition =
  | {
      readonly field: 'action' | 'actor' | 'user' | 'repository' | 'organization' | 'operation' | 'address';
      readonly value: string;
      readonly not: boolean;
    }
  /** Milliseconds since 1970, both inclusive; null: open. */
  | { readonly field: 'created'; readonly from: number | null; readonly to: number | null }
  | { readonly field: 'bypass'; readonly value: boolean }
  | { readonly field: 'text'; readonly value: string };

export interface AuditSearch {
  readonly conditions: readonly AuditCondition[];
  readonly category: 'web' | 'git' | 'all';
  readonly organizationId: number | null;
  readonly order: 'asc' | 'desc';
  /** Entries beyond this number in the direction of the order. */
  readonly after: number | null;
  readonly before: number | null;
  readonly limit: number;
}

/** An entry as it stands in the table, for whoever proves the chain. */
export interface StoredAuditEntry {
  readonly number: number;
  readonly body: string;
  readonly previousHash: string;
  readonly hash: string;
  /** What the search columns say; they must agree with the body. */
  readonly columns: Readonly<Record<string, string | number | null>>;
}

export interface AuditLog {
  /** Adds entries to the chain, in their order, and signs the new head. The number of the first; the others follow it. */
  append(...entries: readonly [NewAuditEntry, ...NewAuditEntry[]]): Promise<number>;
  /** The number of the next entry of a transaction. Asked beside other things it costs nothing, because `append` need not ask any more. */
  nextNumber(): Promise<number>;
  readHead(): Promise<AuditHead | null>;
  listEntries(search: AuditSearch): Promise<AuditEntry[]>;
  /** Numbers above `after`, ascending. */
  listStored(after: number, limit: number): Promise<StoredAuditEntry[]>;
}

export interface Intents {
  /** Opens one; the answer carries its id. */
  open(intent: Omit<Intent, 'id' | 'createdAt'>): Promise<Intent>;
  /** False: it was settled before, and stays as it is. */
  settle(id: number, outcome: Outcome): Promise<boolean>;
  listOpen(of: { readonly repositoryId?: number; readonly nodeId?: string }): Promise<Intent[]>;
  /** The id of a repository's newest intent; 0: it has none. */
  readLast(repositoryId: number): Promise<number>;
  /** How many open intents were announced before an audit number, in one repository or (null) anywhere. */
  countOpenBefore(auditNumber: number, repositoryIds: readonly number[] | null): Promise<number>;
}

interface SealedKey {
  readonly publicKey: string;
  /** AES-256-GCM under the master key. */
  readonly sealedPrivateKey: string;
}

export interface ServerKeys {
  findKey(name: string): Promise<SealedKey | null>;
  insertKey(name: string, key: SealedKey): Promise<void>;
}

export interface Settings {
  readSetting(name: string): Promise<string | null>;
  writeSetting(name: string, value: string): Promise<void>;
}

/** The server processes that share a store. */
export interface Nodes {
  beat(nodeId: string, at: number): Promise<void>;
  /** Those whose last beat is older. */
  listSilentSince(at: number): Promise<string[]>;
  /** The others. Of a node that is in neither list nobody has heard since it was removed. */
  listAliveSince(at: number): Promise<string[]>;
  remove(nodeId: string): Promise<void>;
}
