import assert from 'node:assert/strict';
import { test } from 'node:test';
import { githubProtection, gitlabProtection, linear, locked, pullRequestRule, ruleset, signed } from '../../tests/support/rules.ts';
import {
  actorIn,
  admin,
  bookIn,
  codesOf,
  creating,
  elevated,
  moving,
  noon,
  pushIn,
  type Scene,
  standingIn,
} from '../../tests/support/scene.ts';
import { decideUnread } from './decide.ts';

const unread = (scene: Scene) => decideUnread(pushIn(scene), standingIn(scene), bookIn(scene), actorIn(scene), noon);
const results = (scene: Scene) => unread(scene).refs.map((ref) => ref.result);

test('rules that need no objects refuse before any is read', () => {
  const verdict = unread({ protections: [githubProtection([locked, linear, signed, pullRequestRule])] });
  assert.deepEqual([verdict.refs[0]!.result, codesOf(verdict.refs[0]!)], ['fail', ['locked', 'pull_request_required']]);
});

test('rules that need objects are not asked yet', () => {
  assert.deepEqual(results({ protections: [githubProtection([linear, signed])] }), ['pass']);
  assert.deepEqual(results({ protections: [gitlabProtection([])], updates: [creating()] }), ['pass']);
});

test('what is unknown, damaged, dead or archived refuses at once', () => {
  assert.deepEqual(results({ rulesets: [ruleset([{ type: 'quantum_review', parameters: {} }])] }), ['fail']);
  assert.deepEqual(results({ protections: [{ ...githubProtection([]), rules: [] }] }), ['fail']);
  assert.deepEqual(results({ as: { dead: 'the token was revoked' } }), ['fail']);
  assert.deepEqual(results({ repository: { archived: true } }), ['fail']);
});

test('GitLab’s refusal is the whole push’s here too', () => {
  const verdict = unread({ protections: [gitlabProtection([])], updates: [moving(), moving('refs/heads/free')] });
  assert.deepEqual([verdict.wholePushRefused, verdict.refs.map((ref) => ref.result)], [true, ['fail', 'fail']]);
});

test('a standing waiver counts at once', () => {
  const protections = [githubProtection([locked, pullRequestRule], { enforceAdmins: false })];
  assert.deepEqual(results({ protections, by: admin }), ['bypass']);
});

test('what an elevated token may yet waive is no certain refusal', () => {
  const protections = [githubProtection([pullRequestRule])];
  assert.deepEqual(results({ protections }), ['fail']);
  assert.deepEqual(results({ protections, standing: { elevated: elevated() } }), ['bypass']);
});

test('uses of a token refuse for certain only when none is left', () => {
  const protections = [githubProtection([pullRequestRule], { pattern: '*' })];
  const updates = [moving('refs/heads/a'), moving('refs/heads/b')];
  const withUses = (max: number) => ({ protections, updates, standing: { elevated: elevated({ uses: { max, reserved: 0, spent: 0 } }) } });
  assert.deepEqual(results(withUses(0)), ['fail', 'fail']);
  // The content of one may yet be refused, and then the other needs no more than one.
  assert.deepEqual(results(withUses(1)), ['bypass', 'bypass']);
  assert.deepEqual(results(withUses(2)), ['bypass', 'bypass']);
});
