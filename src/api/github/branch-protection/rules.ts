import type { Grant, Protection } from '#model/protection.ts';
import { findRule } from '#operations/protections/draft.ts';

/** The parameters of our rules that GitHub's fields are made of (the table of spec/model.md section 2). */
export interface PullRequestParameters {
  readonly approvals: number;
  readonly dismissStale: boolean;
  readonly codeOwners: boolean;
  readonly lastPush: boolean;
  readonly dismissal: { readonly mode: 'writers' } | { readonly mode: 'listed'; readonly actors: readonly Grant[] };
  readonly passes: readonly Grant[];
}

export interface StatusCheckParameters {
  readonly strict: boolean;
  readonly checks: readonly { readonly context: string; readonly app: number | null }[];
}

export interface RestrictionParameters {
  readonly grants: readonly Grant[];
  readonly coversCreation: boolean;
}

/** A protection's rules by what they mean; null: the rule is not there. */
export function readRules(protection: Pick<Protection, 'rules'>) {
  return {
    pullRequest: findRule<PullRequestParameters>(protection, 'pull_request'),
    statusChecks: findRule<StatusCheckParameters>(protection, 'required_status_checks'),
    restriction: findRule<RestrictionParameters>(protection, 'actor_restriction'),
    forcePushes: findRule<{ allowed?: boolean }>(protection, 'non_fast_forward')?.allowed === true,
    deletions: findRule<{ allowed?: string }>(protection, 'deletion')?.allowed === 'pushers',
    linearHistory: findRule(protection, 'required_linear_history') !== null,
    signatures: findRule(protection, 'required_signatures') !== null,
    conversations: findRule(protection, 'conversation_resolution') !== null,
    lock: findRule<{ forkSync: boolean }>(protection, 'lock'),
  };
}
