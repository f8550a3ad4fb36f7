import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BypassBounds, type Operation, operations, ruleTypesOfOperation } from '#model/bypass-bounds.ts';
import type { RefVerdict, Shortfall } from '#model/verdict.ts';
import { fnmatch } from '#policy/patterns/fnmatch.ts';
import { anyCase, bounds, type Case, caseWithToken, decideCase } from '../support/arbitraries.ts';
import { noon } from '../support/scene.ts';
import { Tally } from '../support/tally.ts';

function withBounds(one: Case, changes: Partial<BypassBounds>): Case {
  const { elevated } = one.facts.standing;
  if (elevated === null) return one;
  return {
    ...one,
    facts: { ...one.facts, standing: { ...one.facts.standing, elevated: { ...elevated, bounds: { ...elevated.bounds, ...changes } } } },
  };
}

/** What the token excused. What a ruleset in `evaluate` found needs no excuse. */
const tokenWaived = ({ violations }: RefVerdict) =>
  violations.filter((found) => found.waivedBy?.kind === 'elevated_token' && !found.observedOnly);

/** What a token may be narrowed to, so that this very ref update is out of it in one way. */
const outside: Record<
  Exclude<Shortfall, 'via' | 'sudo' | 'granter' | 'not_accepted' | 'reason_demanded'>,
  (ref: RefVerdict, refName: string) => Partial<BypassBounds>
> = {
  repository: () => ({ repositories: [2] }),
  ref: (_, refName) => ({ refs: [`${refName}x`, 'refs/*'] }),
  operation: ({ operation }) => ({ operations: operations.filter((one) => one !== operation) }),
  rule_type: (ref) => {
    const types = tokenWaived(ref).map(({ type }) => type);
    return {
      ruleTypes: ['quantum_review'],
      operations: operations.filter((one) => !ruleTypesOfOperation[one].some((type) => types.includes(type))),
    };
  },
  paths: () => ({ paths: ['elsewhere/*'] }),
  uses: () => ({ uses: { max: 3, reserved: 1, spent: 2 } }),
  expired: () => ({ expiresAt: noon }),
};

for (const [bound, narrowed] of Object.entries(outside)) {
  test(`a bypass passes nothing outside its bound: ${bound}`, () => {
    const tally = new Tally();
    fc.assert(
      fc.property(caseWithToken(), (one) => {
        const wide = decideCase(one);
        for (const [index, ref] of wide.refs.entries()) {
          if (ref.result !== 'bypass' || tokenWaived(ref).length === 0) continue;
          const then = decideCase(withBounds(one, narrowed(ref, one.push.updates[index]!.refName))).refs[index]!;
          assert.deepEqual(tokenWaived(then), []);
          assert.equal(then.result, 'fail');
          assert.ok(then.violations.some(({ tokenFellShort }) => tokenFellShort.includes(bound as Shortfall)));
          tally.count('refused');
        }
        tally.count('case');
      }),
      { numRuns: 1800 },
    );
    tally.require({ refused: 0.1 });
  });
}

/** Whether the bounds reach so far, worked out bound by bound and without the code that is tested. */
function reaches(one: Case, index: number, { operation }: RefVerdict, type: string): boolean {
  const { elevated, repository } = one.facts.standing;
  const { bounds: given } = elevated!;
  const update = one.push.updates[index]!;
  const own: Record<Operation, string[]> = {
    'force-push': ['non_fast_forward'],
    create: ['creation', 'actor_restriction'],
    delete: ['deletion'],
    update: [],
    merge: [],
  };
  const { paths } = one.facts.refs[index]!;
  const pathsKnown = paths !== undefined && 'known' in paths ? paths.known.map(({ path }) => path) : null;
  return (
    ['api', 'git-http'].includes(one.actor.via) &&
    one.actor.sudoBy === undefined &&
    one.now < given.expiresAt &&
    (given.repositories === 'all' || given.repositories.includes(repository.id)) &&
    given.refs.some((pattern) => fnmatch(pattern, update.refName)) &&
    operation !== null &&
    given.operations.includes(operation) &&
    (given.ruleTypes.includes(type) || own[operation].includes(type)) &&
    (given.paths === null ||
      (update.newId !== null && (pathsKnown ?? ['?']).every((path) => given.paths!.some((glob) => fnmatch(glob, path)))))
  );
}

test('whatever the bounds are, nothing is passed outside any one of them', () => {
  const tally = new Tally();
  const cases = fc.oneof(
    anyCase(),
    fc.tuple(caseWithToken(), bounds).map(([one, changes]) => withBounds(one, changes)),
  );
  fc.assert(
    fc.property(cases, (one) => {
      const { refs, effects } = decideCase(one);
      for (const [index, ref] of refs.entries()) {
        for (const found of tokenWaived(ref)) assert.ok(reaches(one, index, ref, found.type));
        for (const found of ref.violations.filter(({ tokenFellShort }) => tokenFellShort.length > 0)) tally.count(...found.tokenFellShort);
        tally.count(...(tokenWaived(ref).length > 0 ? ['waived'] : []));
      }
      const spent = effects.find((effect) => effect.kind === 'spend-uses')?.count ?? 0;
      const uses = one.facts.standing.elevated?.bounds.uses;
      if (uses) assert.ok(spent <= Math.max(0, uses.max - uses.reserved - uses.spent));
      assert.equal(spent, refs.filter((ref) => ref.result === 'bypass' && tokenWaived(ref).length > 0).length);
    }),
    { numRuns: 7500 },
  );
  const kinds: Shortfall[] = [
    'via',
    'sudo',
    'expired',
    'repository',
    'ref',
    'operation',
    'rule_type',
    'paths',
    'uses',
    'not_accepted',
    'reason_demanded',
    'granter',
  ];
  tally.require({ waived: 0.05, ...Object.fromEntries(kinds.map((kind) => [kind, 0.0003])) });
});
