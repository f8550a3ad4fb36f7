/** One row of a list that makes a rule true for an actor. Level 60 is site admin and nothing else. */
export type Grant =
  | { readonly kind: 'role'; readonly level: 0 | 30 | 40 | 60 }
  | { readonly kind: 'user' | 'app' | 'deploy-key'; readonly id: number }
  | { readonly kind: 'team'; readonly id: number; readonly childTeams: boolean };

/** A rule as stored: a type from `policy/rules/` and its parameters, checked against that type's schema when written. */
export interface Rule {
  readonly type: string;
  readonly parameters: unknown;
}

/** Which product's terms a protection speaks; it fixes the pattern's grammar (decision 11). */
export type Origin = 'github' | 'gitlab';

export type RuleOwner = { readonly repository: number } | { readonly organization: number };

/** One pattern's rules. At most one exists for each owner, origin and pattern. */
export interface Protection {
  readonly id: number;
  /** Grows by one with every change, so that a record can name the rules it was judged by. */
  readonly version: number;
  readonly owner: RuleOwner;
  readonly origin: Origin;
  readonly pattern: string;
  readonly rules: readonly Rule[];
  /** Whether repository admins are bound too. Always true for GitLab origin. */
  readonly enforceAdmins: boolean;
  /** Who may edit; empty: everybody with rung 40. Always empty for GitHub origin. */
  readonly manage: readonly Grant[];
  readonly native: { readonly demandsReason: boolean; readonly acceptsElevated: boolean };
}

export interface BypassActor {
  readonly type: 'organization-admin' | 'role' | 'team' | 'app' | 'deploy-key';
  /** Team id, app id or rung; null where the type needs none. */
  readonly id: number | null;
}

export type BypassMode = 'always' | 'pull_request' | 'exempt';

export interface Ruleset {
  readonly id: number;
  readonly version: number;
  readonly owner: RuleOwner;
  readonly name: string;
  readonly target: 'branch' | 'tag' | 'push';
  readonly enforcement: 'active' | 'evaluate' | 'disabled';
  /** fnmatch patterns over full ref names, and `~ALL`, `~DEFAULT_BRANCH`. Exclusion wins. */
  readonly conditions: { readonly include: readonly string[]; readonly exclude: readonly string[] };
  readonly rules: readonly Rule[];
  readonly bypass: readonly { readonly actor: BypassActor; readonly mode: BypassMode }[];
}
