import assert from 'node:assert/strict';
import { test } from 'node:test';
import { githubProtection, gitlabProtection, pushBy, role, ruleset } from '../../tests/support/rules.ts';
import {
  admin,
  codesOf,
  creating,
  deleting,
  deployKey,
  elevated,
  judge,
  judgeOne,
  main,
  moving,
  type Scene,
  siteAdmin,
} from '../../tests/support/scene.ts';

const codes = (scene: Scene) => codesOf(judgeOne(scene));
const free = 'refs/heads/free';

test('writing takes rung 30, or it is refused whatever the rules say', () => {
  for (const rung of [0, 10, 20, 25] as const) assert.deepEqual(codes({ as: { rung } }), ['write_needed']);
  for (const rung of [30, 35, 40, 50] as const) assert.deepEqual(codes({ as: { rung } }), []);
  assert.deepEqual(codes({ as: { rung: 25 }, protections: [gitlabProtection([pushBy(role(30))])] }), ['write_needed', 'push_not_allowed']);
});

test('a credential or an owner that counts no more writes nothing, and the reason is told', () => {
  const verdict = judgeOne({ by: admin, as: { dead: 'the token was revoked' } });
  assert.deepEqual([codesOf(verdict), verdict.violations[0]!.values], [['credential_dead'], { why: 'the token was revoked' }]);
});

test('a deploy key that may only read writes nothing, whatever its creator may', () => {
  assert.deepEqual(codes({ by: deployKey, as: { keyMayWrite: false, rung: 50, siteAdmin: true } }), ['write_needed']);
  assert.deepEqual(codes({ by: deployKey }), []);
});

test('a site admin without a membership writes where nothing protects', () => {
  assert.deepEqual(codes({ by: siteAdmin }), []);
  assert.deepEqual(codes({ by: siteAdmin, protections: [githubProtection([])] }), ['write_needed']);
  assert.deepEqual(codes({ by: siteAdmin, rulesets: [ruleset([])] }), ['write_needed']);
  assert.deepEqual(codes({ by: siteAdmin, updates: [moving(free)], protections: [githubProtection([])] }), []);
});

test('a site admin without a membership writes where GitLab’s push list names site admins', () => {
  assert.deepEqual(codes({ by: siteAdmin, protections: [gitlabProtection([pushBy(role(60))])] }), []);
  assert.deepEqual(codes({ by: siteAdmin, protections: [gitlabProtection([pushBy(role(30))])] }), ['push_not_allowed']);
  assert.deepEqual(codes({ by: siteAdmin, protections: [gitlabProtection([pushBy(role(60))]), githubProtection([], { id: 2 })] }), [
    'write_needed',
  ]);
});

test('an archived repository takes nothing from anybody, the server included', () => {
  assert.deepEqual(codes({ by: admin, repository: { archived: true } }), ['archived']);
  assert.deepEqual(codes({ via: 'server', means: 'landing', repository: { archived: true } }), ['archived']);
});

test('reserved refs are written by the server alone', () => {
  for (const refName of ['refs/pull/1/head', 'refs/merge-requests/1/head', 'refs/sallyport/fence', 'refs/keep-around/x']) {
    for (const via of ['web', 'api', 'git-http', 'git-ssh'] as const)
      assert.deepEqual(codes({ updates: [creating(refName)], via, by: admin }), ['reserved_ref']);
    assert.deepEqual(codes({ updates: [creating(refName)], via: 'server' }), []);
  }
  assert.deepEqual(codes({ updates: [creating('refs/pullx/1')] }), []);
});

test('the default branch is never deleted; only a rename takes it along', () => {
  assert.deepEqual(codes({ updates: [deleting()], by: admin }), ['default_branch_deletion']);
  assert.deepEqual(codes({ updates: [deleting()], by: admin, via: 'server' }), ['default_branch_deletion']);
  assert.deepEqual(codes({ updates: [deleting()], by: admin, via: 'api', means: 'rename' }), []);
  assert.deepEqual(codes({ updates: [deleting(free)] }), []);
  assert.deepEqual(codes({ updates: [deleting(free)], repository: { defaultBranch: free } }), ['default_branch_deletion']);
});

test('a new branch may not look like an object id; an old one may go', () => {
  const odd = `refs/heads/${'0123456789ABCDEFabcd'.repeat(2)}-fix`;
  assert.deepEqual(codes({ updates: [creating(odd)] }), ['branch_name_is_id']);
  assert.deepEqual(codes({ updates: [deleting(odd)] }), []);
  assert.deepEqual(codes({ updates: [moving(odd)] }), []);
  assert.deepEqual(codes({ updates: [creating(`refs/tags/${'a'.repeat(40)}`)] }), []);
  assert.deepEqual(codes({ updates: [creating(`refs/heads/${'a'.repeat(39)}`)] }), []);
});

test('every reason is told, and each refuses its own ref only', () => {
  const verdict = judge({ updates: [deleting(), moving(free)], as: { rung: 20, dead: 'expired' }, repository: { archived: true } });
  assert.deepEqual(codesOf(verdict.refs[0]!), ['credential_dead', 'write_needed', 'archived', 'default_branch_deletion']);
  const half = judge({ updates: [deleting(), moving(free)] });
  assert.deepEqual([half.wholePushRefused, half.refs.map((ref) => ref.result)], [false, ['fail', 'pass']]);
});

test('nothing of it is ever excused', () => {
  const mighty = {
    by: admin,
    as: { rung: 50 },
    standing: { elevated: elevated({ ruleTypes: ['repository'], grantedBy: 'operator' }) },
  } as const;
  const verdict = judgeOne({ ...mighty, updates: [deleting(main)], repository: { archived: true } });
  assert.equal(verdict.result, 'fail');
  assert.ok(verdict.violations.every((one) => one.waivedBy === null && !one.waivable && one.sources[0].kind === 'repository'));
});
