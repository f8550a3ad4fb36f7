import type { AuditSubject } from '#model/audit-entry.ts';
import type { Protection, Rule } from '#model/protection.ts';
import type { Happening } from '../change.ts';

/**
 * What changed between two versions of a protection, one entry for each field, named as in spec/github.md 5.4. `before` null: it was made,
 * `after` null: it is gone; both are one entry with everything.
 */
export function protectionHappenings(subject: AuditSubject, before: Protection | null, after: Protection | null): Happening[] {
  const present = after ?? before;
  if (present === null) return [];
  const common = { name: present.pattern, origin: present.origin, protection_id: present.id };
  if (before === null)
    return [{ ...subject, action: 'protected_branch.create', operation: 'create', data: { ...common, ...snapshot(present) } }];
  if (after === null)
    return [{ ...subject, action: 'protected_branch.destroy', operation: 'remove', data: { ...common, ...snapshot(present) } }];
  return changes(before, after).map(({ action, data }) => ({
    ...subject,
    action,
    operation: 'modify' as const,
    data: { ...common, version: after.version, ...data },
  }));
}

function snapshot({ rules, enforceAdmins, manage, native, version }: Protection) {
  return {
    version,
    admin_enforced: enforceAdmins,
    rules,
    manage,
    demands_reason: native.demandsReason,
    accepts_elevated: native.acceptsElevated,
  };
}

interface Change {
  readonly action: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** GitHub's name for the entry that a rule's change makes. */
const actions: Readonly<Record<string, string>> = {
  pull_request: 'update_pull_request_reviews_enforcement_level',
  required_status_checks: 'update_required_status_checks_enforcement_level',
  actor_restriction: 'authorized_users_teams',
  non_fast_forward: 'update_allow_force_pushes_enforcement_level',
  deletion: 'update_allow_deletions_enforcement_level',
  required_linear_history: 'update_linear_history_requirement_enforcement_level',
  required_signatures: 'update_signature_requirement_enforcement_level',
  conversation_resolution: 'update_required_conversation_resolution_level',
  lock: 'update_lock_branch_enforcement_level',
};

/** And for the change of one parameter, while the rule stays on. A required check has entries of its own. */
const parameterActions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  pull_request: {
    approvals: 'update_required_approving_review_count',
    dismissStale: 'dismiss_stale_reviews',
    codeOwners: 'update_require_code_owner_review',
    lastPush: 'update_require_last_push_approval',
    dismissal: 'dismissal_restricted_users_teams',
    passes: 'branch_allowances',
  },
  required_status_checks: { strict: 'update_strict_required_status_checks_policy' },
  actor_restriction: { grants: 'authorized_users_teams' },
  lock: { forkSync: 'update_lock_allows_fetch_and_merge' },
};

function changes(before: Protection, after: Protection): Change[] {
  const types = [...new Set([...before.rules, ...after.rules].map((rule) => rule.type))];
  const ofRules = types.flatMap((type): Change[] => {
    const [was, is] = [ruleOf(before.rules, type), ruleOf(after.rules, type)];
    if (isSame(was, is)) return [];
    const own = was === null || is === null ? [ruleChange(type, was, is)] : parameterChanges(type, was, is);
    return type === 'required_status_checks' ? [...own, ...checkChanges(was, is)] : own;
  });
  const fields: [name: string, was: unknown, is: unknown, own?: Change['data']][] = [
    ['update_admin_enforced', before.enforceAdmins, after.enforceAdmins, { admin_enforced: after.enforceAdmins }],
    ['update_name', before.pattern, after.pattern, { old_name: before.pattern }],
    ['update_unprotect_access_levels', before.manage, after.manage],
    ['update_native_settings', before.native, after.native],
  ];
  const ofFields = fields
    .filter(([, was, is]) => !isSame(was, is))
    .map(([name, was, is, own]) => ({ action: `protected_branch.${name}`, data: { before: was, after: is, ...own } }));
  return [...ofRules, ...ofFields];
}

function ruleChange(type: string, was: unknown, is: unknown): Change {
  return { action: `protected_branch.${actions[type] ?? `update_${type}`}`, data: { rule: type, before: was, after: is } };
}

/** One entry for each parameter that has a name of its own; what else changed is told as the rule's. */
function parameterChanges(type: string, was: object, is: object): Change[] {
  const before = was as Readonly<Record<string, unknown>>;
  const after = is as Readonly<Record<string, unknown>>;
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !isSame(before[name], after[name]));
  const named = parameterActions[type] ?? {};
  const own = changed.filter((name) => name in named);
  const isTold = changed.every((name) => name in named || (name === 'checks' && differInContextsAlone(before, after)));
  return [
    ...own.map((name) => ({
      action: `protected_branch.${named[name]}`,
      data: { rule: type, parameter: name, before: before[name] ?? null, after: after[name] ?? null },
    })),
    ...(isTold ? [] : [ruleChange(type, was, is)]),
  ];
}

interface Check {
  readonly context: string;
}

function checksOf(parameters: unknown): readonly Check[] {
  return (parameters as { checks?: readonly Check[] } | null)?.checks ?? [];
}

/** Whether checks came and went, which `checkChanges` tells, and none that stayed is pinned to another app. */
function differInContextsAlone(was: unknown, is: unknown): boolean {
  const after = new Map(checksOf(is).map((check) => [check.context, check]));
  const stayed = checksOf(was).filter(({ context }) => after.has(context));
  return checkChanges(was, is).length > 0 && stayed.every((check) => isSame(check, after.get(check.context)));
}

/** `required_status_check.create` and `.destroy`, one for each context. */
function checkChanges(was: unknown, is: unknown): Change[] {
  const [before, after] = [was, is].map((parameters) => checksOf(parameters).map(({ context }) => context)) as [string[], string[]];
  const created = after.filter((context) => !before.includes(context));
  const destroyed = before.filter((context) => !after.includes(context));
  return [
    ...created.map((context) => ({ action: 'required_status_check.create', data: { context } })),
    ...destroyed.map((context) => ({ action: 'required_status_check.destroy', data: { context } })),
  ];
}

function ruleOf(rules: readonly Rule[], type: string): object | null {
  return (rules.find((rule) => rule.type === type)?.parameters as object | undefined) ?? null;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
