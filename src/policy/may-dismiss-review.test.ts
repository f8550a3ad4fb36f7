import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Actor } from '#model/actor.ts';
import type { Grant, Protection } from '#model/protection.ts';
import type { Rung } from '#model/rung.ts';
import { effectiveSources } from './combine.ts';
import { mayDismissReview } from './may-dismiss-review.ts';

const user = (id: number): Actor => ({
  who: { kind: 'user', id, siteAdmin: false, responsible: [] },
  via: 'api',
  credential: { kind: 'token', id: 1 },
});

function standing(rung: Rung, teams: number[] = []) {
  const actor = { dead: null, rung, siteAdmin: false, organizationOwner: false, directTeams: [], teams, keyMayWrite: true };
  return { actor };
}

function sources(dismissal: unknown, pattern = 'main') {
  const parameters = { approvals: 1, dismissStale: false, codeOwners: false, lastPush: false, dismissal, passes: [] };
  const protection: Protection = {
    ...{ id: 1, version: 1, owner: { repository: 1 }, origin: 'github', pattern, enforceAdmins: true, manage: [] },
    ...{ native: { demandsReason: false, acceptsElevated: true }, rules: [{ type: 'pull_request', parameters }] },
  };
  return effectiveSources({ protections: [protection], rulesets: [] }, 'refs/heads/main', 'refs/heads/main');
}

const listed = (...actors: Grant[]) => sources({ mode: 'listed', actors });

test('where no rule says who, writers may, and nobody below', () => {
  for (const among of [[], sources({ mode: 'writers' }), listed({ kind: 'user', id: 9 }).slice(1)]) {
    assert.equal(mayDismissReview(among, user(2), standing(30)), true);
    assert.equal(mayDismissReview(among, user(2), standing(25)), false);
  }
});

test('a list lets in whom it names, as long as they may write', () => {
  assert.equal(mayDismissReview(listed({ kind: 'user', id: 2 }), user(2), standing(30)), true);
  assert.equal(mayDismissReview(listed({ kind: 'user', id: 2 }), user(2), standing(20)), false);
  assert.equal(mayDismissReview(listed({ kind: 'user', id: 3 }), user(2), standing(35)), false);
  assert.equal(mayDismissReview(listed({ kind: 'team', id: 7, childTeams: true }), user(2), standing(30, [7])), true);
  assert.equal(mayDismissReview(listed({ kind: 'team', id: 7, childTeams: true }), user(2), standing(30, [8])), false);
});

test('an empty list names nobody; admins are on every list', () => {
  assert.equal(mayDismissReview(listed(), user(2), standing(35)), false);
  assert.equal(mayDismissReview(listed(), user(2), standing(40)), true);
});

test('all rules that apply have to agree, and one that cannot be read lets nobody', () => {
  const both = [...sources({ mode: 'writers' }), ...listed({ kind: 'user', id: 3 })];
  assert.equal(mayDismissReview(both, user(2), standing(30)), false);
  assert.equal(mayDismissReview(both, user(3), standing(30)), true);
  assert.equal(mayDismissReview(sources({ mode: 'everybody' }), user(2), standing(30)), false);
});
