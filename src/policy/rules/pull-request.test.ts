import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes } from '../../../tests/support/ask.ts';
import { passing, pullRequestRule, user } from '../../../tests/support/rules.ts';
import { admin, creating, deleting } from '../../../tests/support/scene.ts';
import { parametersFit } from './index.ts';
import { pullRequest } from './pull-request.ts';

const { parameters } = pullRequestRule;

test('a change of the branch comes through a pull request, whichever door it takes', () => {
  for (const means of ['push', 'ref-api', 'contents', 'fork-sync', 'landing'] as const)
    assert.deepEqual(codes(pullRequest, parameters, { means, by: admin }), ['pull_request_required']);
});

test('no approval asked for still means a pull request', () => {
  assert.deepEqual(codes(pullRequest, { ...(parameters as object), approvals: 0 }), ['pull_request_required']);
});

test('losing commits on the way changes nothing', () => {
  assert.deepEqual(codes(pullRequest, parameters, { facts: { fastForward: false } }), ['pull_request_required']);
});

test('who is on the bypass list breaks the rule all the same: the list excuses, it does not satisfy', () => {
  assert.deepEqual(codes(pullRequest, passing(user(11)).parameters), ['pull_request_required']);
});

test('creating and deleting have rules of their own', () => {
  for (const update of [creating(), deleting()]) assert.equal(codes(pullRequest, parameters, { update }), 'not concerned');
});

test('it can be read only with all that it has to say', () => {
  for (const field of ['approvals', 'dismissStale', 'codeOwners', 'lastPush', 'dismissal', 'passes']) {
    const { [field]: _left, ...rest } = parameters as Record<string, unknown>;
    assert.equal(parametersFit({ type: 'pull_request', parameters: rest }), false, field);
  }
  for (const approvals of [-1, 11, 1.5, '1', null])
    assert.equal(parametersFit({ type: 'pull_request', parameters: { ...(parameters as object), approvals } }), false);
});

test('who may dismiss is everybody who writes, or a list; methods are those that there are', () => {
  const fits = (changes: object): boolean => parametersFit({ type: 'pull_request', parameters: { ...(parameters as object), ...changes } });
  assert.ok(fits({ dismissal: { mode: 'listed', actors: [user(11)] } }));
  assert.ok(fits({ dismissal: { mode: 'listed', actors: [] } }));
  for (const dismissal of [{ mode: 'listed' }, { mode: 'everybody' }, null]) assert.ok(!fits({ dismissal }));
  for (const method of ['merge', 'squash', 'rebase']) assert.ok(fits({ methods: [method] }), method);
  assert.ok(!fits({ methods: ['fast-forward'] }));
});
