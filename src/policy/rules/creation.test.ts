import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes, type Question } from '../../../tests/support/ask.ts';
import { gitlabProtection, mergeBy, pushBy, role, ruleset, user } from '../../../tests/support/rules.ts';
import { admin, codesOf, creating, deleting, judgeOne, moving } from '../../../tests/support/scene.ts';
import { creation } from './creation.ts';

const inGitlab = (question: Omit<Question, 'home' | 'update'>): Question => ({ ...question, home: 'gitlab', update: creating() });

test('a ruleset lets nobody create the ref, from whatever tip', () => {
  assert.deepEqual(codes(creation, {}, { home: 'ruleset', update: creating(), by: admin }), ['creation']);
  assert.deepEqual(codes(creation, {}, { home: 'ruleset', update: creating('refs/tags/v1'), by: admin }), ['creation']);
});

test('only creating is restricted', () => {
  for (const update of [moving(), deleting()]) assert.equal(codes(creation, {}, { home: 'ruleset', update }), 'not concerned');
});

test('GitLab: who may push creates the branch, by git too and from anywhere', () => {
  const beside = [pushBy(user(11)), mergeBy()];
  assert.deepEqual(codes(creation, {}, inGitlab({ beside, facts: { inProtectedBranch: false } })), []);
});

test('GitLab: who may only merge creates it by API from the tip of a protected branch', () => {
  const beside = [pushBy(role(40)), mergeBy(role(30))];
  assert.deepEqual(codes(creation, {}, inGitlab({ beside, via: 'api' })), []);
  assert.deepEqual(codes(creation, {}, inGitlab({ beside, via: 'web' })), []);
});

test('GitLab: who may only merge creates nothing by git', () => {
  const beside = [pushBy(), mergeBy(role(30))];
  assert.deepEqual(codes(creation, {}, inGitlab({ beside, via: 'git-http' })), ['creation_by_git']);
  assert.deepEqual(codes(creation, {}, inGitlab({ beside, via: 'git-ssh' })), ['creation_by_git']);
});

test('GitLab: a tip that no protected branch contains is no place to start from', () => {
  const beside = [pushBy(), mergeBy(role(30))];
  assert.deepEqual(codes(creation, {}, inGitlab({ beside, via: 'api', facts: { inProtectedBranch: false } })), [
    'creation_from_unprotected',
  ]);
});

test('GitLab: who may neither push nor merge is told every reason', () => {
  const question = inGitlab({ beside: [pushBy(), mergeBy(role(40))], facts: { inProtectedBranch: false } });
  assert.deepEqual(codes(creation, {}, question), ['creation_not_allowed', 'creation_from_unprotected', 'creation_by_git']);
});

test('GitLab: without lists nobody creates', () => {
  assert.deepEqual(codes(creation, {}, inGitlab({ via: 'api', by: admin })), ['creation_not_allowed']);
});

test('an unknown place of the tip refuses, and says so', () => {
  const facts = { inProtectedBranch: { unknown: 'the disk is gone' } };
  const protections = [gitlabProtection([mergeBy(role(30))])];
  const verdict = judgeOne({ updates: [creating()], via: 'api', protections, facts });
  assert.deepEqual(codesOf(verdict), ['not_determined']);
  assert.deepEqual(verdict.violations[0]!.values, { fact: 'inProtectedBranch', why: 'the disk is gone' });
});

test('a ruleset needs to know nothing about the tip to refuse', () => {
  const facts = { inProtectedBranch: { unknown: 'the disk is gone' } };
  const verdict = judgeOne({ updates: [creating()], rulesets: [ruleset([{ type: 'creation', parameters: {} }])], facts });
  assert.equal(verdict.result, 'fail');
});
