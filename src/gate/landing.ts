import type { Quarantine } from '#git/quarantine.ts';
import type { Account } from '#model/account.ts';
import type { Means } from '#model/actor.ts';
import type { AuthenticatedCaller } from '#model/caller.ts';
import type { Transaction } from '#model/ports/store.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import type { Effect } from '#model/verdict.ts';
import type { RecordedUpdate } from './audit-entries.ts';
import type { EarlyReading } from './early-reading.ts';

/** Ref updates on their way in, with their objects in quarantine. */
export interface Landing {
  readonly caller: AuthenticatedCaller;
  readonly repository: Repository;
  readonly owner: Account;
  readonly means: Means;
  readonly pushId: string;
  readonly bypassReason: string | null;
  /** All refs move or none does. */
  readonly atomic: boolean;
  /** Judge and record, and keep nothing. */
  readonly dryRun: boolean;
  readonly updates: readonly RefUpdate[];
  /** Refs of the same push that were refused before it came to judging; for the record. */
  readonly refusedBefore?: readonly RecordedUpdate[];
  readonly quarantine: Quarantine;
  /** What was read a moment ago, if it was. */
  readonly reading?: EarlyReading;
  /** What the write needs beside the rules, read in the deciding transaction; throws. */
  readonly authorize?: (tx: Transaction) => Promise<void>;
  /** What follows from the write beside what the verdict says. */
  readonly effects?: readonly Effect[];
}

/** What became of one update. */
export interface Landed extends RecordedUpdate {
  /** The entry that records the bypass; null: there was none. */
  readonly auditNumber: number | null;
}

/** Said of refs that would have moved, had not another ref of the same push been refused. */
export const REFUSED_WITH_OTHERS = 'refused because another ref of this push was refused';
export const REFUSED_BY_RULES = 'refused by rules';

/** Of a ref that did not move there is no bypass to show. */
export function withoutReceipt(fate: RecordedUpdate): Landed {
  return { ...fate, auditNumber: null };
}
