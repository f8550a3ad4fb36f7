import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  githubProtection,
  gitlabProtection,
  locked,
  passing,
  pullRequestRule,
  restrictedTo,
  ruleset,
  user,
} from '../../tests/support/rules.ts';
import { codesOf, elevated, judge, moving, type Scene } from '../../tests/support/scene.ts';

const everywhere = [githubProtection([pullRequestRule], { pattern: '**/*' })];
const updates = ['a', 'b', 'c'].map((name) => moving(`refs/heads/${name}`));
const withUses = (max: number, reserved = 0, spent = 0) => ({ elevated: elevated({ uses: { max, reserved, spent } }) });
const spends = (scene: Scene) => judge(scene).effects.filter((effect) => effect.kind === 'spend-uses');
const results = (scene: Scene) => judge(scene).refs.map((ref) => ref.result);

test('each ref that ends as a bypass takes one use, however many rules it breaks', () => {
  const protections = [
    githubProtection([passing(), { type: 'actor_restriction', parameters: { grants: [], coversCreation: false } }], { pattern: '**/*' }),
  ];
  const scene: Scene = { protections, updates, standing: withUses(3) };
  assert.deepEqual(results(scene), ['bypass', 'bypass', 'bypass']);
  assert.deepEqual(spends(scene), [{ kind: 'spend-uses', count: 3 }]);
});

test('a token without a number of uses is counted all the same', () => {
  assert.deepEqual(spends({ protections: everywhere, updates, standing: { elevated: elevated() } }), [{ kind: 'spend-uses', count: 3 }]);
});

test('when fewer uses are left than the push would take, the token waives nothing in it', () => {
  for (const standing of [withUses(2), withUses(5, 3, 0), withUses(5, 0, 3), withUses(5, 1, 2), withUses(0)]) {
    const verdict = judge({ protections: everywhere, updates, standing });
    assert.deepEqual(
      verdict.refs.map((ref) => ref.result),
      ['fail', 'fail', 'fail'],
    );
    assert.deepEqual(
      verdict.refs.flatMap((ref) => ref.violations.map((one) => one.tokenFellShort)),
      [['uses'], ['uses'], ['uses']],
    );
    assert.deepEqual(verdict.effects, []);
  }
  assert.deepEqual(results({ protections: everywhere, updates, standing: withUses(6, 1, 2) }), ['bypass', 'bypass', 'bypass']);
});

test('compliant refs take no use', () => {
  const protections = [githubProtection([pullRequestRule], { pattern: 'a' })];
  assert.deepEqual(results({ protections, updates, standing: withUses(1) }), ['bypass', 'pass', 'pass']);
  assert.deepEqual(spends({ protections, updates, standing: withUses(1) }), [{ kind: 'spend-uses', count: 1 }]);
});

test('refs that are refused anyway take no use', () => {
  const protections = [
    githubProtection([pullRequestRule], { pattern: '**/*' }),
    githubProtection([pullRequestRule, locked], { id: 2, pattern: 'b' }),
  ];
  assert.deepEqual(results({ protections, updates, standing: withUses(2) }), ['bypass', 'fail', 'bypass']);
  assert.deepEqual(spends({ protections, updates, standing: withUses(2) }), [{ kind: 'spend-uses', count: 2 }]);
});

test('of one ref, one use is taken where only the token helps with something', () => {
  const protections = [githubProtection([passing(user(11)), restrictedTo([])], { pattern: '**/*' })];
  assert.deepEqual(spends({ protections, updates, standing: withUses(3) }), [{ kind: 'spend-uses', count: 3 }]);
});

test('refs that pass by another waiver do not compete for uses', () => {
  const protections = [
    githubProtection([passing(user(11))], { pattern: '**/*' }),
    githubProtection([pullRequestRule], { id: 2, pattern: 'a' }),
  ];
  assert.deepEqual(results({ protections, updates, standing: withUses(1) }), ['bypass', 'bypass', 'bypass']);
  assert.deepEqual(spends({ protections, updates, standing: withUses(1) }), [{ kind: 'spend-uses', count: 1 }]);
});

test('where another waiver helps, no use is taken', () => {
  const protections = [githubProtection([passing(user(11))], { pattern: '**/*' })];
  assert.deepEqual(results({ protections, updates, standing: withUses(0) }), ['bypass', 'bypass', 'bypass']);
  assert.deepEqual(spends({ protections, updates, standing: withUses(5) }), []);
});

test('what a ruleset that is tried out finds takes no use', () => {
  const rulesets = [ruleset([pullRequestRule], { enforcement: 'evaluate' })];
  assert.deepEqual(results({ rulesets, updates, standing: withUses(0) }), ['pass', 'pass', 'pass']);
  assert.deepEqual(spends({ rulesets, updates, standing: withUses(5) }), []);
  const protections = [githubProtection([passing(user(11))], { pattern: '**/*' })];
  assert.deepEqual(results({ protections, rulesets, updates, standing: withUses(5) }), ['bypass', 'bypass', 'bypass']);
  assert.deepEqual(spends({ protections, rulesets, updates, standing: withUses(5) }), []);
});

test('a push that GitLab’s rules refuse whole takes no use', () => {
  const protections = [gitlabProtection([], { id: 2, pattern: 'c' }), ...everywhere];
  const standing = { elevated: elevated({ ruleTypes: ['pull_request'], uses: { max: 2, reserved: 0, spent: 0 } }) };
  const verdict = judge({ protections, updates, standing });
  assert.equal(verdict.wholePushRefused, true);
  assert.deepEqual(verdict.effects, []);
  assert.deepEqual(
    verdict.refs.map((ref) => codesOf(ref)),
    [['pull_request_required'], ['pull_request_required'], ['pull_request_required', 'push_not_allowed']],
  );
  assert.deepEqual(verdict.refs[0]!.violations[0]!.tokenFellShort, []);
  // Nothing lands, so nothing is short of uses either.
  const scarce = { elevated: elevated({ ruleTypes: ['pull_request'], uses: { max: 1, reserved: 0, spent: 0 } }) };
  assert.deepEqual(judge({ protections, updates, standing: scarce }).refs, verdict.refs);
});

test('a token that is used up waives nothing, also where its ref is refused for another reason', () => {
  // Otherwise GitLab's refusal of the whole push would hang on what the content of one ref shows.
  const protections = [gitlabProtection([], { id: 2, pattern: 'c' }), githubProtection([locked], { pattern: 'c' })];
  assert.deepEqual(results({ protections, updates, standing: withUses(0) }), ['fail', 'fail', 'fail']);
  assert.equal(judge({ protections, updates, standing: withUses(0) }).wholePushRefused, true);
  assert.deepEqual(results({ protections, updates, standing: withUses(1) }), ['pass', 'pass', 'fail']);
});
