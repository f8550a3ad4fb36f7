import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes, letInBy } from '../../../tests/support/ask.ts';
import { keyRow, role, team, user } from '../../../tests/support/rules.ts';
import { admin, app, creating, deleting, deployKey, developer, siteAdmin } from '../../../tests/support/scene.ts';
import { pushAccess } from './push-access.ts';

const by = (...grants: ReturnType<typeof user>[]) => ({ grants });
const denied = ['push_not_allowed'];

test('an empty list, and a list of nobody, let nobody push', () => {
  assert.deepEqual(codes(pushAccess, by(), { by: admin }), denied);
  assert.deepEqual(codes(pushAccess, by(role(0)), { by: admin, as: { rung: 50 } }), denied);
});

test('a role lets in everybody of that level and above', () => {
  assert.deepEqual(codes(pushAccess, by(role(30))), []);
  assert.deepEqual(codes(pushAccess, by(role(30)), { as: { rung: 25 } }), denied);
  assert.deepEqual(codes(pushAccess, by(role(40)), { as: { rung: 35 } }), denied);
  assert.deepEqual(codes(pushAccess, by(role(40)), { by: admin }), []);
  assert.deepEqual(codes(pushAccess, by(role(40)), { as: { rung: 50 } }), []);
});

test('a row of nobody takes nothing from the other rows', () => {
  assert.deepEqual(codes(pushAccess, by(role(0), user(11))), []);
});

test('the level of site admins is theirs alone, and they have no other', () => {
  assert.deepEqual(codes(pushAccess, by(role(60)), { by: siteAdmin }), []);
  assert.deepEqual(codes(pushAccess, by(role(60)), { by: admin, as: { rung: 50 } }), denied);
  assert.deepEqual(codes(pushAccess, by(role(30), role(40)), { by: siteAdmin }), denied);
});

test('only direct members of a listed team are listed', () => {
  const inChild = { as: { directTeams: [8], teams: [8, 7] } };
  assert.deepEqual(codes(pushAccess, by(team(7, false)), inChild), denied);
  assert.deepEqual(codes(pushAccess, by(team(8, false)), inChild), []);
});

test('a deploy key pushes by its own row, with its own switch on, and by nothing else', () => {
  assert.deepEqual(codes(pushAccess, by(keyRow(16)), { by: deployKey }), []);
  assert.deepEqual(codes(pushAccess, by(keyRow(17)), { by: deployKey }), denied);
  assert.deepEqual(codes(pushAccess, by(keyRow(16)), { by: deployKey, as: { keyMayWrite: false } }), denied);
  const borrowed = by(role(30), role(40), role(60), user(12), user(16), team(7, false));
  assert.deepEqual(codes(pushAccess, borrowed, { by: deployKey, as: { directTeams: [7], teams: [7], siteAdmin: true } }), denied);
});

test('the row of a deploy key is not its creator’s', () => {
  assert.deepEqual(codes(pushAccess, by(keyRow(12)), { by: admin }), denied);
});

test('an app passes by its level, as everybody does', () => {
  assert.deepEqual(codes(pushAccess, by(role(40)), { by: app }), []);
  assert.deepEqual(codes(pushAccess, by(role(40)), { by: app, as: { rung: 30 } }), denied);
});

test('a row dies with the write access of who it names', () => {
  assert.deepEqual(codes(pushAccess, by(user(11)), { as: { rung: 20 } }), denied);
  assert.deepEqual(codes(pushAccess, by(team(8, false)), { as: { rung: 20, directTeams: [8], teams: [8] } }), denied);
});

test('merging, creating and deleting have rules of their own', () => {
  assert.equal(codes(pushAccess, by(), { means: 'merge' }), 'not concerned');
  assert.equal(codes(pushAccess, by(), { means: 'auto-merge' }), 'not concerned');
  assert.equal(codes(pushAccess, by(), { update: creating() }), 'not concerned');
  assert.equal(codes(pushAccess, by(), { update: deleting() }), 'not concerned');
});

test('every other door is a push', () => {
  for (const means of ['ref-api', 'contents', 'fork-sync', 'landing'] as const)
    assert.deepEqual(codes(pushAccess, by(), { means }), denied);
});

test('the record names the push rows that let somebody in', () => {
  assert.deepEqual(letInBy(pushAccess, by(role(30), role(40), user(11)), { by: developer }), [
    'allowed to push: role 30',
    'allowed to push: user 11',
  ]);
});
