import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Protection } from '#model/protection.ts';
import {
  githubProtection,
  gitlabProtection,
  linear,
  locked,
  mergeBy,
  pushBy,
  restrictedTo,
  role,
  signed,
  user,
} from '../../tests/support/rules.ts';
import { admin, codesOf, deleting, developer, judge, judgeOne, main, moving } from '../../tests/support/scene.ts';
import { effectiveSources, isProtectedBranch, type RuleBook, selectOne } from './combine.ts';

const organization = { owner: { organization: 9 } } as const;
const forceAllowed = { type: 'non_fast_forward', parameters: { allowed: true } };

/** Ids of the protections and rulesets that are in force, one list for each that has to be satisfied on its own. */
function inForce(book: Partial<RuleBook>, refName = main): number[][] {
  const sources = effectiveSources({ protections: [], rulesets: [], ...book }, refName, main);
  return sources.map(({ protections, ruleset }) => (ruleset ? [ruleset.id] : protections.map((one) => one.id)));
}

const named = (id: number, pattern: string, changes: Partial<Protection> = {}): Protection =>
  githubProtection([], { id, pattern, ...changes });
const inGitlab = (id: number, pattern: string, changes: Partial<Protection> = {}): Protection =>
  gitlabProtection([], { id, pattern, ...changes });

test('GitHub: the exact name wins over every pattern, however old', () => {
  assert.deepEqual(inForce({ protections: [named(1, '*'), named(2, 'mai[n]'), named(3, 'main')] }), [[3]]);
});

test('GitHub: without an exact name the oldest matching pattern is in force, in whatever order they come', () => {
  assert.deepEqual(inForce({ protections: [named(5, 'm*'), named(2, 'x*'), named(4, 'ma*'), named(9, '*')] }), [[4]]);
});

test('GitHub: the one in force may ask for less than the ones behind it', () => {
  const protections = [githubProtection([locked], { id: 1, pattern: '*' }), githubProtection([], { id: 2 })];
  assert.equal(judgeOne({ protections }).result, 'pass');
});

test('a pattern covers branches in its own grammar, and nothing but branches', () => {
  assert.deepEqual(inForce({ protections: [named(1, 'a/*'), inGitlab(2, 'a/*')] }, 'refs/heads/a/b/c'), [[2]]);
  assert.deepEqual(inForce({ protections: [named(1, 'Main'), inGitlab(2, 'Main')] }), []);
  assert.deepEqual(inForce({ protections: [named(1, '**/*'), inGitlab(2, '*')] }, 'refs/tags/main'), []);
  assert.deepEqual(inForce({ protections: [named(1, '**/*'), inGitlab(2, '*')] }, 'refs/notes/main'), []);
});

test('GitHub: an exact name of the repository does not take the place of its organization’s pattern', () => {
  const protections = [githubProtection([], { id: 2 }), githubProtection([locked], { id: 1, pattern: '*', ...organization })];
  assert.deepEqual(inForce({ protections }), [[2], [1]]);
  assert.deepEqual(codesOf(judgeOne({ protections })), ['locked']);
});

test('GitLab: every match of a level is united, each level and each origin stands for itself', () => {
  const protections = [inGitlab(1, 'main'), inGitlab(2, 'm*'), inGitlab(3, '*', organization), named(4, 'main'), inGitlab(5, 'x*')];
  assert.deepEqual(inForce({ protections }), [[4], [1, 2], [3]]);
});

test('GitLab: one may push whom any of the protections lets in; nobody’s row is no veto', () => {
  const protections = [
    gitlabProtection([pushBy(role(0))], { id: 1 }),
    gitlabProtection([pushBy(user(99))], { id: 2, pattern: 'm*' }),
    gitlabProtection([pushBy(user(11))], { id: 3, pattern: '*' }),
  ];
  assert.equal(judgeOne({ protections }).result, 'pass');
  assert.equal(judgeOne({ protections, by: admin }).result, 'fail');
});

test('GitLab: merging is united alike', () => {
  const protections = [gitlabProtection([], { id: 1 }), gitlabProtection([mergeBy(user(11))], { id: 2, pattern: '*' })];
  assert.equal(judgeOne({ protections, means: 'merge', via: 'api' }).result, 'pass');
  assert.deepEqual(codesOf(judgeOne({ protections: [protections[0]!], means: 'merge', via: 'api' })), ['merge_not_allowed']);
});

test('GitLab: the push comes from one protection and the right to force it from another', () => {
  const facts = { fastForward: { known: false } };
  const protections = [gitlabProtection([pushBy(role(30))], { id: 1 }), gitlabProtection([forceAllowed], { id: 2, pattern: '*' })];
  assert.equal(judgeOne({ protections, facts }).result, 'pass');
  assert.deepEqual(codesOf(judgeOne({ protections: [protections[0]!], facts })), ['force_push']);
  assert.deepEqual(codesOf(judgeOne({ protections: [protections[1]!], facts })), ['push_not_allowed']);
});

test('GitLab: demands add, in whatever order they were made', () => {
  const pushersDelete = { type: 'deletion', parameters: { allowed: 'pushers' } };
  const open = gitlabProtection([pushBy(role(30)), pushersDelete], { id: 1 });
  const usual = gitlabProtection([], { id: 2, pattern: '*' });
  const delete1 = { updates: [deleting('refs/heads/main')], repository: { defaultBranch: 'refs/heads/trunk' }, via: 'api' } as const;
  assert.equal(judgeOne({ ...delete1, protections: [open] }).result, 'pass');
  for (const protections of [
    [open, usual],
    [usual, open],
  ])
    assert.deepEqual(codesOf(judgeOne({ ...delete1, protections })), ['deletion_needs_maintainer']);
});

test('GitLab: a demand that several protections make alike is reported once, with all of them', () => {
  const protections = [inGitlab(1, 'main'), inGitlab(2, '*')];
  const [violation] = judgeOne({
    protections,
    updates: [deleting()],
    repository: { defaultBranch: 'refs/heads/trunk' },
    by: admin,
  }).violations;
  assert.equal(violation!.code, 'deletion_not_by_git');
  assert.deepEqual(violation!.sources, [
    { kind: 'protection', id: 1, version: 1, origin: 'gitlab', pattern: 'main' },
    { kind: 'protection', id: 2, version: 1, origin: 'gitlab', pattern: '*' },
  ]);
});

test('GitLab: the organization’s protections are a floor that the repository’s cannot widen', () => {
  const project = gitlabProtection([pushBy(role(30))], { id: 1 });
  const group = gitlabProtection([pushBy(role(40))], { id: 2, ...organization });
  assert.deepEqual(codesOf(judgeOne({ protections: [project, group] })), ['push_not_allowed']);
  assert.deepEqual(codesOf(judgeOne({ protections: [group, project] })), ['push_not_allowed']);
  assert.equal(judgeOne({ protections: [project, group], by: admin }).result, 'pass');
  assert.deepEqual(codesOf(judgeOne({ protections: [gitlabProtection([], { id: 1 }), group], by: admin })), ['push_not_allowed']);
});

test('both origins have to agree', () => {
  const open = gitlabProtection([pushBy(user(11))], { id: 2 });
  assert.deepEqual(codesOf(judgeOne({ protections: [githubProtection([restrictedTo([user(99)])]), open] })), ['not_listed']);
  const closed = gitlabProtection([], { id: 2 });
  assert.deepEqual(codesOf(judgeOne({ protections: [githubProtection([restrictedTo([user(11)])]), closed] })), ['push_not_allowed']);
});

test('being let in by one origin does not excuse what the other demands', () => {
  const protections = [githubProtection([signed, linear]), gitlabProtection([pushBy(user(11))], { id: 2 })];
  const facts = {
    commits: { known: [{ id: 'm', parents: ['x', 'y'] }] },
    signatures: { known: [{ commit: 'm', verified: false, reason: 'no' } as const] },
  };
  assert.deepEqual(codesOf(judgeOne({ protections, facts })), ['merge_commits', 'unverified_commits']);
});

test('what covers one ref of a push says nothing about the others', () => {
  const protections = [githubProtection([locked])];
  const { refs } = judge({ protections, updates: [moving(), moving('refs/heads/free')] });
  assert.deepEqual(
    refs.map((ref) => ref.result),
    ['fail', 'pass'],
  );
});

test('a branch is protected when anything that refuses covers it', () => {
  const only = (book: Partial<RuleBook>) => isProtectedBranch({ protections: [], rulesets: [], ...book }, 'main', main);
  assert.equal(only({}), false);
  assert.equal(only({ protections: [named(1, 'm*')] }), true);
  assert.equal(only({ protections: [inGitlab(1, 'm*')] }), true);
  assert.equal(only({ protections: [named(1, 'x*')] }), false);
});

test('selecting among none selects none', () => {
  assert.equal(selectOne([]), null);
});

test('a verdict names the version of the rules it was made by', () => {
  const [violation] = judgeOne({ protections: [githubProtection([locked], { id: 4, version: 7 })], by: developer }).violations;
  assert.deepEqual(violation!.sources, [{ kind: 'protection', id: 4, version: 7, origin: 'github', pattern: 'main' }]);
});
