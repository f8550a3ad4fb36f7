import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, codes, letInBy } from '../../../tests/support/ask.ts';
import { appRow, keyRow, role, team, user } from '../../../tests/support/rules.ts';
import { admin, app, creating, deleting, deployKey, developer, robot } from '../../../tests/support/scene.ts';
import { actorRestriction } from './actor-restriction.ts';

const only = (...grants: ReturnType<typeof user>[]) => ({ grants, coversCreation: false });
const alsoCreation = (...grants: ReturnType<typeof user>[]) => ({ grants, coversCreation: true });

test('who is not listed may not push, not even as an admin', () => {
  assert.deepEqual(codes(actorRestriction, only(user(99))), ['not_listed']);
  assert.deepEqual(codes(actorRestriction, only(user(99)), { by: admin }), ['not_listed']);
});

test('an empty list lets nobody in', () => {
  assert.deepEqual(codes(actorRestriction, only(), { by: admin }), ['not_listed']);
});

test('a listed person may push, by the browser too', () => {
  assert.deepEqual(codes(actorRestriction, only(user(99), user(11))), []);
  assert.deepEqual(codes(actorRestriction, only(user(11)), { via: 'web' }), []);
});

test('a listed person who lost write access may not push', () => {
  assert.deepEqual(codes(actorRestriction, only(user(11)), { as: { rung: 25 } }), ['not_listed']);
});

test('an app has rows of its own: those of people with the same id are not its', () => {
  assert.deepEqual(codes(actorRestriction, only(appRow(15)), { by: app }), []);
  assert.deepEqual(codes(actorRestriction, only(appRow(16)), { by: app }), ['not_listed']);
  assert.deepEqual(codes(actorRestriction, only(user(15)), { by: app }), ['not_listed']);
  assert.deepEqual(codes(actorRestriction, only(appRow(11)), { by: developer }), ['not_listed']);
});

test('a robot is listed as the user it is', () => {
  assert.deepEqual(codes(actorRestriction, only(user(14)), { by: robot }), []);
});

test('who is in a child team is in a listed team', () => {
  const inChild = { as: { directTeams: [8], teams: [8, 7] } };
  assert.deepEqual(codes(actorRestriction, only(team(7, true)), inChild), []);
  assert.deepEqual(codes(actorRestriction, only(team(8, true)), inChild), []);
  assert.deepEqual(codes(actorRestriction, only(team(9, true)), inChild), ['not_listed']);
});

test('a deploy key does not borrow the row of its creator', () => {
  assert.deepEqual(codes(actorRestriction, only(user(12)), { by: deployKey }), ['not_listed']);
  assert.deepEqual(codes(actorRestriction, only(keyRow(16)), { by: deployKey }), []);
});

test('deleting is pushing', () => {
  assert.deepEqual(codes(actorRestriction, only(user(99)), { update: deleting() }), ['not_listed']);
  assert.deepEqual(codes(actorRestriction, only(user(11)), { update: deleting() }), []);
});

test('merging is restricted as pushing is', () => {
  assert.deepEqual(codes(actorRestriction, only(user(99)), { means: 'merge', via: 'api' }), ['not_listed']);
});

test('creation is restricted only where the protection says so', () => {
  assert.equal(codes(actorRestriction, only(user(99)), { update: creating() }), 'not concerned');
  assert.deepEqual(codes(actorRestriction, alsoCreation(user(99)), { update: creating() }), ['creation_not_listed']);
  assert.deepEqual(codes(actorRestriction, alsoCreation(user(11)), { update: creating() }), []);
  assert.deepEqual(codes(actorRestriction, alsoCreation(user(99))), ['not_listed']);
});

test('the record names the rows that let somebody in, and only those', () => {
  const about = { by: developer, as: { directTeams: [7], teams: [7] } };
  assert.deepEqual(ask(actorRestriction, only(user(11)), about), []);
  assert.deepEqual(letInBy(actorRestriction, only(user(11), team(7, true), role(30), user(99)), about), [
    'push restriction: user 11',
    'push restriction: team 7',
    'push restriction: role 30',
  ]);
});
