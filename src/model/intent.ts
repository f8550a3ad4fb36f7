import type { RefUpdate } from './ref-update.ts';
import type { Effect } from './verdict.ts';

/** What a push is about to do to refs, durable before the first of them moves (decision 5). */
export interface Intent {
  readonly id: number;
  readonly pushId: string;
  readonly repositoryId: number;
  /** The server process that will carry it out. */
  readonly nodeId: string;
  readonly updates: readonly RefUpdate[];
  readonly effects: readonly Effect[];
  /** The token whose uses are reserved, and how many. */
  readonly reserved: { readonly tokenId: number; readonly uses: number } | null;
  /** The audit entry that announced it. */
  readonly auditNumber: number;
  readonly createdAt: number;
}

/** How an intent ended: per ref, whether it moved. */
export type Outcome = 'committed' | 'partly committed' | 'aborted' | 'failed';
