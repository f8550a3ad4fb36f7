import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Protection, Rule, Ruleset } from '#model/protection.ts';
import {
  githubProtection,
  gitlabProtection,
  locked,
  mergeBy,
  passing,
  pullRequestRule,
  pushBy,
  role,
  ruleset,
  signed,
  user,
} from '../../tests/support/rules.ts';
import { admin, codesOf, creating, deleting, elevated, judge, judgeOne, moving, type Scene } from '../../tests/support/scene.ts';

const unknown: Rule = { type: 'quantum_review', parameters: {} };
const alwaysMe: Ruleset['bypass'] = [{ actor: { type: 'role', id: 30 }, mode: 'always' }];

/** An admin who is exempt or let in by everything there is, with a token that names the very types. */
const mighty = (...types: string[]): Scene => ({
  by: admin,
  as: { organizationOwner: true },
  standing: { elevated: elevated({ ruleTypes: types, grantedBy: 'operator' }), bypassReason: 'because' },
});

/** Somebody to whom everything is open meets the damage all the same. */
function refusedForAll(scene: Scene, expected: string[]): void {
  const verdict = judgeOne({ ...mighty('quantum_review', 'pull_request', 'push_access', 'non_fast_forward', 'deletion'), ...scene });
  assert.equal(verdict.result, 'fail');
  assert.deepEqual(codesOf(verdict), expected);
  assert.ok(verdict.violations.every((one) => !one.waivable && one.waivedBy === null));
}

const without = (protection: Protection, type: string): Protection => ({
  ...protection,
  rules: protection.rules.filter((rule) => rule.type !== type),
});

test('a rule type that nobody knows refuses, in a protection of either origin and in a ruleset', () => {
  refusedForAll({ protections: [githubProtection([unknown], { enforceAdmins: false })] }, ['rule_unknown']);
  refusedForAll({ protections: [gitlabProtection([unknown, pushBy(role(30))])] }, ['rule_unknown']);
  refusedForAll({ rulesets: [ruleset([unknown], { bypass: alwaysMe })] }, ['rule_unknown']);
});

test('an unknown rule refuses creating and deleting too', () => {
  for (const updates of [[creating('refs/heads/x')], [deleting('refs/heads/x')]])
    refusedForAll({ updates, rulesets: [ruleset([unknown], { bypass: alwaysMe })] }, ['rule_unknown']);
});

test('an unknown rule is named, before everything else that is wrong', () => {
  const { violations } = judgeOne({ protections: [githubProtection([locked, unknown])] });
  assert.deepEqual(
    violations.map((one) => [one.code, one.values]),
    [
      ['rule_unknown', { type: 'quantum_review' }],
      ['locked', {}],
    ],
  );
});

test('an unknown rule where nothing is refused refuses nothing', () => {
  assert.equal(judgeOne({ rulesets: [ruleset([unknown], { enforcement: 'disabled' })] }).result, 'pass');
  const observed = judgeOne({ rulesets: [ruleset([unknown], { enforcement: 'evaluate' })] });
  assert.deepEqual([observed.result, codesOf(observed)], ['pass', ['rule_unknown']]);
  assert.equal(judgeOne({ protections: [githubProtection([unknown], { pattern: 'other' })] }).result, 'pass');
});

test('a known rule where it has no meaning is unknown there', () => {
  refusedForAll({ rulesets: [ruleset([locked], { bypass: alwaysMe })] }, ['rule_unknown']);
  refusedForAll({ protections: [githubProtection([pushBy(role(30))], { enforceAdmins: false })] }, ['rule_unknown']);
  refusedForAll({ protections: [gitlabProtection([signed, pushBy(role(30))])] }, ['rule_unknown']);
});

test('parameters that cannot be read refuse, whatever is in them', () => {
  for (const parameters of [null, undefined, {}, [], 'yes', { ...(pullRequestRule.parameters as object), approvals: '1' }])
    refusedForAll({ protections: [githubProtection([{ type: 'pull_request', parameters }], { enforceAdmins: false })] }, ['rule_damaged']);
});

test('a list that cannot be read refuses; the lists beside it do not make up for it', () => {
  const good = gitlabProtection([pushBy(role(30)), mergeBy(role(30))], { id: 1 });
  for (const parameters of [null, {}, { grants: null }, { grants: [{ kind: 'role', level: 10 }] }]) {
    const bad = gitlabProtection([{ type: 'push_access', parameters }, mergeBy(role(30))], { id: 2, pattern: '*' });
    for (const protections of [[good, bad], [bad, good], [bad]]) refusedForAll({ protections }, ['rule_damaged']);
  }
});

test('a fixed rule of GitLab that cannot be read refuses, though another protection has it whole', () => {
  const good = gitlabProtection([pushBy(role(30))], { id: 1 });
  for (const rule of [
    { type: 'creation', parameters: { mode: 'anybody' } },
    { type: 'deletion', parameters: null },
    { type: 'non_fast_forward', parameters: { allowed: 'yes' } },
    { type: 'code_owner_review', parameters: 7 },
  ]) {
    const bad = gitlabProtection([rule], { id: 2, pattern: '*' });
    refusedForAll({ protections: [good, bad] }, ['rule_damaged']);
    refusedForAll({ protections: [bad, good] }, ['rule_damaged']);
  }
});

test('a protection without one of its mandatory rules refuses', () => {
  for (const type of ['non_fast_forward', 'deletion'])
    refusedForAll({ protections: [without(githubProtection([], { enforceAdmins: false }), type)] }, ['rule_missing']);
  const open = gitlabProtection([pushBy(role(30))]);
  for (const type of ['merge_access', 'creation', 'non_fast_forward', 'deletion'])
    refusedForAll({ protections: [without(open, type)] }, ['rule_missing']);
  refusedForAll({ protections: [{ ...open, rules: [] }] }, Array(5).fill('rule_missing'));
});

test('a mandatory rule of another protection does not stand in for one that is missing', () => {
  const whole = gitlabProtection([pushBy(role(30))], { id: 1 });
  const damaged = without(gitlabProtection([], { id: 2, pattern: '*' }), 'creation');
  const [violation] = judgeOne({ protections: [whole, damaged] }).violations;
  assert.deepEqual(
    [violation!.code, violation!.values, violation!.sources[0]],
    ['rule_missing', { type: 'creation' }, { kind: 'protection', id: 2, version: 1, origin: 'gitlab', pattern: '*' }],
  );
});

test('a rule that stands twice in a protection of GitHub origin refuses: one of them would be overlooked', () => {
  const twice = (...rules: Rule[]) => githubProtection(rules, { enforceAdmins: false });
  const expected = ['rule_damaged', 'pull_request_required', 'pull_request_required'];
  for (const rules of [
    [passing(user(12)), pullRequestRule],
    [pullRequestRule, passing(user(12))],
  ]) {
    const verdict = judgeOne({ protections: [twice(...rules)], by: admin });
    assert.equal(verdict.result, 'fail');
    assert.deepEqual(codesOf(verdict), expected);
  }
});

test('damage in GitLab’s terms refuses the whole push', () => {
  const verdict = judge({ protections: [gitlabProtection([unknown, pushBy(role(30))])], updates: [moving(), moving('refs/heads/free')] });
  assert.equal(verdict.wholePushRefused, true);
  assert.deepEqual(
    verdict.refs.map((ref) => ref.result),
    ['fail', 'fail'],
  );
});

test('a list that cannot be read lets nobody in by the rules beside it either', () => {
  const damaged: Rule = { type: 'push_access', parameters: {} };
  const protections = [gitlabProtection([damaged])];
  const verdict = judgeOne({ protections, updates: [creating()], by: admin, facts: { inProtectedBranch: { known: false } } });
  assert.deepEqual(codesOf(verdict).sort(), ['creation_by_git', 'creation_from_unprotected', 'creation_not_allowed', 'rule_damaged']);
});
