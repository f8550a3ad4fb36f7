import type { Static } from 'typebox';
import type { RefFacts } from '#model/facts.ts';
import type { JudgedViolation } from '#model/verdict.ts';
import { bypassNeeded } from '#operations/bypass-needed.ts';
import type { Explained } from '#operations/explain-push.ts';
import type { explainOutput } from './schema.ts';

/** The whole verdict of an imagined push: every rule, what it saw, what passes it and what would. */
export function explanationObject({ who, updates, verdict, facts, problems }: Explained): Static<typeof explainOutput> {
  const results = verdict.refs.map((ref, index) => (problems[index] === null ? ref.result : ('fail' as const)));
  return {
    as: { user: who.user.login, via: who.actor.via, token_id: who.token?.id ?? null, elevated: who.token?.bounds != null },
    result: results.includes('fail') ? 'fail' : results.includes('bypass') ? 'bypass' : 'pass',
    whole_push_refused: verdict.wholePushRefused,
    updates: updates.map((update, index) => {
      const ref = verdict.refs[index]!;
      return {
        ref: update.refName,
        old: update.oldId,
        new: update.newId,
        result: results[index]!,
        operation: ref.operation,
        problem: problems[index] ?? null,
        let_in_by: [...ref.letInBy],
        exempt_rulesets: [...ref.exemptRulesets],
        facts: factsObject(facts[index] ?? {}),
        violations: ref.violations.map((violation) => violationObject(violation, ref.operation)),
      };
    }),
  };
}

function violationObject(violation: JudgedViolation, operation: Explained['verdict']['refs'][number]['operation']) {
  return {
    rule: violation.type,
    code: violation.code,
    values: violation.values,
    places: [...violation.places],
    sources: [...violation.sources],
    waivable: violation.waivable,
    observed_only: violation.observedOnly,
    waived_by: violation.waivedBy?.kind ?? null,
    token_fell_short: [...violation.tokenFellShort],
    bypass_needed: violation.waivable ? bypassNeeded(violation.type, operation) : [],
  };
}

/** Facts in short: numbers instead of lists that may be long. */
function factsObject(facts: RefFacts): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([kind, fact]) => {
      if ('unknown' in fact) return [kind, { unknown: fact.unknown }];
      return [kind, Array.isArray(fact.known) ? { count: fact.known.length } : fact.known];
    }),
  );
}
