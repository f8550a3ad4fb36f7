import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asRung, effectiveRung, type RungPaths, rungOfApp } from './effective-rung.ts';

const rungBy = (paths: Partial<RungPaths>) =>
  effectiveRung({ isPersonalOwner: false, direct: null, organization: null, basePermission: 0, teams: [], ...paths });

test('without any path there is nothing', () => {
  assert.equal(rungBy({}), 0);
});

test('the owner of a personal repository is its owner', () => {
  assert.equal(rungBy({ isPersonalOwner: true, direct: 10 }), 50);
});

test('a row of one’s own counts as it stands', () => {
  for (const level of [10, 20, 25, 30, 35, 40, 50]) assert.equal(rungBy({ direct: level }), level);
});

test('the base permission is for members of the organization', () => {
  assert.equal(rungBy({ organization: 10, basePermission: 30 }), 30);
  assert.equal(rungBy({ organization: 10, basePermission: 0 }), 10);
  assert.equal(rungBy({ organization: null, basePermission: 30 }), 0);
});

test('a level in the organization counts in each of its repositories', () => {
  assert.equal(rungBy({ organization: 50, basePermission: 20 }), 50);
  assert.equal(rungBy({ organization: 30, basePermission: 20 }), 30);
});

test('a team’s grant is capped by the level in the team, and the level by the grant', () => {
  assert.equal(rungBy({ teams: [{ level: 40, grant: 30 }] }), 30);
  assert.equal(rungBy({ teams: [{ level: 50, grant: 40 }] }), 40);
  assert.equal(rungBy({ teams: [{ level: 10, grant: 40 }] }), 10);
});

test('the highest path counts, not the first and not their sum', () => {
  assert.equal(rungBy({ direct: 20, organization: 10, basePermission: 25, teams: [{ level: 40, grant: 20 }] }), 25);
  assert.equal(
    rungBy({
      direct: 20,
      teams: [
        { level: 20, grant: 40 },
        { level: 40, grant: 35 },
      ],
    }),
    35,
  );
  assert.equal(rungBy({ direct: 40, teams: [{ level: 40, grant: 20 }] }), 40);
});

test('a level that is no rung acts as the one below it', () => {
  assert.equal(asRung(15), 10);
  assert.equal(asRung(5), 0);
  assert.equal(asRung(-1), 0);
  assert.equal(asRung(39), 35);
  assert.equal(asRung(60), 50);
  assert.equal(rungBy({ direct: 15 }), 10);
  assert.equal(rungBy({ teams: [{ level: 15, grant: 50 }] }), 10);
});

test('an app reaches what its permissions say', () => {
  assert.equal(rungOfApp({ administration: 'write', contents: 'read' }), 40);
  assert.equal(rungOfApp({ administration: 'read', contents: 'write' }), 30);
  assert.equal(rungOfApp({ contents: 'read' }), 20);
  assert.equal(rungOfApp({ administration: 'read' }), 10);
  assert.equal(rungOfApp({ statuses: 'write' }), 10);
});
