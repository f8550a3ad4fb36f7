import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RefVerdict } from '#model/verdict.ts';
import {
  githubProtection,
  gitlabProtection,
  linear,
  locked,
  passing,
  pullRequestRule,
  pushBy,
  restrictedTo,
  role,
  ruleset,
  signed,
  team,
  user,
} from '../../tests/support/rules.ts';
import {
  actorIn,
  admin,
  bookIn,
  codesOf,
  creating,
  deleting,
  elevated,
  innocent,
  judge,
  judgeOne,
  main,
  moving,
  newTip,
  noon,
  oldTip,
  pushIn,
  type Scene,
  standingIn,
} from '../../tests/support/scene.ts';
import { decide } from './decide.ts';

const results = (scene: Scene) => judge(scene).refs.map((ref) => ref.result);
const free = 'refs/heads/free';

test('what nothing covers passes, and nobody has to find out what it is', () => {
  assert.deepEqual(judgeOne({}), { operation: null, letInBy: [], exemptRulesets: [], violations: [], result: 'pass' });
});

test('an update that changes nothing is judged by no rule', () => {
  const updates = [{ refName: main, oldId: null, newId: null }];
  assert.deepEqual(codesOf(judgeOne({ updates, protections: [githubProtection([locked])] })), []);
});

test('the operation is derived from facts, never from what somebody says', () => {
  const operation = (scene: Scene): RefVerdict['operation'] => judgeOne({ protections: [githubProtection([])], ...scene }).operation;
  const lost = { fastForward: { known: false } };
  assert.equal(operation({}), 'update');
  assert.equal(operation({ facts: lost }), 'force-push');
  assert.equal(operation({ updates: [creating()] }), 'create');
  assert.equal(operation({ updates: [deleting()] }), 'delete');
  assert.equal(operation({ means: 'merge', via: 'api' }), 'merge');
  assert.equal(operation({ means: 'auto-merge', via: 'server' }), 'merge');
  for (const means of ['contents', 'ref-api', 'fork-sync', 'landing'] as const) {
    assert.equal(operation({ means }), 'update');
    assert.equal(operation({ means, facts: lost }), 'force-push');
  }
  assert.equal(operation({ means: 'rename', updates: [creating()] }), 'create');
  assert.equal(operation({ facts: { fastForward: { unknown: 'no disk' } } }), null);
});

test('a refusal lists every reason, in the order in which people look for them', () => {
  const notSigned = { signatures: { known: [{ commit: 'c', verified: false, reason: 'unsigned' } as const] } };
  const merge = { commits: { known: [{ id: 'm', parents: ['x', 'y'] }] } };
  const checks = { type: 'required_status_checks', parameters: { strict: false, checks: [{ context: 'ci', app: null }] } };
  const protections = [githubProtection([signed, linear, checks, pullRequestRule, restrictedTo([]), locked])];
  const facts = { ...notSigned, ...merge, fastForward: { known: false } };
  assert.deepEqual(codesOf(judgeOne({ protections, facts })), [
    'locked',
    'not_listed',
    'force_push',
    'pull_request_required',
    'status_check_expected',
    'merge_commits',
    'unverified_commits',
  ]);
});

test('the reasons of GitHub come before those of GitLab, those of rulesets last', () => {
  const scene: Scene = {
    rulesets: [ruleset([{ type: 'update', parameters: {} }])],
    protections: [gitlabProtection([], { id: 2 }), githubProtection([pullRequestRule])],
    repository: { archived: true },
  };
  assert.deepEqual(codesOf(judgeOne(scene)), ['archived', 'pull_request_required', 'push_not_allowed', 'update']);
});

test('several rulesets that ask for the same are each a reason', () => {
  const rulesets = [ruleset([pullRequestRule], { id: 1 }), ruleset([pullRequestRule], { id: 2 })];
  assert.equal(judgeOne({ rulesets }).violations.length, 2);
});

test('a ref passes as a bypass only when everything it breaks is excused', () => {
  const passesReview = githubProtection([passing(user(11))]);
  assert.equal(judgeOne({ protections: [passesReview] }).result, 'bypass');
  const half = judgeOne({ protections: [githubProtection([passing(user(11)), locked])] });
  assert.equal(half.result, 'fail');
  assert.deepEqual(
    half.violations.map((one) => [one.code, one.waivedBy]),
    [
      ['locked', null],
      ['pull_request_required', { kind: 'allow_list' }],
    ],
  );
});

test('several waivers may share the work', () => {
  const protections = [githubProtection([passing(user(11)), linear])];
  const rulesets = [ruleset([{ type: 'update', parameters: {} }], { bypass: [{ actor: { type: 'role', id: 30 }, mode: 'always' }] })];
  const facts = { commits: { known: [{ id: 'm', parents: ['x', 'y'] }] } };
  const verdict = judgeOne({ protections, rulesets, facts, standing: { elevated: elevated() } });
  assert.equal(verdict.result, 'bypass');
  assert.deepEqual(
    verdict.violations.map((one) => one.waivedBy?.kind),
    ['allow_list', 'elevated_token', 'ruleset_actor'],
  );
});

test('a bypass that was not needed is no bypass', () => {
  const protections = [githubProtection([signed, linear, restrictedTo([user(11)])])];
  assert.equal(judgeOne({ protections, standing: { elevated: elevated() } }).result, 'pass');
  assert.equal(judgeOne({ protections, by: admin, as: { rung: 50 } }).result, 'fail');
});

test('the record names the rows that let somebody in', () => {
  const protections = [
    githubProtection([restrictedTo([user(11), team(3, true)])]),
    gitlabProtection([pushBy(role(30), user(99))], { id: 2 }),
  ];
  assert.deepEqual(judgeOne({ protections }).letInBy, ['push restriction: user 11', 'allowed to push: role 30']);
  assert.deepEqual(judgeOne({ protections, updates: [deleting()] }).letInBy, ['push restriction: user 11']);
});

test('a list that cannot be read lets nobody in, and the record names none of it', () => {
  const bad = { type: 'actor_restriction', parameters: { grants: [user(11)] } };
  const verdict = judgeOne({ protections: [githubProtection([bad])] });
  assert.deepEqual([verdict.result, verdict.letInBy], ['fail', []]);
});

test('a refusal of GitHub origin or of a ruleset is the ref’s own', () => {
  assert.deepEqual(results({ protections: [githubProtection([locked])], updates: [moving(), moving(free)] }), ['fail', 'pass']);
  const rulesets = [ruleset([{ type: 'update', parameters: {} }], { conditions: { include: [main], exclude: [] } })];
  assert.deepEqual(results({ rulesets, updates: [moving(free), moving()] }), ['pass', 'fail']);
});

test('a refusal of GitLab origin refuses the whole push', () => {
  const verdict = judge({ protections: [gitlabProtection([])], updates: [moving(free), moving()], repository: { isEmpty: true } });
  assert.equal(verdict.wholePushRefused, true);
  assert.deepEqual(
    verdict.refs.map((ref) => [ref.result, codesOf(ref)]),
    [
      ['fail', []],
      ['fail', ['push_not_allowed']],
    ],
  );
  assert.deepEqual(verdict.effects, []);
});

test('an excused violation of GitLab origin refuses nothing', () => {
  const verdict = judge({ protections: [gitlabProtection([])], updates: [moving(free), moving()], standing: { elevated: elevated() } });
  assert.deepEqual([verdict.wholePushRefused, verdict.refs.map((ref) => ref.result)], [false, ['pass', 'bypass']]);
});

test('a fact that nobody gathered refuses, and says so', () => {
  const scene: Scene = { protections: [githubProtection([linear])] };
  const verdict = decide(pushIn(scene), { refs: [], standing: standingIn(scene) }, bookIn(scene), actorIn(scene), noon);
  assert.deepEqual(
    verdict.refs[0]!.violations.map((one) => [one.type, one.code, one.values]),
    [
      ['non_fast_forward', 'not_determined', { fact: 'fastForward', why: 'it was not gathered' }],
      ['required_linear_history', 'not_determined', { fact: 'commits', why: 'it was not gathered' }],
    ],
  );
});

test('facts belong to the ref at the same place', () => {
  const scene: Scene = { protections: [githubProtection([], { pattern: '*' })], updates: [moving(), moving(free)] };
  const refs = [innocent, { ...innocent, fastForward: { known: false } }];
  const verdict = decide(pushIn(scene), { refs, standing: standingIn(scene) }, bookIn(scene), actorIn(scene), noon);
  assert.deepEqual(
    verdict.refs.map((ref) => ref.result),
    ['pass', 'fail'],
  );
});

test('what an approval binds to is the rule and the content, not the commit', () => {
  const withMerges = (...ids: string[]) => ({ commits: { known: ids.map((id) => ({ id, parents: ['x', 'y'] })) } });
  const fingerprint = (scene: Scene): string => judgeOne(scene).violations[0]!.fingerprint;
  const protections = [githubProtection([linear], { id: 5 })];
  const usual = fingerprint({ protections, facts: withMerges('m') });
  assert.equal(fingerprint({ protections, facts: withMerges('n') }), usual);
  assert.notEqual(fingerprint({ protections: [githubProtection([linear], { id: 6 })], facts: withMerges('m') }), usual);
  assert.notEqual(fingerprint({ rulesets: [ruleset([linear], { id: 5 })], facts: withMerges('m') }), usual);
  assert.notEqual(fingerprint({ protections, facts: { commits: { unknown: 'no disk' } } }), usual);
});

test('the first branches of an empty repository choose the default one', () => {
  const effects = (scene: Scene) => judge({ repository: { isEmpty: true }, ...scene }).effects;
  const born = (refName: string) => ({ refName, oldId: null, newId: newTip });
  assert.deepEqual(effects({ updates: [born('refs/tags/v1'), born('refs/heads/x')] }), [
    { kind: 'set-default-branch', refName: 'refs/heads/x' },
  ]);
  assert.deepEqual(effects({ updates: [born('refs/tags/v1')] }), []);
  assert.deepEqual(effects({ updates: [born(main), born('refs/heads/x')] }), []);
  assert.deepEqual(effects({ updates: [born('refs/heads/x')], repository: { isEmpty: false } }), []);
  assert.deepEqual(effects({ updates: [born(main), born('refs/heads/x')], protections: [githubProtection([locked])] }), [
    { kind: 'set-default-branch', refName: 'refs/heads/x' },
  ]);
  assert.deepEqual(effects({ updates: [{ refName: 'refs/heads/x', oldId: oldTip, newId: null }] }), []);
});
