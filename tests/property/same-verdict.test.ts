import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RefFacts } from '#model/facts.ts';
import type { RefVerdict } from '#model/verdict.ts';
import { decideUnread } from '#policy/decide.ts';
import { neededFacts } from '#policy/needed-facts.ts';
import { anyCase, type Case, decideCase } from '../support/arbitraries.ts';
import { Tally } from '../support/tally.ts';

const everyResult = { pass: 0.1, fail: 0.1, bypass: 0.05 };

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of value instanceof Map ? value.values() : Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}

test('the same input has the same verdict, and nothing of the input is changed', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(anyCase(), (one) => {
      const before = structuredClone(one);
      const verdict = decideCase(deepFreeze(one));
      decideUnread(one.push, one.facts.standing, one.rules, one.actor, one.now);
      neededFacts(one.push, one.facts.standing, one.rules, one.actor, one.now);
      assert.deepEqual(structuredClone(one), before);
      assert.deepEqual(decideCase(one), verdict);
      assert.deepEqual(decideCase(before), verdict);
      tally.countRefs(verdict);
    }),
    { numRuns: 3000 },
  );
  tally.require(everyResult);
});

test('facts that nobody was asked for change nothing', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(anyCase(), (one) => {
      const asked = neededFacts(one.push, one.facts.standing, one.rules, one.actor, one.now);
      const refs = one.facts.refs.map((facts, index) => only(facts, asked[index]!));
      const verdict = decideCase(one);
      assert.deepEqual(decideCase({ ...one, facts: { ...one.facts, refs } }), verdict);
      tally.countRefs(verdict);
      for (const [index, set] of asked.entries())
        tally.count(set.size < Object.keys(one.facts.refs[index]!).length ? 'left out' : 'all asked');
    }),
    { numRuns: 3000 },
  );
  tally.require({ pass: 0.05, fail: 0.05, bypass: 0.025, 'left out': 0.2 });
});

function only(facts: RefFacts, kinds: ReadonlySet<string>): RefFacts {
  return Object.fromEntries(Object.entries(facts).filter(([kind]) => kinds.has(kind)));
}

const reasons = ({ result, operation, exemptRulesets, violations }: RefVerdict) => ({
  result,
  operation,
  exemptRulesets: exemptRulesets.toSorted(),
  violations: violations.map((one) => `${one.type} ${one.code} ${one.waivedBy?.kind}`).toSorted(),
});

test('the order in which rules were read from the store changes no verdict', () => {
  const tally = new Tally();
  const shuffled = anyCase().chain((one) =>
    fc.tuple(
      fc.constant(one),
      fc.shuffledSubarray([...one.rules.protections], { minLength: one.rules.protections.length }),
      fc.shuffledSubarray([...one.rules.rulesets], { minLength: one.rules.rulesets.length }),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([one, protections, rulesets]: [Case, Case['rules']['protections'], Case['rules']['rulesets']]) => {
      const verdict = decideCase(one);
      const other = decideCase({ ...one, rules: { protections, rulesets } });
      assert.deepEqual(other.refs.map(reasons), verdict.refs.map(reasons));
      assert.deepEqual(other.effects, verdict.effects);
      if (protections.some((protection, index) => protection !== one.rules.protections[index])) tally.countRefs(verdict);
    }),
    { numRuns: 3000 },
  );
  tally.require(everyResult);
});
