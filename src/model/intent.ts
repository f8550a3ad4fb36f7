import type { RefUpdate } from './ref-update.ts';
import type { Effect } from './verdict.ts';

/** A ref update that was let through; `usesToken`: it takes one of the reserved uses if the ref moves. */
export interface IntendedUpdate extends RefUpdate {
  readonly usesToken: boolean;
}

/** What a push is about to do to refs, durable before the first of them moves (decision 5). */
export interface Intent {
  readonly id: number;
  readonly pushId: string;
  readonly repositoryId: number;
  /** The server process that will carry it out. */
  readonly nodeId: string;
  readonly updates: readonly IntendedUpdate[];
  readonly effects: readonly Effect[];
  /** The token whose uses are reserved, and how many. */
  readonly reserved: { readonly tokenId: number; readonly uses: number } | null;
  /** The audit entry that announced it. */
  readonly auditNumber: number;
  readonly createdAt: number;
}

/** How an intent ended: per ref, whether it moved. */
export type Outcome = 'committed' | 'partly committed' | 'aborted' | 'failed';
