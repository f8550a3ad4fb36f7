import type { BypassBounds } from './bypass-bounds.ts';
import type { ObjectId } from './ref-update.ts';
import type { Rung } from './rung.ts';

/**
 * A fact that somebody asked for: known, or not to be found out and why. A rule refuses on the second: "could not
 * find out" is never "no violation" (decision 4).
 */
export type Fact<T> = { readonly known: T } | { readonly unknown: string };

export interface CommitFact {
  readonly id: ObjectId;
  readonly parents: readonly ObjectId[];
}

/** One path that one commit adds, changes or removes, compared with one of its parents. Both sides of a rename count. */
export interface PathFact {
  readonly commit: ObjectId;
  readonly path: string;
}

export type SignatureFact =
  | { readonly commit: ObjectId; readonly verified: true; readonly key: SigningKeyRef }
  | { readonly commit: ObjectId; readonly verified: false; readonly reason: string };

/** The key that verified a signature: the server's own, or a user's by its id in the store. */
export type SigningKeyRef = { readonly kind: 'server' } | { readonly kind: 'gpg' | 'ssh'; readonly id: number };

/** What was learned about one ref update. A field that is absent was not asked for. */
export interface RefFacts {
  /** Whether the old id is an ancestor of the new one. From the two ids alone. */
  readonly fastForward?: Fact<boolean>;
  /**
   * The commits the update adds: `old..new`; for a new ref, those that no protected branch and not the default branch
   * reaches. The second kind depends on other refs and is compared again under the lock.
   */
  readonly commits?: Fact<readonly CommitFact[]>;
  /** Of the same commits, every path each of them touches. */
  readonly paths?: Fact<readonly PathFact[]>;
  /** Of the same commits, whether each is signed by a key we know. */
  readonly signatures?: Fact<readonly SignatureFact[]>;
  /** Whether a branch that existed before this push, and is protected, contains the new tip. Depends on other refs and on rules. */
  readonly inProtectedBranch?: Fact<boolean>;
}

export type FactKind = keyof RefFacts;

export type CheckState = 'expected' | 'pending' | 'queued' | 'in_progress' | 'failing' | 'passing';

/** The newest result that one source reported under one name for one commit. */
export interface CheckResult {
  readonly context: string;
  /** The app that reported it; null for a person. */
  readonly app: number | null;
  readonly kind: 'status' | 'check-run';
  /** Grows with time: of two results, the one with the higher order is newer. */
  readonly order: number;
  readonly state: Exclude<CheckState, 'expected'>;
}

/** The rights of whoever granted an elevated token, read at the same moment as everything else. */
export interface GranterStanding {
  readonly active: boolean;
  readonly siteAdmin: boolean;
  readonly rung: Rung;
  readonly organizationOwner: boolean;
  readonly userId: number | null;
  readonly directTeams: readonly number[];
}

/** What the database alone can say. Read again, whole, in the transaction that decides. */
export interface Standing {
  readonly actor: {
    /** Null when the credential and its owner are good; else why not. */
    readonly dead: string | null;
    readonly rung: Rung;
    readonly siteAdmin: boolean;
    readonly organizationOwner: boolean;
    /** Teams the actor is a member of itself. */
    readonly directTeams: readonly number[];
    /** The same and all their ancestors: who is in a child team is in its parents. */
    readonly teams: readonly number[];
    /** A deploy key's own switch; true for everyone else. */
    readonly keyMayWrite: boolean;
  };
  /** The bounds of the credential when it is an elevated token, and what its granter may do now. */
  readonly elevated: { readonly bounds: BypassBounds; readonly granter: GranterStanding } | null;
  /** Given by the pusher with this push, if any. */
  readonly bypassReason: string | null;
  readonly repository: {
    readonly id: number;
    readonly archived: boolean;
    /** Full ref name. */
    readonly defaultBranch: string;
    readonly isEmpty: boolean;
  };
  /** Check results by commit, for every new tip of the push. */
  readonly checks: ReadonlyMap<ObjectId, readonly CheckResult[]>;
  /** Keys of `signatures` facts that are still registered. */
  readonly liveKeys: ReadonlySet<string>;
}

/** How a signing key is named in `Standing.liveKeys`. */
export function keyName(key: SigningKeyRef): string {
  return key.kind === 'server' ? 'server' : `${key.kind}:${key.id}`;
}

export interface Facts {
  /** In the order of the push's updates. */
  readonly refs: readonly RefFacts[];
  readonly standing: Standing;
}
