import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RefFacts } from '#model/facts.ts';
import type { Violation } from '#model/verdict.ts';
import { effectiveSources } from '#policy/combine.ts';
import { decideUnread } from '#policy/decide.ts';
import { anyCase, type Case, decideCase } from '../support/arbitraries.ts';
import { Tally } from '../support/tally.ts';

const reason = ({ fingerprint, values }: Violation): string => JSON.stringify([fingerprint, values]);
const reasonsOf = (one: Case): string[] =>
  decideCase(one)
    .refs.flatMap((ref) => ref.violations.map(reason))
    .toSorted();
const isOfRules = (found: Violation): boolean => found.sources[0].kind !== 'repository';

test('a refusal lists every reason: those of the whole are those of each part', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(anyCase({ refs: 1 }), (one) => {
      const [update] = one.push.updates;
      const parts = effectiveSources(one.rules, update!.refName, one.facts.standing.repository.defaultBranch);
      const whole = decideCase(one).refs[0]!.violations.filter(isOfRules).map(reason).toSorted();
      const ofParts = parts.flatMap(({ protections, ruleset }) => {
        const rules = { protections, rulesets: ruleset === null ? [] : [ruleset] };
        return decideCase({ ...one, rules })
          .refs[0]!.violations.filter(isOfRules)
          .map(reason);
      });
      assert.deepEqual(whole, ofParts.toSorted());
      tally.count(`${Math.min(parts.length, 2)} parts`, ...(whole.length > 1 ? ['several reasons'] : []));
    }),
    { numRuns: 4500 },
  );
  tally.require({ '2 parts': 0.1, '1 parts': 0.1, 'several reasons': 0.1 });
});

test('each rule of a protection or ruleset adds its own reasons and hides nobody else’s', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(anyCase({ refs: 1 }), (one) => {
      const before = decideCase(one).refs[0]!.violations;
      const frozen = { type: 'quantum_review', parameters: {} };
      const protections = one.rules.protections.map((other) => ({ ...other, rules: [frozen, ...other.rules] }));
      const after = decideCase({ ...one, rules: { ...one.rules, protections } }).refs[0]!.violations;
      assert.deepEqual(
        after.filter(({ type }) => type !== frozen.type).map(reason),
        before.filter(({ type }) => type !== frozen.type).map(reason),
      );
      tally.count(...(before.length > 0 ? ['had reasons'] : []), ...(after.length > before.length ? ['has one more'] : []));
    }),
    { numRuns: 3000 },
  );
  tally.require({ 'had reasons': 0.2, 'has one more': 0.2 });
});

test('a ref has the same reasons in a push of its own as among others', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(anyCase(), (one) => {
      const alone = one.push.updates.flatMap((update, index) =>
        reasonsOf({ ...one, push: { ...one.push, updates: [update] }, facts: { ...one.facts, refs: [one.facts.refs[index]!] } }),
      );
      const together = reasonsOf(one);
      assert.deepEqual(together, alone.toSorted());
      tally.count(...(one.push.updates.length > 1 && together.length > 1 ? ['several'] : []));
    }),
    { numRuns: 3000 },
  );
  tally.require({ several: 0.1 });
});

const forgetting = fc.record({
  fastForward: fc.boolean(),
  commits: fc.boolean(),
  paths: fc.boolean(),
  signatures: fc.boolean(),
  inProtectedBranch: fc.boolean(),
});

test('what cannot be found out, or was not gathered, never turns a refusal into a pass', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(anyCase(), forgetting, fc.boolean(), (one, forgets, isLeftOut) => {
      const refs = one.facts.refs.map((facts): RefFacts => {
        const entries = Object.entries(facts).map(([kind, fact]) => [
          kind,
          forgets[kind as keyof RefFacts] ? (isLeftOut ? undefined : { unknown: 'no disk' }) : fact,
        ]);
        return Object.fromEntries(entries.filter(([, fact]) => fact !== undefined));
      });
      const uses = one.facts.standing.elevated?.bounds.uses;
      // Several refs that share the last uses: what refuses one of them leaves its use to the others.
      fc.pre(!uses || one.push.updates.length === 1);
      const before = decideCase(one);
      const after = decideCase({ ...one, facts: { ...one.facts, refs } });
      for (const [index, { result }] of before.refs.entries()) {
        const then = after.refs[index]!.result;
        if (result === 'fail') assert.equal(then, 'fail');
        tally.count(`was ${result}`, ...(result !== 'fail' && then === 'fail' ? ['refused'] : []));
      }
    }),
    { numRuns: 4500, maxSkipsPerRun: 100 },
  );
  tally.require({ 'was pass': 0.1, 'was fail': 0.1, 'was bypass': 0.02, refused: 0.02 });
});

test('what is refused before the content is read is refused after it, and for those reasons', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(anyCase(), (one) => {
      const early = decideUnread(one.push, one.facts.standing, one.rules, one.actor, one.now);
      const late = decideCase(one);
      for (const [index, { result, violations }] of early.refs.entries()) {
        const then = late.refs[index]!;
        if (result === 'fail') assert.equal(then.result, 'fail');
        const all = then.violations.map(reason);
        for (const found of violations) assert.ok(all.includes(reason(found)));
        tally.count(`early ${result}`, `early ${result}, then ${then.result}`);
      }
      if (early.wholePushRefused) assert.ok(late.wholePushRefused);
    }),
    { numRuns: 4500 },
  );
  tally.require({
    'early fail': 0.1,
    'early pass': 0.1,
    'early bypass, then bypass': 0.02,
    'early bypass, then fail': 0.01,
    'early pass, then fail': 0.01,
  });
});
