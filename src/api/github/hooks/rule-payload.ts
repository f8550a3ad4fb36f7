import type { Protection } from '#model/protection.ts';
import { readDirectory } from '../branch-protection/actors.ts';
import { readRules } from '../branch-protection/rules.ts';
import { timestamp } from '../time.ts';
import type { Place, Scene } from './scene.ts';

/** A protection in the words of the event `branch_protection_rule` (spec/github.md 1.1.14). */
export async function ruleObject({ context, told }: Scene, { repository, owner }: Place, protection: Protection) {
  const rules = readRules(protection);
  const { pullRequest, statusChecks, restriction, lock } = rules;
  // What a protection demands, it demands of admins only where they are not excepted.
  const level = (isOn: boolean): 'off' | 'non_admins' | 'everyone' =>
    isOn ? (protection.enforceAdmins ? 'everyone' : 'non_admins') : 'off';
  const directory = await readDirectory(context, restriction?.grants ?? [], owner);
  const names = [
    ...directory.users.map((user) => user.login),
    ...directory.teams.map((team) => `${owner.login}/${team.slug}`),
    ...directory.apps.map(({ app }) => app.slug),
  ];
  return {
    id: protection.id,
    repository_id: repository.id,
    name: protection.pattern,
    // No protection knows when it was made.
    created_at: timestamp(told.at),
    updated_at: timestamp(told.at),
    pull_request_reviews_enforcement_level: level(pullRequest !== null),
    required_approving_review_count: pullRequest?.approvals ?? 0,
    dismiss_stale_reviews_on_push: pullRequest?.dismissStale ?? false,
    require_code_owner_review: pullRequest?.codeOwners ?? false,
    authorized_dismissal_actors_only: pullRequest?.dismissal.mode === 'listed',
    ignore_approvals_from_contributors: false,
    require_last_push_approval: pullRequest?.lastPush ?? false,
    required_status_checks: statusChecks?.checks.map((check) => check.context) ?? [],
    required_status_checks_enforcement_level: level(statusChecks !== null),
    strict_required_status_checks_policy: statusChecks?.strict ?? false,
    signature_requirement_enforcement_level: level(rules.signatures),
    linear_history_requirement_enforcement_level: level(rules.linearHistory),
    lock_branch_enforcement_level: level(lock !== null),
    lock_allows_fork_sync: lock?.forkSync ?? false,
    admin_enforced: protection.enforceAdmins,
    create_protected: restriction?.coversCreation ?? false,
    allow_force_pushes_enforcement_level: rules.forcePushes ? 'everyone' : 'off',
    allow_deletions_enforcement_level: rules.deletions ? 'everyone' : 'off',
    merge_queue_enforcement_level: 'off',
    required_deployments_enforcement_level: 'off',
    required_conversation_resolution_level: level(rules.conversations),
    authorized_actors_only: restriction !== null,
    authorized_actor_names: names,
  };
}

type RuleObject = Awaited<ReturnType<typeof ruleObject>>;

/** What was before, of the fields that are another now. */
export function ruleChanges(before: RuleObject, after: RuleObject): Record<string, { readonly from: unknown }> {
  return Object.fromEntries(
    Object.entries(before)
      .filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(after[key as keyof RuleObject]))
      .map(([key, from]) => [key, { from }]),
  );
}
