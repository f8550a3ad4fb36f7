import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc, { type Arbitrary } from 'fast-check';
import type { Origin, Protection, Rule } from '#model/protection.ts';
import type { Verdict } from '#model/verdict.ts';
import { effectiveSources, type RuleBook } from '#policy/combine.ts';
import { anyCase, type Case, decideCase } from '../support/arbitraries.ts';
import { anyProtection, anyRule, anyRuleset, organizationLevel, repositoryLevel } from '../support/arbitrary-rules.ts';
import { Tally } from '../support/tally.ts';

/**
 * Cases whose refs stand for themselves: one ref, or a token without a number of uses. Where several refs share the last uses, a rule that
 * refuses one of them for good leaves its use to the others; `src/policy/uses.test.ts` says how that is.
 */
const separate: Arbitrary<Case> = fc.oneof(
  anyCase({ refs: 1 }),
  anyCase().map((one) => {
    const { elevated } = one.facts.standing;
    if (elevated === null) return one;
    const unlimited = { ...elevated, bounds: { ...elevated.bounds, uses: null } };
    return { ...one, facts: { ...one.facts, standing: { ...one.facts.standing, elevated: unlimited } } };
  }),
);

const withRules = (one: Case, rules: RuleBook): Case => ({ ...one, rules });

/** Checks one step from fewer to more rules, and counts what became of each ref. */
function neverOpens(tally: Tally, before: Verdict, after: Verdict): void {
  for (const [index, { result }] of before.refs.entries()) {
    const then = after.refs[index]!.result;
    if (result === 'fail') assert.equal(then, 'fail');
    tally.count(`was ${result}`, ...(result !== 'fail' && then === 'fail' ? ['refused by the addition'] : []));
  }
}

const shares = { 'was pass': 0.1, 'was fail': 0.1, 'was bypass': 0.04, 'refused by the addition': 0.01 };

test('adding a ruleset never turns a refusal into a pass', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(separate, anyRuleset(), (one, ruleset) => {
      const more = { ...one.rules, rulesets: [ruleset, ...one.rules.rulesets] };
      neverOpens(tally, decideCase(one), decideCase(withRules(one, more)));
    }),
    { numRuns: 4500 },
  );
  tally.require(shares);
});

/** Types of which several are united in GitLab's terms: one more of them lets more through, as decision 13 says. */
const united = ['push_access', 'merge_access', 'non_fast_forward'];

interface Place {
  readonly protection: number;
  readonly at: number;
  readonly rules: { readonly github: Rule; readonly gitlab: Rule };
}

const place: Arbitrary<Place> = fc.record({
  protection: fc.nat(3),
  at: fc.nat(8),
  rules: fc.record({
    github: fc.oneof({ weight: 3, arbitrary: anyRule('github') }, { weight: 1, arbitrary: ruleOf('github') }),
    gitlab: fc.oneof({ weight: 1, arbitrary: anyRule('gitlab') }, { weight: 2, arbitrary: ruleOf('gitlab') }),
  }),
});

/** Any rule that such a protection may have, the mandatory ones too. */
function ruleOf(origin: Origin): Arbitrary<Rule> {
  return anyProtection(origin).chain(({ rules }) => fc.constantFrom(...rules));
}

test('adding a rule to a protection, wherever in it, never turns a refusal into a pass', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(separate, place, (one, { protection, at, rules }) => {
      const protections = one.rules.protections;
      const chosen = protections[protection % Math.max(1, protections.length)];
      fc.pre(chosen !== undefined);
      const rule = rules[chosen.origin];
      fc.pre(chosen.origin === 'github' || !united.includes(rule.type));
      // To give back a mandatory rule that was missing is to repair a protection, not to add to it.
      fc.pre(!isMissing(chosen, rule));
      const more = { ...chosen, rules: chosen.rules.toSpliced(at % (chosen.rules.length + 1), 0, rule) };
      const book = { ...one.rules, protections: protections.map((other) => (other === chosen ? more : other)) };
      neverOpens(tally, decideCase(one), decideCase(withRules(one, book)));
      tally.count(chosen.origin);
    }),
    { numRuns: 4500, maxSkipsPerRun: 100 },
  );
  tally.require({ 'was pass': 0.05, 'was fail': 0.1, 'was bypass': 0.02, 'refused by the addition': 0.02, github: 0.1, gitlab: 0.02 });
});

function isMissing({ origin, rules }: Protection, { type }: Rule): boolean {
  const mandatory = origin === 'github' ? ['non_fast_forward', 'deletion'] : [...united, 'creation', 'deletion'];
  return mandatory.includes(type) && !rules.some((rule) => rule.type === type);
}

const levelOf = ({ owner }: Protection): string => Object.keys(owner)[0]!;

for (const origin of ['github', 'gitlab'] as const) {
  for (const level of [repositoryLevel, organizationLevel]) {
    const where = `of ${origin} origin ${level === repositoryLevel ? 'to a repository' : 'to an organization'}`;
    test(`adding a protection ${where} that has none of that origin never turns a refusal into a pass`, () => {
      const tally = new Tally();
      fc.assert(
        fc.property(separate, anyProtection(origin), (one, drawn) => {
          const added = { ...drawn, owner: level };
          const others = one.rules.protections.filter((other) => other.origin !== origin || levelOf(other) !== levelOf(added));
          const fewer = withRules(one, { ...one.rules, protections: others });
          const more = withRules(one, { ...one.rules, protections: [added, ...others] });
          neverOpens(tally, decideCase(fewer), decideCase(more));
        }),
        { numRuns: 2400 },
      );
      tally.require({ ...shares, 'was bypass': 0.01 });
    });
  }
}

test('GitHub origin: protections of a level that are not in force change nothing', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(anyCase({ refs: 1 }), (one) => {
      const [update] = one.push.updates;
      const sources = effectiveSources(one.rules, update!.refName, one.facts.standing.repository.defaultBranch);
      const inForce = sources.flatMap((source) => source.protections);
      const verdict = decideCase(one);
      assert.deepEqual(decideCase(withRules(one, { ...one.rules, protections: inForce })), verdict);
      tally.count(inForce.length < one.rules.protections.length ? 'fewer' : 'all');
    }),
    { numRuns: 2400 },
  );
  tally.require({ fewer: 0.1, all: 0.1 });
});

test('a ruleset that is only tried out changes no result', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(anyCase(), anyRuleset(fc.constant('evaluate')), (one, ruleset) => {
      const before = decideCase(one);
      const after = decideCase(withRules(one, { ...one.rules, rulesets: [...one.rules.rulesets, ruleset] }));
      assert.deepEqual(
        after.refs.map((ref) => ref.result),
        before.refs.map((ref) => ref.result),
      );
      assert.deepEqual(after.effects, before.effects);
      for (const [index, ref] of after.refs.entries())
        tally.count(ref.result, ...(ref.violations.length > before.refs[index]!.violations.length ? ['found something'] : []));
    }),
    { numRuns: 3000 },
  );
  tally.require({ pass: 0.1, fail: 0.1, bypass: 0.05, 'found something': 0.04 });
});
