import type { Operation } from './bypass-bounds.ts';
import type { BypassMode, Origin } from './protection.ts';
import type { ObjectId } from './ref-update.ts';

/** What a violation breaks: a protection, a ruleset, or the repository's own nature (archived, its default branch). */
export type Source =
  | { readonly kind: 'protection'; readonly id: number; readonly version: number; readonly origin: Origin; readonly pattern: string }
  | { readonly kind: 'ruleset'; readonly id: number; readonly version: number; readonly name: string }
  | { readonly kind: 'repository' };

/** Where in the push: a commit, a path, a blob. */
export interface Place {
  readonly commit?: ObjectId;
  readonly path?: string;
  readonly blob?: ObjectId;
}

/** One rule, one reason. Words are chosen later, where the origin is known. */
export interface Violation {
  /** One, or several where protections of one origin were united into one effective rule. */
  readonly sources: readonly [Source, ...Source[]];
  readonly type: string;
  readonly code: string;
  readonly values: Readonly<Record<string, string | number>>;
  readonly places: readonly Place[];
  /** What an approval binds to. */
  readonly fingerprint: string;
  /** `push`: one such violation refuses every ref of the push. */
  readonly refuses: 'ref' | 'push';
  readonly waivable: boolean;
  /** Found by a ruleset in `evaluate`: recorded, refuses nothing. */
  readonly observedOnly: boolean;
}

/** What excuses a standing violation. Always recorded. */
export type Waiver =
  | { readonly kind: 'admin' }
  | { readonly kind: 'allow_list' }
  | { readonly kind: 'deploy_key' }
  | { readonly kind: 'ruleset_actor'; readonly mode: Exclude<BypassMode, 'exempt'> }
  | { readonly kind: 'elevated_token' };

/** A bound or condition of an elevated token that an update did not meet. */
export type Shortfall =
  | 'via'
  | 'sudo'
  | 'expired'
  | 'repository'
  | 'ref'
  | 'operation'
  | 'rule_type'
  | 'paths'
  | 'uses'
  | 'not_accepted'
  | 'reason_demanded'
  | 'granter';

export interface JudgedViolation extends Violation {
  readonly waivedBy: Waiver | null;
  /** Every reason why the elevated token of this request did not waive it; empty when there is none or it was not needed. */
  readonly tokenFellShort: readonly Shortfall[];
}

export interface RefVerdict {
  readonly result: 'pass' | 'fail' | 'bypass';
  /** Null when no rule applied, so that nobody had to find out. */
  readonly operation: Operation | null;
  /** Grants that made a rule true, in words for the record. */
  readonly letInBy: readonly string[];
  /** Rulesets that were not judged because the actor is exempt from them. */
  readonly exemptRulesets: readonly number[];
  readonly violations: readonly JudgedViolation[];
}

export interface Verdict {
  readonly refs: readonly RefVerdict[];
  /** A violation that refuses the push stands somewhere: no ref of it moves. */
  readonly wholePushRefused: boolean;
  readonly effects: readonly Effect[];
}

/** What a push changes beside its refs, written in the transaction that records its intent. */
export type Effect =
  | { readonly kind: 'spend-uses'; readonly count: number }
  | { readonly kind: 'set-default-branch'; readonly refName: string }
  /** Short names. The default branch, an exact GitHub protection and old links follow the branch. */
  | { readonly kind: 'rename-branch'; readonly from: string; readonly to: string };
