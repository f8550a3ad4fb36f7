import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes, letInBy } from '../../../tests/support/ask.ts';
import { pushBy, role, team, user } from '../../../tests/support/rules.ts';
import { admin, creating, deleting, developer, robot } from '../../../tests/support/scene.ts';
import { mergeAccess } from './merge-access.ts';

const by = (...grants: ReturnType<typeof user>[]) => ({ grants });

test('who is on neither list may not merge', () => {
  const question = { means: 'merge', via: 'api', beside: [pushBy(role(40))] } as const;
  assert.deepEqual(codes(mergeAccess, by(user(99)), question), ['merge_not_allowed']);
  assert.deepEqual(codes(mergeAccess, by(), { means: 'merge', via: 'api' }), ['merge_not_allowed']);
});

test('who may merge merges, by the browser and by auto-merge too', () => {
  assert.deepEqual(codes(mergeAccess, by(role(30)), { means: 'merge', via: 'web' }), []);
  assert.deepEqual(codes(mergeAccess, by(user(11)), { means: 'auto-merge', via: 'server' }), []);
  assert.deepEqual(codes(mergeAccess, by(role(40)), { means: 'auto-merge', via: 'server' }), ['merge_not_allowed']);
});

test('being allowed to push is being allowed to merge', () => {
  assert.deepEqual(codes(mergeAccess, by(role(0)), { means: 'merge', via: 'api', beside: [pushBy(user(11))] }), []);
});

test('a row of nobody takes nothing from the other rows', () => {
  assert.deepEqual(codes(mergeAccess, by(role(0), role(40)), { means: 'merge', via: 'api', by: admin }), []);
  assert.deepEqual(codes(mergeAccess, by(role(40)), { means: 'merge', via: 'api', by: robot }), []);
});

test('only merging is restricted: the same commit pushed by hand is a push', () => {
  assert.equal(codes(mergeAccess, by(), { means: 'push' }), 'not concerned');
  assert.equal(codes(mergeAccess, by(), { means: 'contents', via: 'api' }), 'not concerned');
  assert.equal(codes(mergeAccess, by(), { means: 'merge', update: creating() }), 'not concerned');
  assert.equal(codes(mergeAccess, by(), { means: 'merge', update: deleting() }), 'not concerned');
});

test('only direct members of a listed team may merge', () => {
  const inChild = { directTeams: [8], teams: [8, 7] };
  assert.deepEqual(codes(mergeAccess, by(team(7, false)), { means: 'merge', via: 'api', as: inChild }), ['merge_not_allowed']);
  assert.deepEqual(codes(mergeAccess, by(team(8, false)), { means: 'merge', via: 'api', as: inChild }), []);
});

test('the record names the merge rows that let somebody in', () => {
  assert.deepEqual(letInBy(mergeAccess, by(role(40), user(11)), { by: developer, means: 'merge' }), ['allowed to merge: user 11']);
});
