import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Protection, Rule } from '#model/protection.ts';
import { protectionHappenings } from './happenings.ts';

const review = { approvals: 1, dismissStale: false, codeOwners: false, lastPush: false, dismissal: { mode: 'writers' }, passes: [] };
const checks = { strict: false, checks: [{ context: 'build', app: null }] };
const restriction = { grants: [], coversCreation: false };
const grants = [{ kind: 'user', id: 7 }];

function protectionWith(...rules: readonly Rule[]): Protection {
  return {
    ...{ id: 1, owner: { repository: 1 }, origin: 'github', pattern: 'main', version: 1, enforceAdmins: true },
    ...{ manage: [], native: { demandsReason: false, acceptsElevated: true }, rules },
  } as Protection;
}

function actions(was: Rule | null, is: Rule | null): string[] {
  const [before, after] = [was, is].map((rule) => protectionWith(...(rule === null ? [] : [rule])));
  return protectionHappenings({}, before!, after!).map(({ action }) => action.replace('protected_branch.', ''));
}

/** Name of the rule, what was, what is, the entries. */
const table: readonly [type: string, was: object | null, is: object | null, expected: readonly string[]][] = [
  ['pull_request', null, review, ['update_pull_request_reviews_enforcement_level']],
  ['pull_request', review, null, ['update_pull_request_reviews_enforcement_level']],
  ['pull_request', review, { ...review, approvals: 2 }, ['update_required_approving_review_count']],
  ['pull_request', review, { ...review, dismissStale: true }, ['dismiss_stale_reviews']],
  ['pull_request', review, { ...review, codeOwners: true }, ['update_require_code_owner_review']],
  ['pull_request', review, { ...review, lastPush: true }, ['update_require_last_push_approval']],
  ['pull_request', review, { ...review, dismissal: { mode: 'listed', actors: [] } }, ['dismissal_restricted_users_teams']],
  ['pull_request', review, { ...review, passes: grants }, ['branch_allowances']],
  ['pull_request', review, { ...review, threads: true }, ['update_pull_request_reviews_enforcement_level']],
  ['pull_request', review, { ...review, approvals: 0, passes: grants }, ['update_required_approving_review_count', 'branch_allowances']],
  ['required_status_checks', null, checks, ['update_required_status_checks_enforcement_level', 'required_status_check.create']],
  ['required_status_checks', checks, null, ['update_required_status_checks_enforcement_level', 'required_status_check.destroy']],
  ['required_status_checks', checks, { ...checks, strict: true }, ['update_strict_required_status_checks_policy']],
  [
    'required_status_checks',
    checks,
    { ...checks, checks: [{ context: 'test', app: null }] },
    ['required_status_check.create', 'required_status_check.destroy'],
  ],
  // A check that counts from another app only is told, also beside one that is new.
  [
    'required_status_checks',
    checks,
    { ...checks, checks: [{ context: 'build', app: 5 }] },
    ['update_required_status_checks_enforcement_level'],
  ],
  [
    'required_status_checks',
    checks,
    {
      ...checks,
      checks: [
        { context: 'build', app: 5 },
        { context: 'test', app: null },
      ],
    },
    ['update_required_status_checks_enforcement_level', 'required_status_check.create'],
  ],
  ['actor_restriction', null, restriction, ['authorized_users_teams']],
  ['actor_restriction', restriction, { ...restriction, grants }, ['authorized_users_teams']],
  ['actor_restriction', restriction, { ...restriction, coversCreation: true }, ['authorized_users_teams']],
  ['lock', null, { forkSync: false }, ['update_lock_branch_enforcement_level']],
  ['lock', { forkSync: false }, { forkSync: true }, ['update_lock_allows_fetch_and_merge']],
  ['required_linear_history', null, {}, ['update_linear_history_requirement_enforcement_level']],
  ['required_signatures', null, {}, ['update_signature_requirement_enforcement_level']],
  ['non_fast_forward', { allowed: false }, { allowed: true }, ['update_allow_force_pushes_enforcement_level']],
  ['deletion', { allowed: 'nobody' }, { allowed: 'pushers' }, ['update_allow_deletions_enforcement_level']],
  // GitHub has no name for these.
  ['push_access', null, { grants: [] }, ['update_push_access']],
];

for (const [type, was, is, expected] of table) {
  test(`${type} from ${JSON.stringify(was)} to ${JSON.stringify(is)}`, () => {
    const rule = (parameters: object | null): Rule | null => (parameters === null ? null : { type, parameters });
    assert.deepEqual(actions(rule(was), rule(is)), expected);
    assert.deepEqual(actions(rule(is), rule(is)), []);
  });
}

test('a protection that comes or goes is one entry with everything', () => {
  const protection = protectionWith({ type: 'pull_request', parameters: review });
  for (const [before, after, action] of [
    [null, protection, 'protected_branch.create'],
    [protection, null, 'protected_branch.destroy'],
  ] as const) {
    const [entry, ...others] = protectionHappenings({}, before, after);
    assert.equal(others.length, 0);
    assert.equal(entry?.action, action);
    assert.deepEqual(entry?.data?.['rules'], protection.rules);
  }
});
