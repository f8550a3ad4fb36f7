import type { ObjectId } from './ref-update.ts';
import type { Rung } from './rung.ts';

/** What somebody said about a pull request. `dismissed` was an approval or a demand for changes until somebody, or a change of the diff, ended it. */
export interface Review {
  readonly id: number;
  /** Milliseconds since 1970; a review that was begun before others may be said after them. */
  readonly saidAt: number;
  readonly reviewer: number;
  readonly state: 'approved' | 'changes_requested' | 'commented' | 'dismissed';
  /** The commit that was looked at. */
  readonly head: ObjectId;
  /** The site admin who wrote it in the reviewer's name; such a review is nobody's. */
  readonly sudoBy: number | null;
}

/** An account with the people behind it: a person is behind itself, a robot has those who answer for it. */
export interface Participant {
  /** An account, also for an app (its bot) and a deploy key (who made it): ids of other kinds may be the same number. */
  readonly id: number;
  readonly people: readonly number[];
}

export interface Reviewer extends Participant {
  /** What the account may do now, not when it reviewed; 0 for one that is suspended. */
  readonly rung: Rung;
}

/** Some owners of changed paths, so many of whom have to approve. */
export interface OwnerDemand {
  /** The line of the CODEOWNERS file. */
  readonly line: number;
  /** Owners as the file names them, for the words of a refusal. */
  readonly owners: readonly string[];
  /** The accounts that these are. */
  readonly accounts: readonly number[];
  readonly approvals: number;
}

export type UnmetReview =
  | { readonly kind: 'approvals'; readonly needed: number; readonly given: number }
  | { readonly kind: 'changes-requested'; readonly by: readonly number[] }
  | { readonly kind: 'code-owners'; readonly demands: readonly OwnerDemand[] }
  /** Null: nobody knows who pushed last. */
  | { readonly kind: 'last-push'; readonly pusher: number | null };
