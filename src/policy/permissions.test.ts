import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GranterStanding } from '#model/facts.ts';
import type { Grant } from '#model/protection.ts';
import { type Rung, rungs } from '#model/rung.ts';
import { appRow, githubProtection, gitlabProtection, keyRow, role, ruleset, team, user } from '../../tests/support/rules.ts';
import { mayChangeMembership, mayEditProtection, mayEditRuleset } from './permissions.ts';

const who = (changes: Partial<GranterStanding> = {}): GranterStanding => ({
  active: true,
  siteAdmin: false,
  rung: 40,
  organizationOwner: false,
  userId: 21,
  directTeams: [],
  ...changes,
});

const ofOrganization = { owner: { organization: 9 } } as const;
const editing = (manage: readonly Grant[], changes: Partial<GranterStanding> = {}) =>
  mayEditProtection(gitlabProtection([], { manage }), who(changes));

test('a repository’s protection is edited from rung 40 on', () => {
  const allowed = rungs.filter((rung) => mayEditProtection(githubProtection([]), who({ rung })));
  assert.deepEqual(allowed, [40, 50]);
});

test('an organization’s protection is edited by its owners, whatever they are in the repository', () => {
  assert.equal(mayEditProtection(gitlabProtection([], ofOrganization), who({ rung: 50 })), false);
  assert.equal(mayEditProtection(gitlabProtection([], ofOrganization), who({ rung: 0, organizationOwner: true })), true);
});

test('an organization owner needs the rung, or the row, for a repository’s protection like everybody', () => {
  assert.equal(mayEditProtection(githubProtection([]), who({ rung: 30, organizationOwner: true })), false);
  assert.equal(editing([user(99)], { rung: 50, organizationOwner: true }), false);
});

test('an unprotect list narrows it to who is on the list and has the rung', () => {
  assert.equal(editing([user(99), user(21)]), true);
  assert.equal(editing([user(99)]), false);
  assert.equal(editing([user(21)], { rung: 35 }), false);
  assert.equal(editing([user(99)], { userId: null }), false);
  assert.equal(editing([role(40)]), true);
  assert.equal(editing([role(30)]), true);
  assert.equal(editing([role(0)], { rung: 50 }), false);
  assert.equal(editing([role(60)], { rung: 50 }), false);
  assert.equal(editing([team(7, false)], { directTeams: [7] }), true);
  assert.equal(editing([team(7, false)], { directTeams: [8] }), false);
  assert.equal(editing([appRow(21), keyRow(21)]), false);
});

test('a site admin may always, so that nothing is locked for ever', () => {
  const nobodyElse = who({ siteAdmin: true, rung: 0 });
  assert.equal(mayEditProtection(gitlabProtection([], { manage: [user(99)] }), nobodyElse), true);
  assert.equal(mayEditProtection(gitlabProtection([], ofOrganization), nobodyElse), true);
  assert.equal(mayEditRuleset(ruleset([], ofOrganization), nobodyElse), true);
});

test('who is suspended or gone may nothing', () => {
  const gone = who({ active: false, siteAdmin: true, rung: 50, organizationOwner: true });
  assert.equal(mayEditProtection(githubProtection([]), gone), false);
  assert.equal(mayEditRuleset(ruleset([]), gone), false);
});

test('a repository’s ruleset is edited from rung 40 on, an organization’s by its owners', () => {
  assert.deepEqual(
    rungs.filter((rung) => mayEditRuleset(ruleset([]), who({ rung }))),
    [40, 50],
  );
  assert.equal(mayEditRuleset(ruleset([], ofOrganization), who({ rung: 50 })), false);
  assert.equal(mayEditRuleset(ruleset([], ofOrganization), who({ rung: 0, organizationOwner: true })), true);
});

test('nobody grants, changes or removes above the own rung', () => {
  const may = (own: Rung, present: Rung, wanted: Rung) => mayChangeMembership(own, present, wanted);
  assert.equal(may(40, 0, 40), true);
  assert.equal(may(40, 0, 50), false);
  assert.equal(may(40, 50, 0), false);
  assert.equal(may(40, 40, 30), true);
  assert.equal(may(50, 0, 50), true);
  assert.equal(may(50, 50, 0), true);
  assert.equal(may(35, 0, 10), false);
  assert.equal(may(35, 30, 0), false);
});

test('writing back the value that is there changes nothing, so everybody may', () => {
  for (const rung of rungs) assert.equal(mayChangeMembership(0, rung, rung), true);
});
