import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ruleset } from '#model/protection.ts';
import { allRuleExamples, linear, pullRequestRule, ruleset, signed } from '../../tests/support/rules.ts';
import { codesOf, creating, deleting, judgeOne, main, moving, siteAdmin } from '../../tests/support/scene.ts';
import { isProtectedBranch } from './combine.ts';
import { allRules } from './rules/index.ts';

const bad = { fastForward: { known: false } };
const frozen = { type: 'update', parameters: {} };
const freeze = (changes: Partial<Ruleset> = {}): Ruleset => ruleset([frozen], changes);
const aimedAt = (include: string[], exclude: string[] = []) => freeze({ conditions: { include, exclude } });
const refuses = (one: Ruleset, refName = main): boolean => judgeOne({ rulesets: [one], updates: [moving(refName)] }).result === 'fail';

test('every ruleset that matches has to be satisfied', () => {
  const unsigned = { signatures: { known: [{ commit: 'c', verified: false, reason: 'unsigned' } as const] } };
  const rulesets = [ruleset([pullRequestRule], { id: 1 }), ruleset([signed], { id: 2 }), ruleset([linear], { id: 3 })];
  const { violations, result } = judgeOne({ rulesets, facts: unsigned });
  assert.equal(result, 'fail');
  assert.deepEqual(
    violations.map((one) => [one.code, one.sources[0]]),
    [
      ['pull_request_required', { kind: 'ruleset', id: 1, version: 1, name: 'rules' }],
      ['unverified_commits', { kind: 'ruleset', id: 2, version: 1, name: 'rules' }],
    ],
  );
});

test('conditions are patterns over full ref names, and exclusion wins', () => {
  assert.equal(refuses(aimedAt(['refs/heads/*'])), true);
  assert.equal(refuses(aimedAt(['main'])), false);
  assert.equal(refuses(aimedAt(['refs/heads/x', main])), true);
  assert.equal(refuses(aimedAt(['refs/heads/*'], [main])), false);
  assert.equal(refuses(aimedAt(['refs/heads/*'], ['refs/heads/x'])), true);
  assert.equal(refuses(aimedAt(['refs/heads/*']), 'refs/heads/a/b'), false);
  assert.equal(refuses(aimedAt([])), false);
});

test('~ALL is every branch, ~DEFAULT_BRANCH the default one', () => {
  assert.equal(refuses(aimedAt(['~ALL']), 'refs/heads/a/b'), true);
  assert.equal(refuses(aimedAt(['~DEFAULT_BRANCH'])), true);
  assert.equal(refuses(aimedAt(['~DEFAULT_BRANCH']), 'refs/heads/x'), false);
  assert.equal(refuses(aimedAt(['~ALL'], ['~DEFAULT_BRANCH'])), false);
  assert.equal(refuses(aimedAt(['~ALL'], ['~DEFAULT_BRANCH']), 'refs/heads/x'), true);
});

test('a ruleset for branches leaves tags alone, one for tags leaves branches alone', () => {
  assert.equal(refuses(freeze({ target: 'tag' })), false);
  assert.equal(refuses(freeze({ target: 'tag' }), 'refs/tags/v1'), true);
  assert.equal(refuses(freeze({ target: 'branch' }), 'refs/tags/v1'), false);
  assert.equal(refuses(freeze({ target: 'branch' }), 'refs/notes/x'), false);
  assert.equal(refuses(freeze({ target: 'push' })), false);
  assert.equal(refuses(freeze({ target: 'push' }), 'refs/tags/v1'), false);
});

test('every rule that a ruleset may hold is judged as what it is', () => {
  const types = allRules.filter((rule) => rule.homes.includes('ruleset')).map((rule) => rule.type);
  assert.deepEqual(types.sort(), [
    'creation',
    'deletion',
    'non_fast_forward',
    'pull_request',
    'required_linear_history',
    'required_signatures',
    'required_status_checks',
    'update',
  ]);
  for (const type of types) {
    const rulesets = [ruleset([{ type, parameters: allRuleExamples[type]![0] }])];
    for (const updates of [[moving()], [creating()], [deleting('refs/heads/x')]]) {
      const found = codesOf(judgeOne({ rulesets, updates, facts: bad }));
      assert.ok(!found.includes('rule_unknown') && !found.includes('rule_damaged'), `${type}: ${found}`);
    }
  }
});

test('a disabled ruleset is not judged', () => {
  assert.deepEqual(judgeOne({ rulesets: [freeze({ enforcement: 'disabled' })] }).violations, []);
});

test('a ruleset that is only tried out is recorded and refuses nothing', () => {
  const verdict = judgeOne({ rulesets: [freeze({ enforcement: 'evaluate' })] });
  assert.equal(verdict.result, 'pass');
  assert.deepEqual(
    verdict.violations.map((one) => [one.code, one.observedOnly, one.refuses]),
    [['update', true, 'ref']],
  );
});

test('what is only tried out does not spare what is in force', () => {
  const rulesets = [freeze({ id: 1, enforcement: 'evaluate' }), ruleset([pullRequestRule], { id: 2 })];
  const verdict = judgeOne({ rulesets });
  assert.equal(verdict.result, 'fail');
  assert.deepEqual(codesOf(verdict), ['update', 'pull_request_required']);
});

test('a ruleset that is only tried out protects no branch and takes nobody’s write access', () => {
  const rulesets = [ruleset([], { enforcement: 'evaluate' })];
  assert.equal(isProtectedBranch({ protections: [], rulesets }, 'main', main), false);
  assert.equal(isProtectedBranch({ protections: [], rulesets: [ruleset([])] }, 'main', main), true);
  assert.equal(judgeOne({ rulesets, by: siteAdmin }).result, 'pass');
  assert.deepEqual(codesOf(judgeOne({ rulesets: [ruleset([])], by: siteAdmin })), ['write_needed']);
});
