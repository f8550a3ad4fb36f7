import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes } from '../../../tests/support/ask.ts';
import { githubProtection, gitlabProtection, pushBy, role } from '../../../tests/support/rules.ts';
import { admin, codesOf, creating, deleting, judgeOne } from '../../../tests/support/scene.ts';
import { nonFastForward } from './non-fast-forward.ts';

const lost = { facts: { fastForward: false } };

test('an update that loses commits is a force push, by whomever', () => {
  assert.deepEqual(codes(nonFastForward, { allowed: false }, lost), ['force_push']);
  assert.deepEqual(codes(nonFastForward, { allowed: false }, { ...lost, by: admin, via: 'api' }), ['force_push']);
  assert.deepEqual(codes(nonFastForward, {}, { ...lost, home: 'ruleset' }), ['force_push']);
});

test('an update that loses none is not', () => {
  assert.deepEqual(codes(nonFastForward, { allowed: false }), []);
});

test('where it is allowed it is no matter', () => {
  assert.equal(codes(nonFastForward, { allowed: true }, lost), 'not concerned');
});

test('creating and deleting lose nothing', () => {
  assert.equal(codes(nonFastForward, { allowed: false }, { ...lost, update: creating() }), 'not concerned');
  assert.equal(codes(nonFastForward, { allowed: false }, { ...lost, update: deleting() }), 'not concerned');
});

test('allowing it grants nobody a push', () => {
  const protections = [gitlabProtection([pushBy(role(40)), { type: 'non_fast_forward', parameters: { allowed: true } }])];
  const facts = { fastForward: { known: false } };
  assert.deepEqual(codesOf(judgeOne({ protections, facts })), ['push_not_allowed']);
  assert.equal(judgeOne({ protections, facts, by: admin }).result, 'pass');
});

test('when nobody could find out, the update is refused and the reason named', () => {
  const verdict = judgeOne({ protections: [githubProtection([])], facts: { fastForward: { unknown: 'a commit is missing' } }, by: admin });
  assert.equal(verdict.result, 'fail');
  assert.deepEqual(verdict.violations[0], {
    ...verdict.violations[0],
    code: 'not_determined',
    values: { fact: 'fastForward', why: 'a commit is missing' },
    waivable: false,
  });
});
