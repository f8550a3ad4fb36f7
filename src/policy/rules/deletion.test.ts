import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes, type Question } from '../../../tests/support/ask.ts';
import { pushBy, role, user } from '../../../tests/support/rules.ts';
import { admin, creating, deleting, developer, moving, siteAdmin } from '../../../tests/support/scene.ts';
import { deletion } from './deletion.ts';

const nobody = { allowed: 'nobody' };
const pushers = { allowed: 'pushers' };
const maintainers = { allowed: 'maintainers-by-api' };
const inGitlab = (question: Omit<Question, 'home' | 'update'> = {}): Question => ({ ...question, home: 'gitlab', update: deleting() });

test('nobody deletes the branch, an admin least of all by accident', () => {
  assert.deepEqual(codes(deletion, nobody, { update: deleting() }), ['deletion']);
  assert.deepEqual(codes(deletion, nobody, { update: deleting(), by: admin, via: 'api' }), ['deletion']);
});

test('a ruleset has no parameters: nobody', () => {
  assert.deepEqual(codes(deletion, {}, { home: 'ruleset', update: deleting('refs/tags/v1'), by: admin }), ['deletion']);
  assert.deepEqual(codes(deletion, pushers, { home: 'ruleset', update: deleting('refs/tags/v1'), by: admin }), ['deletion']);
});

test('only deleting is restricted', () => {
  for (const update of [moving(), creating()]) assert.equal(codes(deletion, nobody, { update }), 'not concerned');
});

test('GitHub: where deletion is allowed, the other rules say by whom', () => {
  assert.notDeepEqual(codes(deletion, pushers, { update: deleting() }), ['deletion']);
  assert.equal(codes(deletion, pushers, { update: deleting() }), 'not concerned');
});

test('GitLab: a maintainer deletes by API or browser, whatever the push list says', () => {
  assert.deepEqual(codes(deletion, maintainers, inGitlab({ by: admin, via: 'api', beside: [pushBy(role(0))] })), []);
  assert.deepEqual(codes(deletion, maintainers, inGitlab({ by: admin, via: 'web' })), []);
});

test('GitLab: nobody deletes by git', () => {
  assert.deepEqual(codes(deletion, maintainers, inGitlab({ by: admin, via: 'git-http' })), ['deletion_not_by_git']);
  assert.deepEqual(codes(deletion, maintainers, inGitlab({ by: admin, via: 'git-ssh' })), ['deletion_not_by_git']);
});

test('GitLab: a developer deletes nothing, though on the push list', () => {
  const question = inGitlab({ by: developer, via: 'api', as: { rung: 35 }, beside: [pushBy(user(11))] });
  assert.deepEqual(codes(deletion, maintainers, question), ['deletion_needs_maintainer']);
  assert.deepEqual(codes(deletion, maintainers, inGitlab()), ['deletion_needs_maintainer', 'deletion_not_by_git']);
});

test('GitLab: a site admin who is no maintainer deletes nothing', () => {
  assert.deepEqual(codes(deletion, maintainers, inGitlab({ by: siteAdmin, via: 'api' })), ['deletion_needs_maintainer']);
});

test('GitLab: where pushers may delete, who is not on the push list may not', () => {
  assert.deepEqual(codes(deletion, pushers, inGitlab({ beside: [pushBy(role(40))] })), ['push_not_allowed']);
  assert.deepEqual(codes(deletion, pushers, inGitlab({ beside: [pushBy(role(30))] })), []);
});
