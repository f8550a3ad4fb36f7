import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Via } from '#model/actor.ts';
import type { GranterStanding } from '#model/facts.ts';
import type { JudgedViolation } from '#model/verdict.ts';
import { mayEditProtection, mayEditRuleset } from '#policy/permissions.ts';
import { anyCase, type Case, caseWithToken, decideCase } from '../support/arbitraries.ts';
import { Tally } from '../support/tally.ts';

const waived = (one: Case): JudgedViolation[] =>
  decideCase(one).refs.flatMap((ref) => ref.violations.filter((found) => found.waivedBy !== null));
const byToken = (one: Case): JudgedViolation[] => waived(one).filter((found) => found.waivedBy!.kind === 'elevated_token');

function withGranter(one: Case, changes: Partial<GranterStanding>): Case {
  const { elevated } = one.facts.standing;
  if (elevated === null) return one;
  const granter = { ...elevated.granter, ...changes };
  return { ...one, facts: { ...one.facts, standing: { ...one.facts.standing, elevated: { ...elevated, granter } } } };
}

const closedDoors: [what: string, change: (one: Case) => Case][] = [
  ...(['web', 'server'] as const).map((via: Via): [string, (one: Case) => Case] => [
    `on via ${via}`,
    (one) => ({ ...one, actor: { ...one.actor, via } }),
  ]),
  ['for somebody acting as another', (one) => ({ ...one, actor: { ...one.actor, sudoBy: 9 } })],
];

for (const [what, change] of closedDoors) {
  test(`${what} nothing is waived and nobody is exempt`, () => {
    const tally = new Tally();
    fc.assert(
      fc.property(anyCase(), (one) => {
        const { refs } = decideCase(change(one));
        const open = decideCase(one);
        for (const [index, ref] of refs.entries()) {
          assert.ok(ref.violations.every((found) => found.waivedBy === null));
          assert.deepEqual(ref.exemptRulesets, []);
          assert.notEqual(ref.result, 'bypass');
          const elsewhere = open.refs[index]!;
          tally.count(ref.result, `elsewhere ${elsewhere.result}`, ...(elsewhere.exemptRulesets.length > 0 ? ['elsewhere exempt'] : []));
        }
      }),
      { numRuns: 3000 },
    );
    tally.require({ pass: 0.1, fail: 0.1, 'elsewhere bypass': 0.05, 'elsewhere exempt': 0.002 });
  });
}

test('a token waives a violation only while its granter may edit everything that is violated', () => {
  const tally = new Tally();
  const granter = fc.record({
    active: fc.boolean(),
    siteAdmin: fc.boolean(),
    rung: fc.constantFrom(35, 40, 50),
    organizationOwner: fc.boolean(),
  });
  fc.assert(
    fc.property(caseWithToken(), granter, (one, changes) => {
      const changed = withGranter(one, changes as Partial<GranterStanding>);
      const { elevated } = changed.facts.standing;
      const found = byToken(changed);
      for (const { sources } of found) {
        for (const source of sources) {
          const protection = one.rules.protections.find(({ id }) => source.kind === 'protection' && source.id === id);
          const ruleset = one.rules.rulesets.find(({ id }) => source.kind === 'ruleset' && source.id === id);
          assert.ok(protection ? mayEditProtection(protection, elevated!.granter) : mayEditRuleset(ruleset!, elevated!.granter));
        }
      }
      const lost = byToken(one).length - found.length;
      tally.count(...(found.length > 0 ? ['waived'] : []), ...(lost > 0 ? ['not waived any more'] : []));
    }),
    { numRuns: 4500 },
  );
  tally.require({ waived: 0.05, 'not waived any more': 0.05 });
});

const powerless: Partial<GranterStanding>[] = [
  { active: false },
  { rung: 35, siteAdmin: false, organizationOwner: false },
  { rung: 0, siteAdmin: false, organizationOwner: false },
];

test('a granter who may edit nothing any more has granted nothing, unless it was the operator', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(anyCase(), fc.constantFrom(...powerless), (one, changes) => {
      const before = byToken(one);
      const after = byToken(withGranter(one, changes));
      const isOperator = one.facts.standing.elevated?.bounds.grantedBy === 'operator';
      assert.equal(after.length, isOperator ? before.length : 0);
      tally.count(...(before.length > 0 ? [isOperator ? 'operator' : 'person'] : []));
    }),
    { numRuns: 6000 },
  );
  tally.require({ person: 0.05, operator: 0.0007 });
});

test('what nobody may waive is waived by nobody, and everything has to be waived', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(anyCase(), (one) => {
      const { refs, wholePushRefused } = decideCase(one);
      for (const { violations, result } of refs) {
        for (const found of violations) assert.ok(found.waivable || found.waivedBy === null);
        const counting = violations.filter((found) => !found.observedOnly);
        const standing = counting.filter((found) => found.waivedBy === null);
        const expected = standing.length > 0 || wholePushRefused ? 'fail' : counting.length > 0 ? 'bypass' : 'pass';
        assert.equal(result, expected);
        tally.count(result, ...(standing.length > 0 && standing.length < counting.length ? ['half waived'] : []));
      }
      const whole = refs.some(({ violations }) =>
        violations.some((found) => found.refuses === 'push' && !found.waivedBy && !found.observedOnly),
      );
      assert.equal(wholePushRefused, whole);
    }),
    { numRuns: 4500 },
  );
  tally.require({ pass: 0.1, fail: 0.1, bypass: 0.05, 'half waived': 0.02 });
});

test('the exemption of admins is for persons, not for force pushes and deletions, and not where they are bound', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(anyCase(), (one) => {
      for (const { type, sources, waivedBy } of waived(one)) {
        tally.count(waivedBy!.kind);
        if (waivedBy!.kind !== 'admin' && waivedBy!.kind !== 'deploy_key') continue;
        assert.equal(one.actor.who.kind, waivedBy!.kind === 'admin' ? 'user' : 'deploy-key');
        assert.ok(!['non_fast_forward', 'deletion'].includes(type));
        for (const source of sources) {
          const protection = one.rules.protections.find(({ id }) => source.kind === 'protection' && source.id === id);
          assert.equal(protection?.enforceAdmins, false);
          assert.equal(protection.origin, 'github');
        }
      }
    }),
    { numRuns: 6000 },
  );
  tally.require({ admin: 0.02, deploy_key: 0.001, elevated_token: 0.1, allow_list: 0.01 });
});

test('a token that is not needed changes nothing and is not spent', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(caseWithToken(), (one) => {
      const without = decideCase({ ...one, facts: { ...one.facts, standing: { ...one.facts.standing, elevated: null } } });
      const verdict = decideCase(one);
      for (const [index, { result }] of without.refs.entries()) {
        if (!without.wholePushRefused && result !== 'fail') assert.equal(verdict.refs[index]!.result, result);
        tally.count(`without ${result}`, `with ${verdict.refs[index]!.result}`);
      }
      if (without.refs.every((ref) => ref.result !== 'fail'))
        assert.deepEqual(
          verdict.effects.filter((effect) => effect.kind === 'spend-uses'),
          [],
        );
    }),
    { numRuns: 4500 },
  );
  tally.require({ 'without pass': 0.1, 'without fail': 0.1, 'without bypass': 0.005, 'with bypass': 0.1 });
});
