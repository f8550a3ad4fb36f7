import type { Grant, Origin, Protection, Rule, Ruleset } from '#model/protection.ts';

export const role = (level: 0 | 30 | 40 | 60): Grant => ({ kind: 'role', level });
export const user = (id: number): Grant => ({ kind: 'user', id });
export const appRow = (id: number): Grant => ({ kind: 'app', id });
export const keyRow = (id: number): Grant => ({ kind: 'deploy-key', id });
export const team = (id: number, childTeams: boolean): Grant => ({ kind: 'team', id, childTeams });

/** A rule that any change of a branch breaks, through no fault of the commits. */
export const pullRequestRule: Rule = {
  type: 'pull_request',
  parameters: {
    approvals: 1,
    dismissStale: false,
    codeOwners: false,
    lastPush: false,
    dismissal: { mode: 'writers' },
    passes: [],
  },
};

export const passing = (...passes: readonly Grant[]): Rule => ({
  type: 'pull_request',
  parameters: { ...(pullRequestRule.parameters as object), passes },
});

export const restrictedTo = (grants: readonly Grant[], coversCreation = false): Rule => ({
  type: 'actor_restriction',
  parameters: { grants, coversCreation },
});

export const linear: Rule = { type: 'required_linear_history', parameters: {} };
export const signed: Rule = { type: 'required_signatures', parameters: {} };
export const locked: Rule = { type: 'lock', parameters: { forkSync: false } };

type Changes = Partial<Protection>;

/** As GitHub's API makes one, with these rules: force pushes and deletion blocked, admins bound, elevated tokens accepted. */
export function githubProtection(rules: readonly Rule[], changes: Changes = {}): Protection {
  const mandatory: Rule[] = [
    { type: 'non_fast_forward', parameters: { allowed: false } },
    { type: 'deletion', parameters: { allowed: 'nobody' } },
  ];
  return protection('github', withMandatory(rules, mandatory), changes);
}

/** As GitLab's API makes one: nobody may push or merge unless the rules say so. */
export function gitlabProtection(rules: readonly Rule[], changes: Changes = {}): Protection {
  const mandatory: Rule[] = [
    { type: 'push_access', parameters: { grants: [] } },
    { type: 'merge_access', parameters: { grants: [] } },
    { type: 'non_fast_forward', parameters: { allowed: false } },
    { type: 'creation', parameters: { mode: 'pushers-or-protected-tip-by-api' } },
    { type: 'deletion', parameters: { allowed: 'maintainers-by-api' } },
  ];
  return protection('gitlab', withMandatory(rules, mandatory), changes);
}

export const pushBy = (...grants: readonly Grant[]): Rule => ({ type: 'push_access', parameters: { grants } });
export const mergeBy = (...grants: readonly Grant[]): Rule => ({ type: 'merge_access', parameters: { grants } });

export function ruleset(rules: readonly Rule[], changes: Partial<Ruleset> = {}): Ruleset {
  return {
    id: 100,
    version: 1,
    owner: { repository: 1 },
    name: 'rules',
    target: 'branch',
    enforcement: 'active',
    conditions: { include: ['~ALL'], exclude: [] },
    rules,
    bypass: [],
    ...changes,
  };
}

function withMandatory(rules: readonly Rule[], mandatory: readonly Rule[]): Rule[] {
  return [...rules, ...mandatory.filter((rule) => !rules.some(({ type }) => type === rule.type))];
}

function protection(origin: Origin, rules: readonly Rule[], changes: Changes): Protection {
  return {
    id: 1,
    version: 1,
    owner: { repository: 1 },
    origin,
    pattern: 'main',
    rules,
    enforceAdmins: true,
    manage: [],
    native: { demandsReason: false, acceptsElevated: true },
    ...changes,
  };
}

const checks = [{ context: 'ci', app: null }];

/** Parameters of every kind for each rule type. */
export const allRuleExamples: Readonly<Record<string, readonly unknown[]>> = {
  lock: [{ forkSync: false }, { forkSync: true }],
  actor_restriction: [
    { grants: [], coversCreation: true },
    { grants: [role(30)], coversCreation: false },
  ],
  push_access: [{ grants: [] }, { grants: [role(30)] }],
  merge_access: [{ grants: [] }, { grants: [role(30)] }],
  creation: [{}, { mode: 'pushers-or-protected-tip-by-api' }],
  update: [{}, { forkSync: true }],
  non_fast_forward: [{}, { allowed: false }, { allowed: true }],
  deletion: [{}, { allowed: 'nobody' }, { allowed: 'pushers' }, { allowed: 'maintainers-by-api' }],
  pull_request: [pullRequestRule.parameters, passing(user(11)).parameters],
  code_owner_review: [{}],
  required_status_checks: [
    { strict: false, checks },
    { strict: true, checks, notOnCreate: true },
  ],
  conversation_resolution: [{}],
  required_linear_history: [{}],
  required_signatures: [{}],
};
