import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FactKind } from '#model/facts.ts';
import { circumstances, factsLockedAway, knownFacts, type Question } from '../../tests/support/ask.ts';
import {
  allRuleExamples,
  githubProtection,
  gitlabProtection,
  linear,
  locked,
  pullRequestRule,
  pushBy,
  restrictedTo,
  role,
  ruleset,
  signed,
} from '../../tests/support/rules.ts';
import {
  actorIn,
  admin,
  bookIn,
  creating,
  deleting,
  deployKey,
  developer,
  elevated,
  moving,
  noon,
  oldTip,
  pushIn,
  type Scene,
  standingIn,
} from '../../tests/support/scene.ts';
import { neededFacts } from './needed-facts.ts';
import { allRules } from './rules/index.ts';

const needed = (scene: Scene): FactKind[][] =>
  neededFacts(pushIn(scene), standingIn(scene), bookIn(scene), actorIn(scene), noon).map((set) => [...set].sort());

const questions: Question[] = (['github', 'gitlab', 'ruleset'] as const).flatMap((home) =>
  [moving(), creating(), deleting()].flatMap((update) =>
    (['push', 'merge', 'fork-sync'] as const).flatMap((means) =>
      [developer, admin, deployKey].map((by) => ({ home, update, means, by, beside: [restrictedTo([], true), pushBy(role(40))] })),
    ),
  ),
);

for (const rule of allRules) {
  test(`${rule.type}: what it needs to know is exactly what it looks at`, () => {
    const looked = new Set<FactKind>();
    for (const parameters of allRuleExamples[rule.type]!) {
      for (const question of questions.filter(({ home }) => rule.homes.includes(home!))) {
        const about = circumstances(rule, question);
        if (!rule.concerns(factsLockedAway(about, []), parameters)) continue;
        rule.letInBy?.(factsLockedAway(about, []), parameters);
        rule.violations(
          factsLockedAway({ ...about, ...knownFacts() }, rule.needs, (kind) => looked.add(kind)),
          parameters,
        );
      }
    }
    assert.deepEqual([...looked].sort(), [...rule.needs].sort());
  });
}

test('where nothing covers the ref, nothing is asked', () => {
  assert.deepEqual(needed({}), [[]]);
  assert.deepEqual(needed({ standing: { elevated: elevated({ paths: ['docs/*'] }) } }), [[]]);
  assert.deepEqual(needed({ protections: [githubProtection([linear, signed])], updates: [moving('refs/heads/free')] }), [[]]);
});

test('an update that changes nothing asks nothing', () => {
  assert.deepEqual(
    needed({ protections: [githubProtection([linear])], updates: [{ refName: 'refs/heads/main', oldId: null, newId: null }] }),
    [[]],
  );
});

test('each ref asks what its own rules need', () => {
  const protections = [githubProtection([linear]), githubProtection([signed], { id: 2, pattern: 'free' })];
  assert.deepEqual(needed({ protections, updates: [moving('refs/heads/free'), deleting(), moving(), creating()] }), [
    ['fastForward', 'signatures'],
    [],
    ['commits', 'fastForward'],
    ['commits'],
  ]);
});

test('an update of a covered ref always asks what it is: bounds and records name the operation', () => {
  const forceAllowed = { type: 'non_fast_forward', parameters: { allowed: true } };
  assert.deepEqual(needed({ protections: [githubProtection([forceAllowed, locked])] }), [['fastForward']]);
  assert.deepEqual(needed({ rulesets: [ruleset([pullRequestRule])] }), [['fastForward']]);
  assert.deepEqual(needed({ rulesets: [ruleset([pullRequestRule])], updates: [creating()] }), [[]]);
});

test('a bound on paths asks for paths, except of a deletion', () => {
  const scene = { protections: [githubProtection([locked])], standing: { elevated: elevated({ paths: [] }) } };
  assert.deepEqual(needed({ ...scene, updates: [moving(), creating(), deleting()] }), [['fastForward', 'paths'], ['paths'], []]);
  assert.deepEqual(needed({ ...scene, standing: { elevated: elevated() } }), [['fastForward']]);
});

test('GitLab’s creation asks where the tip lies', () => {
  assert.deepEqual(needed({ protections: [gitlabProtection([])], updates: [creating(), moving(), deleting()] }), [
    ['inProtectedBranch'],
    ['fastForward'],
    [],
  ]);
});

test('a rule that is unknown or cannot be read asks nothing: it refuses', () => {
  const rules = [
    { type: 'quantum_review', parameters: {} },
    { type: 'required_signatures', parameters: null },
  ];
  assert.deepEqual(needed({ protections: [githubProtection(rules)] }), [['fastForward']]);
});

test('what one rule needs is asked even where another refuses already', () => {
  assert.deepEqual(
    needed({ protections: [githubProtection([locked, signed])], updates: [{ refName: 'refs/heads/main', oldId: oldTip, newId: 'c' }] }),
    [['fastForward', 'signatures']],
  );
});
