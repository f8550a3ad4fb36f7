import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rule, Ruleset } from '#model/protection.ts';
import {
  appRow,
  githubProtection,
  gitlabProtection,
  keyRow,
  linear,
  locked,
  passing,
  pullRequestRule,
  pushBy,
  restrictedTo,
  role,
  ruleset,
  signed,
  team,
  user,
} from '../../tests/support/rules.ts';
import {
  admin,
  app,
  codesOf,
  creating,
  deleting,
  deployKey,
  developer,
  innocent,
  judgeOne,
  type Persona,
  robot,
  type Scene,
  siteAdmin,
} from '../../tests/support/scene.ts';

const checks: Rule = { type: 'required_status_checks', parameters: { strict: false, checks: [{ context: 'ci', app: null }] } };
const notSigned = { signatures: { known: [{ commit: 'c', verified: false, reason: 'unsigned' } as const] } };
const merging = { commits: { known: [{ id: 'm', parents: ['x', 'y'] }] } };
const bad = { ...innocent, ...notSigned, ...merging };

/** Which rule types the scene breaks, and what excuses each of them. */
const waivers = (scene: Scene) => judgeOne(scene).violations.map((one) => [one.type, one.waivedBy?.kind ?? null]);

const everything = [locked, restrictedTo([], true), pullRequestRule, checks, linear, signed];
const open = (rules: readonly Rule[] = everything) => [githubProtection(rules, { enforceAdmins: false })];
const closed = (rules: readonly Rule[] = everything) => [githubProtection(rules)];
const excused = (kind: string | null) =>
  ['lock', 'actor_restriction', 'pull_request', 'required_status_checks', 'required_linear_history', 'required_signatures'].map((type) => [
    type,
    kind,
  ]);

test('an admin whom the protection does not bind passes all of it', () => {
  for (const via of ['api', 'git-http', 'git-ssh'] as const) {
    assert.deepEqual(waivers({ protections: open(), facts: bad, by: admin, via }), excused('admin'));
    assert.equal(judgeOne({ protections: open(), facts: bad, by: admin, via }).result, 'bypass');
  }
  assert.deepEqual(waivers({ protections: open(), facts: bad, by: admin, as: { rung: 50 } }), excused('admin'));
});

test('an admin whom it binds passes nothing', () => {
  assert.deepEqual(waivers({ protections: closed(), facts: bad, by: admin, as: { rung: 50 } }), excused(null));
});

test('no admin passes a force push or a deletion by being one', () => {
  const forced = { protections: open([]), facts: { fastForward: { known: false } }, by: admin };
  assert.deepEqual(waivers(forced), [['non_fast_forward', null]]);
  assert.deepEqual(
    waivers({ protections: open([]), updates: [deleting('refs/heads/main')], repository: { defaultBranch: 'refs/heads/x' }, by: admin }),
    [['deletion', null]],
  );
});

test('only persons are admins: robots, apps and site admins are not, and 35 is not 40', () => {
  const others: Persona[] = [
    robot,
    app,
    { ...siteAdmin, as: { ...siteAdmin.as, rung: 30 } },
    { ...developer, as: { ...developer.as, rung: 35 } },
  ];
  for (const by of others) assert.deepEqual(waivers({ protections: open([linear]), facts: bad, by }), [['required_linear_history', null]]);
});

test('nobody but a deploy key passes as one: a person who pushes by SSH is bound, and no bypass actor of that kind', () => {
  for (const by of [developer, robot]) {
    assert.deepEqual(waivers({ protections: open([linear]), facts: bad, by, via: 'git-ssh' }), [['required_linear_history', null]]);
    const rulesets = [ruleset([pullRequestRule], { bypass: [{ actor: { type: 'deploy-key', id: null }, mode: 'always' }] })];
    assert.deepEqual(waivers({ rulesets, by, via: 'git-ssh' }), [['pull_request', null]]);
  }
});

test('a deploy key that may not write is no bypass actor', () => {
  const bypass: Ruleset['bypass'] = [{ actor: { type: 'deploy-key', id: null }, mode: 'always' }];
  const scene = { rulesets: [ruleset([pullRequestRule], { bypass })], by: deployKey };
  assert.deepEqual(waivers(scene), [['pull_request', 'ruleset_actor']]);
  assert.deepEqual(waivers({ ...scene, as: { keyMayWrite: false } }), [
    ['repository', null],
    ['pull_request', null],
  ]);
});

test('being bound is a matter of each protection, not of all of them', () => {
  const protections = [...open([linear]), githubProtection([pullRequestRule], { id: 2, owner: { organization: 9 } })];
  assert.deepEqual(waivers({ protections, facts: bad, by: admin }), [
    ['required_linear_history', 'admin'],
    ['pull_request', null],
  ]);
});

test('an admin is exempt from nothing of GitLab origin and from no ruleset', () => {
  assert.deepEqual(waivers({ protections: [gitlabProtection([], { enforceAdmins: false })], by: admin }), [['push_access', null]]);
  assert.deepEqual(waivers({ rulesets: [ruleset([pullRequestRule])], by: admin, as: { organizationOwner: true } }), [
    ['pull_request', null],
  ]);
});

test('who is on the bypass list passes the pull request rule of that protection, admins bound or not, and no other rule', () => {
  const rules = [locked, restrictedTo([]), passing(user(11)), checks, linear, signed];
  for (const protections of [closed(rules), open(rules)]) {
    assert.deepEqual(
      waivers({ protections, facts: bad }),
      excused(null).map(([type]) => [type, type === 'pull_request' ? 'allow_list' : null]),
    );
  }
});

test('the bypass list names users, teams with their child teams, and apps', () => {
  const kind = (scene: Scene) =>
    judgeOne({ protections: closed([passing(user(11), user(14), appRow(15), team(7, true))]), ...scene }).violations[0]!.waivedBy?.kind;
  assert.equal(kind({}), 'allow_list');
  assert.equal(kind({ by: robot }), 'allow_list');
  assert.equal(kind({ by: app }), 'allow_list');
  assert.equal(kind({ by: admin }), undefined);
  assert.equal(kind({ by: admin, as: { teams: [7], directTeams: [8] } }), 'allow_list');
  assert.equal(kind({ as: { rung: 20 } }), undefined);
});

test('the bypass list of one protection says nothing about another’s or a ruleset’s pull request rule', () => {
  const protections = [...closed([passing(user(11))]), githubProtection([pullRequestRule], { id: 2, owner: { organization: 9 } })];
  const kinds = waivers({ protections, rulesets: [ruleset([passing(user(11))])] });
  assert.deepEqual(kinds, [
    ['pull_request', 'allow_list'],
    ['pull_request', null],
    ['pull_request', null],
  ]);
});

test('the bypass list counts for an explicit merge and not for one that the server makes later', () => {
  const protections = closed([passing(user(11))]);
  assert.equal(judgeOne({ protections, means: 'merge', via: 'api' }).result, 'bypass');
  assert.equal(judgeOne({ protections, means: 'auto-merge', via: 'server' }).result, 'fail');
});

test('a deploy key passes what does not bind admins, but no lock, force push or deletion', () => {
  assert.deepEqual(
    waivers({ protections: open(), facts: bad, by: deployKey }),
    excused('deploy_key').map(([type, kind]) => [type, type === 'lock' ? null : kind]),
  );
  assert.deepEqual(waivers({ protections: open([]), facts: { fastForward: { known: false } }, by: deployKey }), [
    ['non_fast_forward', null],
  ]);
  assert.deepEqual(waivers({ protections: open([restrictedTo([], true)]), updates: [creating()], by: deployKey }), [
    ['actor_restriction', 'deploy_key'],
  ]);
  assert.equal(judgeOne({ protections: open([linear]), facts: bad, by: deployKey }).result, 'bypass');
});

test('a deploy key passes nothing where admins are bound, where it may not write, or over another door', () => {
  assert.deepEqual(waivers({ protections: closed([linear]), facts: bad, by: deployKey }), [['required_linear_history', null]]);
  const readOnly = judgeOne({ protections: open([linear]), facts: bad, by: deployKey, as: { keyMayWrite: false } });
  assert.deepEqual(
    [readOnly.result, codesOf(readOnly), readOnly.violations[1]!.waivedBy],
    ['fail', ['write_needed', 'merge_commits'], null],
  );
  assert.deepEqual(waivers({ protections: open([linear]), facts: bad, by: deployKey, via: 'api' }), [['required_linear_history', null]]);
});

test('a deploy key dies with its creator’s write access', () => {
  const verdict = judgeOne({ protections: [gitlabProtection([pushBy(keyRow(16))])], by: deployKey, as: { rung: 20 } });
  assert.deepEqual([verdict.result, codesOf(verdict)], ['fail', ['write_needed']]);
});

type Entry = Ruleset['bypass'][number];
const letting = (...bypass: Entry[]) => [ruleset([pullRequestRule], { bypass })];
const always = (type: Entry['actor']['type'], id: number | null): Entry => ({ actor: { type, id }, mode: 'always' });
const outcome = (bypass: Entry, scene: Scene) => judgeOne({ rulesets: letting(bypass), ...scene }).result;

test('a ruleset’s bypass actor passes that ruleset', () => {
  assert.equal(outcome(always('role', 30), {}), 'bypass');
  assert.equal(outcome(always('role', 40), {}), 'fail');
  assert.equal(outcome(always('role', 40), { by: admin }), 'bypass');
  assert.equal(outcome(always('role', 30), { by: robot }), 'fail');
  assert.equal(outcome(always('role', null), { by: admin }), 'fail');
  assert.equal(outcome(always('team', 7), { as: { teams: [7] } }), 'bypass');
  assert.equal(outcome(always('team', 8), { as: { teams: [7] } }), 'fail');
  assert.equal(outcome(always('team', null), { as: { teams: [7] } }), 'fail');
  assert.equal(outcome(always('app', 15), { by: app }), 'bypass');
  assert.equal(outcome(always('app', 15), { by: { ...robot, who: { ...developer.who, id: 15 } as Persona['who'] } }), 'fail');
  assert.equal(outcome(always('app', 14), { by: app }), 'fail');
  assert.equal(outcome(always('organization-admin', null), { as: { organizationOwner: true } }), 'bypass');
  assert.equal(outcome(always('organization-admin', null), { by: admin, as: { rung: 50 } }), 'fail');
  assert.equal(outcome(always('deploy-key', null), { by: deployKey }), 'bypass');
  assert.equal(outcome(always('deploy-key', null), { by: admin }), 'fail');
  assert.equal(outcome(always('deploy-key', null), { by: deployKey, via: 'api' }), 'fail');
  assert.equal(outcome(always('deploy-key', null), { by: deployKey, as: { keyMayWrite: false } }), 'fail');
});

test('a deploy key borrows neither teams nor an organization from its creator, and a robot is no owner', () => {
  const rich = { teams: [7], directTeams: [7], organizationOwner: true };
  for (const actor of [always('team', 7), always('organization-admin', null), always('role', 30)])
    assert.equal(outcome(actor, { by: deployKey, as: rich }), 'fail', actor.actor.type);
  assert.equal(outcome(always('organization-admin', null), { by: robot, as: rich }), 'fail');
});

test('a bypass actor of one ruleset passes no other', () => {
  const rulesets = [...letting(always('role', 30)), ruleset([linear], { id: 101 })];
  assert.deepEqual(waivers({ rulesets, facts: bad }), [
    ['pull_request', 'ruleset_actor'],
    ['required_linear_history', null],
  ]);
});

test('a bypass actor of a ruleset passes no protection', () => {
  const scene: Scene = { rulesets: letting(always('role', 30)), protections: closed([linear]), facts: bad };
  assert.deepEqual(waivers(scene), [
    ['required_linear_history', null],
    ['pull_request', 'ruleset_actor'],
  ]);
});

test('the mode pull_request passes merges by API, and nothing else', () => {
  const byMerge: Entry = { actor: { type: 'role', id: 30 }, mode: 'pull_request' };
  assert.equal(outcome(byMerge, { means: 'merge', via: 'api' }), 'bypass');
  assert.equal(outcome(byMerge, { means: 'contents', via: 'api' }), 'fail');
  assert.equal(outcome(byMerge, { means: 'auto-merge', via: 'api' }), 'fail');
  assert.equal(outcome(byMerge, { means: 'push' }), 'fail');
  assert.equal(outcome(byMerge, { means: 'merge', via: 'git-http' }), 'fail');
  assert.equal(outcome({ ...byMerge, actor: { type: 'role', id: 40 } }, { means: 'merge', via: 'api' }), 'fail');
});

test('the strongest of an actor’s entries counts, and the record names its mode', () => {
  const rulesets = letting({ actor: { type: 'role', id: 30 }, mode: 'pull_request' }, always('team', 7));
  assert.deepEqual(judgeOne({ rulesets, as: { teams: [7] }, means: 'merge', via: 'api' }).violations[0]!.waivedBy, {
    kind: 'ruleset_actor',
    mode: 'always',
  });
  assert.deepEqual(judgeOne({ rulesets, means: 'merge', via: 'api' }).violations[0]!.waivedBy, {
    kind: 'ruleset_actor',
    mode: 'pull_request',
  });
});

test('who is exempt from a ruleset is not judged by it, and the record names it', () => {
  const rulesets = [...letting({ actor: { type: 'role', id: 30 }, mode: 'exempt' }), ruleset([linear], { id: 101 })];
  for (const via of ['api', 'git-http', 'git-ssh'] as const) {
    const { result, exemptRulesets, violations } = judgeOne({ rulesets, via });
    assert.deepEqual([result, exemptRulesets, violations], ['pass', [100], []]);
  }
  assert.deepEqual(judgeOne({ rulesets, by: robot }).exemptRulesets, []);
  assert.equal(judgeOne({ rulesets, facts: bad }).result, 'fail');
});

test('an exemption spares its own ruleset only', () => {
  const { result, exemptRulesets } = judgeOne({
    rulesets: letting({ actor: { type: 'role', id: 30 }, mode: 'exempt' }),
    protections: closed([pullRequestRule]),
  });
  assert.deepEqual([result, exemptRulesets], ['fail', [100]]);
});

const waiving: [what: string, scene: Scene][] = [
  ['an admin’s exemption', { by: admin, protections: open([pullRequestRule]) }],
  ['a bypass list', { protections: closed([passing(user(11))]) }],
  ['a ruleset’s bypass actor', { rulesets: letting(always('role', 30)) }],
  [
    'a ruleset’s bypass actor for merges',
    { rulesets: letting({ actor: { type: 'role', id: 30 }, mode: 'pull_request' }), means: 'merge', via: 'api' },
  ],
  ['a ruleset’s exemption', { rulesets: letting({ actor: { type: 'role', id: 30 }, mode: 'exempt' }) }],
];

for (const [what, scene] of waiving) {
  test(`${what} counts neither in the browser nor for the server, nor for somebody acting as another`, () => {
    assert.notEqual(judgeOne(scene).result, 'fail');
    for (const change of [{ via: 'web' }, { via: 'server' }, { sudoBy: 13 }] as const) {
      const verdict = judgeOne({ ...scene, ...change });
      assert.deepEqual([verdict.result, verdict.exemptRulesets, codesOf(verdict)], ['fail', [], ['pull_request_required']]);
      assert.equal(verdict.violations[0]!.waivedBy, null);
    }
  });
}

test('grants count everywhere: being listed is no waiver', () => {
  const protections = [githubProtection([restrictedTo([user(11)])]), gitlabProtection([pushBy(role(30))], { id: 2 })];
  for (const via of ['web', 'server', 'api'] as const) assert.equal(judgeOne({ protections, via }).result, 'pass');
  assert.equal(judgeOne({ protections, sudoBy: 13 }).result, 'pass');
});

test('what nobody may do, nobody passes', () => {
  const verdict = judgeOne({ protections: open([]), by: admin, as: { rung: 50 }, repository: { archived: true } });
  assert.deepEqual([verdict.result, codesOf(verdict), verdict.violations[0]!.waivedBy], ['fail', ['archived'], null]);
});
