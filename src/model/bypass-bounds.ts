/** What one ref update does, derived from facts and never claimed (decision 7). */
export type Operation = 'update' | 'force-push' | 'create' | 'delete' | 'merge';

export const operations: readonly Operation[] = ['update', 'force-push', 'create', 'delete', 'merge'];

/** The limits of an elevated token, fixed when it is minted (decision 7). A bypass passes nothing outside any one of them. */
export interface BypassBounds {
  readonly repositories: readonly number[] | 'all';
  /** fnmatch patterns over full ref names. */
  readonly refs: readonly string[];
  readonly operations: readonly Operation[];
  readonly ruleTypes: readonly string[];
  /** fnmatch patterns that every path of every commit must match; null: no bound. */
  readonly paths: readonly string[] | null;
  readonly uses: { readonly max: number; readonly reserved: number; readonly spent: number } | null;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly grantedBy: number | 'operator';
}

export const defaultOperations: readonly Operation[] = ['update', 'merge'];

/** Types that an elevated token passes unless its minter says otherwise (spec/model.md section 4; decision 7 keeps merge queues out). */
export const defaultRuleTypes: readonly string[] = [
  'pull_request',
  'required_status_checks',
  'actor_restriction',
  'required_linear_history',
  'required_signatures',
  'conversation_resolution',
  'push_access',
  'merge_access',
  'code_owner_review',
  'update',
];

/** Rule types that naming an operation waives along with it. */
export const ruleTypesOfOperation: Record<Operation, readonly string[]> = {
  update: [],
  merge: [],
  'force-push': ['non_fast_forward'],
  create: ['creation', 'actor_restriction'],
  delete: ['deletion'],
};
