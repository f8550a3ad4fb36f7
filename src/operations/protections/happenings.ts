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

function changes(before: Protection, after: Protection): Change[] {
  const types = [...new Set([...before.rules, ...after.rules].map((rule) => rule.type))];
  const ofRules = types.flatMap((type): Change[] => {
    const [was, is] = [ruleOf(before.rules, type), ruleOf(after.rules, type)];
    if (isSame(was, is)) return [];
    const own = { action: `protected_branch.${actions[type] ?? `update_${type}`}`, data: { rule: type, before: was, after: is } };
    return type === 'required_status_checks' ? [own, ...checkChanges(was, is)] : [own];
  });
  const fields: [string, unknown, unknown][] = [
    ['update_admin_enforced', before.enforceAdmins, after.enforceAdmins],
    ['update_name', before.pattern, after.pattern],
    ['update_unprotect_access_levels', before.manage, after.manage],
    ['update_native_settings', before.native, after.native],
  ];
  const ofFields = fields
    .filter(([, was, is]) => !isSame(was, is))
    .map(([name, was, is]) => ({ action: `protected_branch.${name}`, data: { before: was, after: is } }));
  return [...ofRules, ...ofFields];
}

/** `required_status_check.create` and `.destroy`, one for each context. */
function checkChanges(was: unknown, is: unknown): Change[] {
  const contexts = (value: unknown): string[] =>
    ((value as { checks?: { context: string }[] } | null)?.checks ?? []).map((check) => check.context);
  const [before, after] = [contexts(was), contexts(is)];
  return [
    ...after
      .filter((context) => !before.includes(context))
      .map((context) => ({ action: 'required_status_check.create', data: { context } })),
    ...before
      .filter((context) => !after.includes(context))
      .map((context) => ({ action: 'required_status_check.destroy', data: { context } })),
  ];
}

function ruleOf(rules: readonly Rule[], type: string): unknown {
  return rules.find((rule) => rule.type === type)?.parameters ?? null;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
