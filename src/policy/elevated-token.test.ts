import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BypassBounds } from '#model/bypass-bounds.ts';
import type { GranterStanding } from '#model/facts.ts';
import type { Rule } from '#model/protection.ts';
import type { Shortfall } from '#model/verdict.ts';
import {
  githubProtection,
  gitlabProtection,
  linear,
  locked,
  passing,
  pullRequestRule,
  restrictedTo,
  role,
  ruleset,
  user,
} from '../../tests/support/rules.ts';
import {
  actorIn,
  admin,
  app,
  bookIn,
  codesOf,
  creating,
  deleting,
  elevated,
  innocent,
  judgeOne,
  moving,
  noon,
  robot,
  type Scene,
  standingIn,
} from '../../tests/support/scene.ts';
import { decide } from './decide.ts';

const holding = (bounds: Partial<BypassBounds> = {}, granter: Partial<GranterStanding> = {}) => ({
  standing: { elevated: elevated(bounds, granter), bypassReason: null },
});
const review: Scene = { protections: [githubProtection([pullRequestRule])] };

/** What the token of this scene fell short of; empty: it waived the violation. */
function fellShort(scene: Scene): readonly Shortfall[] {
  const { violations, result } = judgeOne(scene);
  assert.equal(violations.length, 1);
  const [{ waivedBy, tokenFellShort }] = violations as [(typeof violations)[0]];
  assert.equal(waivedBy?.kind === 'elevated_token', tokenFellShort.length === 0);
  assert.equal(result, tokenFellShort.length === 0 ? 'bypass' : 'fail');
  return tokenFellShort;
}

test('a token within all its bounds passes, by API and by git over HTTP', () => {
  for (const via of ['api', 'git-http'] as const) assert.deepEqual(fellShort({ ...review, ...holding(), via }), []);
  for (const by of [robot, app]) assert.deepEqual(fellShort({ ...review, ...holding(), by }), []);
});

test('a token passes where admins are bound: that is what it is for', () => {
  assert.deepEqual(fellShort({ protections: [githubProtection([pullRequestRule], { enforceAdmins: true })], ...holding(), by: admin }), []);
});

test('without such a token there is nothing that could fall short', () => {
  const [violation] = judgeOne(review).violations;
  assert.deepEqual([violation!.waivedBy, violation!.tokenFellShort], [null, []]);
});

const bounds: [what: string, scene: Scene, shortfall: Shortfall][] = [
  ['over the browser', { ...holding(), via: 'web' }, 'via'],
  ['for the server', { ...holding(), via: 'server' }, 'via'],
  ['over SSH', { ...holding(), via: 'git-ssh' }, 'via'],
  ['for somebody acting as another', { ...holding(), sudoBy: 13 }, 'sudo'],
  ['once it has expired', holding({ expiresAt: noon - 1 }), 'expired'],
  ['at the moment it expires', holding({ expiresAt: noon }), 'expired'],
  ['in another repository', holding({ repositories: [2, 3] }), 'repository'],
  ['in no repository', holding({ repositories: [] }), 'repository'],
  ['on another ref', holding({ refs: ['refs/heads/release/*', 'main'] }), 'ref'],
  ['on no ref', holding({ refs: [] }), 'ref'],
  ['for another operation', holding({ operations: ['merge', 'force-push', 'create', 'delete'] }), 'operation'],
  ['for another rule type', holding({ ruleTypes: ['required_linear_history', 'lock'] }), 'rule_type'],
  ['for other paths', holding({ paths: ['docs/**/*'] }), 'paths'],
  ['for no paths', holding({ paths: [] }), 'paths'],
  ['when its granter is gone', holding({}, { active: false }), 'granter'],
  ['when its granter may not edit the rules any more', holding({}, { rung: 35 }), 'granter'],
];

for (const [what, scene, shortfall] of bounds) {
  test(`a token passes nothing ${what}`, () => {
    assert.deepEqual(fellShort({ ...review, ...scene }), [shortfall]);
  });
}

test('everything that a token falls short of is named', () => {
  const scene = {
    ...review,
    ...holding({ repositories: [], refs: [], operations: [], ruleTypes: [], paths: [], expiresAt: 0 }, { rung: 0 }),
  };
  assert.deepEqual(fellShort({ ...scene, via: 'git-ssh', sudoBy: 13 }), [
    'via',
    'sudo',
    'expired',
    'repository',
    'ref',
    'operation',
    'rule_type',
    'paths',
    'granter',
  ]);
});

test('a token for all repositories passes in this one', () => {
  assert.deepEqual(fellShort({ ...review, ...holding({ repositories: 'all' }) }), []);
});

test('ref bounds are patterns over full names', () => {
  assert.deepEqual(fellShort({ ...review, ...holding({ refs: ['refs/heads/m*'] }) }), []);
  const deep = { updates: [moving('refs/heads/a/b')], protections: [githubProtection([pullRequestRule], { pattern: 'a/b' })] };
  assert.deepEqual(fellShort({ ...deep, ...holding({ refs: ['refs/heads/*'] }) }), ['ref']);
  assert.deepEqual(fellShort({ ...deep, ...holding({ refs: ['refs/heads/*', 'refs/heads/**/*'] }) }), []);
});

test('whoever may not write passes nothing by a token', () => {
  for (const as of [{ rung: 25 }, { dead: 'the token was revoked' }] as const) {
    const verdict = judgeOne({ ...review, ...holding(), as });
    assert.equal(verdict.result, 'fail');
    assert.equal(verdict.violations[0]!.type, 'repository');
    assert.equal(verdict.violations[0]!.waivedBy, null);
  }
});

const forced = { facts: { fastForward: { known: false } }, protections: [githubProtection([])] };
const gone: Scene = {
  updates: [deleting('refs/heads/main')],
  repository: { defaultBranch: 'refs/heads/x' },
  protections: [githubProtection([])],
};
const born: Scene = { updates: [creating()], protections: [githubProtection([restrictedTo([], true)])] };

test('naming an operation waives its own rule types, and only where it is that operation', () => {
  assert.deepEqual(fellShort({ ...forced, ...holding({ operations: ['force-push'], ruleTypes: [] }) }), []);
  assert.deepEqual(fellShort({ ...gone, ...holding({ operations: ['delete'], ruleTypes: [] }) }), []);
  assert.deepEqual(fellShort({ ...born, ...holding({ operations: ['create'], ruleTypes: [] }) }), []);
  const restricted = { protections: [githubProtection([restrictedTo([])])] };
  assert.deepEqual(fellShort({ ...restricted, ...holding({ operations: ['update', 'create'], ruleTypes: [] }) }), ['rule_type']);
});

test('an operation that is not named waives nothing, its own rule types neither', () => {
  assert.deepEqual(fellShort({ ...forced, ...holding({ operations: ['update'], ruleTypes: [] }) }), ['operation', 'rule_type']);
  assert.deepEqual(fellShort({ ...gone, ...holding({ operations: ['create'], ruleTypes: [] }) }), ['operation', 'rule_type']);
});

test('a token bound to paths passes nothing while nobody looked at the paths', () => {
  const { paths: _, ...unseen } = innocent;
  const push = { updates: [moving()], means: 'push' } as const;
  const scene = { ...review, ...holding({ paths: ['**/*'] }) };
  for (const paths of [{}, { paths: { unknown: 'no disk' } }]) {
    const verdict = decide(push, { refs: [{ ...unseen, ...paths }], standing: standingIn(scene) }, bookIn(scene), actorIn(scene), noon);
    assert.deepEqual(
      verdict.refs[0]!.violations.map((one) => one.tokenFellShort),
      [['paths']],
    );
  }
});

test('naming an operation waives no other rule that it breaks', () => {
  const both = judgeOne({
    ...forced,
    protections: [githubProtection([pullRequestRule])],
    ...holding({ operations: ['force-push'], ruleTypes: [] }),
  });
  assert.deepEqual(
    both.violations.map((one) => [one.type, one.tokenFellShort]),
    [
      ['non_fast_forward', []],
      ['pull_request', ['rule_type']],
    ],
  );
});

test('naming a rule type adds no operation', () => {
  assert.deepEqual(fellShort({ ...forced, ...holding({ operations: ['update', 'merge'], ruleTypes: ['non_fast_forward'] }) }), [
    'operation',
  ]);
  assert.deepEqual(fellShort({ ...gone, ...holding({ operations: ['update', 'merge'], ruleTypes: ['deletion'] }) }), ['operation']);
  assert.deepEqual(fellShort({ ...born, ...holding({ operations: ['update', 'merge'] }) }), ['operation']);
});

test('a merge is an operation of its own', () => {
  const merge = { ...review, means: 'merge', via: 'api' } as const;
  assert.deepEqual(fellShort({ ...merge, ...holding({ operations: ['update'] }) }), ['operation']);
  assert.deepEqual(fellShort({ ...merge, ...holding({ operations: ['merge'] }) }), []);
});

test('an operation that nobody could find out is none that a token names', () => {
  const verdict = judgeOne({ ...review, ...holding(), facts: { fastForward: { unknown: 'no disk' } } });
  assert.deepEqual(
    verdict.violations.map((one) => [one.code, one.waivedBy, one.tokenFellShort]),
    [
      ['not_determined', null, []],
      ['pull_request_required', null, ['operation']],
    ],
  );
});

const touching = (...paths: string[]) => ({ facts: { paths: { known: paths.map((path) => ({ commit: 'c', path })) } } });

test('a path bound covers every path of every commit', () => {
  const docs = holding({ paths: ['docs/**/*', 'README.md'] });
  assert.deepEqual(fellShort({ ...review, ...docs, ...touching('docs/a', 'docs/b/c.md', 'README.md') }), []);
  assert.deepEqual(fellShort({ ...review, ...docs, ...touching('docs/a', 'src/README.md') }), ['paths']);
  assert.deepEqual(fellShort({ ...review, ...docs, ...touching('docs/.hidden') }), ['paths']);
  assert.deepEqual(fellShort({ ...review, ...docs, ...touching() }), []);
});

test('with a path bound, paths that nobody could read or gather and deletions are outside it', () => {
  const all = { paths: ['**/*'] };
  assert.deepEqual(fellShort({ ...review, ...holding(all), facts: { paths: { unknown: 'no disk' } } }), ['paths']);
  assert.deepEqual(fellShort({ ...gone, ...holding(all) }), ['paths']);
  assert.deepEqual(fellShort({ ...born, ...holding(all) }), []);
});

const native = (changes: { demandsReason?: boolean; acceptsElevated?: boolean }): Scene => ({
  protections: [githubProtection([pullRequestRule], { native: { demandsReason: false, acceptsElevated: true, ...changes } })],
});

test('a protection that accepts no elevated token is passed by none', () => {
  assert.deepEqual(fellShort({ ...native({ acceptsElevated: false }), ...holding() }), ['not_accepted']);
});

test('a protection that demands a reason is passed with one', () => {
  assert.deepEqual(fellShort({ ...native({ demandsReason: true }), ...holding() }), ['reason_demanded']);
  const { elevated: token } = holding().standing;
  assert.deepEqual(fellShort({ ...native({ demandsReason: true }), standing: { elevated: token, bypassReason: 'outage' } }), []);
});

test('united protections of GitLab origin are passed only by what satisfies each of them', () => {
  const on = (changes: object) => [gitlabProtection([], { id: 1 }), gitlabProtection([], { id: 2, pattern: '*', ...changes })];
  assert.deepEqual(fellShort({ protections: on({}), ...holding() }), []);
  assert.deepEqual(fellShort({ protections: on({ native: { demandsReason: false, acceptsElevated: false } }), ...holding() }), [
    'not_accepted',
  ]);
  assert.deepEqual(fellShort({ protections: on({ native: { demandsReason: true, acceptsElevated: true } }), ...holding() }), [
    'reason_demanded',
  ]);
  assert.deepEqual(fellShort({ protections: on({ manage: [user(99)] }), ...holding() }), ['granter']);
  assert.deepEqual(fellShort({ protections: on({ manage: [user(21)] }), ...holding() }), []);
});

test('a token waives only what its granter could edit at this moment', () => {
  const unprotect = { protections: [gitlabProtection([], { manage: [role(60)] })] };
  assert.deepEqual(fellShort({ ...unprotect, ...holding({}, { rung: 50 }) }), ['granter']);
  assert.deepEqual(fellShort({ ...unprotect, ...holding({}, { rung: 0, siteAdmin: true }) }), []);
  const ofOrganization = { protections: [gitlabProtection([], { owner: { organization: 9 } })] };
  assert.deepEqual(fellShort({ ...ofOrganization, ...holding({}, { rung: 50 }) }), ['granter']);
  assert.deepEqual(fellShort({ ...ofOrganization, ...holding({}, { rung: 0, organizationOwner: true }) }), []);
});

test('rulesets are the granter’s to edit alike', () => {
  const own: Scene = { rulesets: [ruleset([pullRequestRule])] };
  assert.deepEqual(fellShort({ ...own, ...holding() }), []);
  assert.deepEqual(fellShort({ ...own, ...holding({}, { rung: 35 }) }), ['granter']);
  const ofOrganization: Scene = { rulesets: [ruleset([pullRequestRule], { owner: { organization: 9 } })] };
  assert.deepEqual(fellShort({ ...ofOrganization, ...holding() }), ['granter']);
  assert.deepEqual(fellShort({ ...ofOrganization, ...holding({}, { organizationOwner: true }) }), []);
});

test('what the operator’s command line granted asks for nobody’s rights', () => {
  const nobody = { active: false, rung: 0, userId: null } as const;
  for (const owner of [{ repository: 1 }, { organization: 9 }])
    assert.deepEqual(
      fellShort({ protections: [gitlabProtection([], { owner, manage: [role(60)] })], ...holding({ grantedBy: 'operator' }, nobody) }),
      [],
    );
});

test('a token that waives one violation and not another passes nothing', () => {
  const rules: Rule[] = [pullRequestRule, locked];
  const verdict = judgeOne({ protections: [githubProtection(rules)], ...holding() });
  assert.deepEqual(
    [verdict.result, verdict.violations.map((one) => [one.type, one.tokenFellShort])],
    [
      'fail',
      [
        ['lock', ['rule_type']],
        ['pull_request', []],
      ],
    ],
  );
});

test('where a standing waiver helps, the token is not mentioned', () => {
  const { violations } = judgeOne({ protections: [githubProtection([passing(user(11))])], ...holding({ refs: [] }) });
  assert.deepEqual([violations[0]!.waivedBy, violations[0]!.tokenFellShort], [{ kind: 'allow_list' }, []]);
});

test('the token waives what a merge or an unsigned commit breaks in GitLab’s and GitHub’s terms at once', () => {
  const facts = { commits: { known: [{ id: 'm', parents: ['x', 'y'] }] } };
  const verdict = judgeOne({ protections: [githubProtection([linear]), gitlabProtection([], { id: 2 })], facts, ...holding() });
  assert.deepEqual([verdict.result, codesOf(verdict)], ['bypass', ['merge_commits', 'push_not_allowed']]);
});
