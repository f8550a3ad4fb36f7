import { type Static, Type } from 'typebox';
import type { CheckResult, CheckState } from '#model/facts.ts';
import { defineRule, type RuleFinding } from '../define-rule.ts';

const check = Type.Object({
  context: Type.String({ minLength: 1 }),
  /** The only app whose results count; null: anybody's. */
  app: Type.Union([Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), Type.Null()]),
});

/**
 * The new tip has passing results for every required context (spec/github.md 2.5 b). `strict` (the head contains the
 * base) is true of every fast-forward, so a push meets it by itself. Protections do not judge the creation of a branch,
 * rulesets do unless told otherwise.
 */
export const requiredStatusChecks = defineRule({
  type: 'required_status_checks',
  title: 'Require status checks to pass',
  homes: ['github', 'ruleset'],
  mandatoryIn: [],
  parameters: Type.Object({ strict: Type.Boolean(), checks: Type.Array(check), notOnCreate: Type.Optional(Type.Boolean()) }),
  needs: [],

  concerns: ({ change, home }, { notOnCreate }) =>
    change === 'update' || (change === 'create' && home === 'ruleset' && notOnCreate !== true),

  violations({ update, standing }, { checks }) {
    const unmet = unmetChecks(standing.checks.get(update.newId!) ?? [], checks);
    return unmet.map(
      ({ required, state }): RuleFinding => ({
        code: `status_check_${state}`,
        values: { context: required.context, unmet: unmet.length, total: checks.length },
      }),
    );
  },
});

export type RequiredCheck = Static<typeof check>;

/** Required checks that have not passed, and why not. */
export function unmetChecks(results: readonly CheckResult[], checks: readonly RequiredCheck[]) {
  return checks.map((required) => ({ required, state: stateOf(results, required) })).filter(({ state }) => state !== 'passing');
}

/**
 * The newest status and the newest check run of each app carry the name: all of them must pass. With a pinned app only
 * its results count. Contexts compare without case.
 */
function stateOf(results: readonly CheckResult[], { context, app }: { context: string; app: number | null }): CheckState | 'wrong_app' {
  const named = results.filter((result) => result.context.toLowerCase() === context.toLowerCase());
  const counted = app === null ? named : named.filter((result) => result.app === app);
  if (counted.length === 0) return named.length === 0 ? 'expected' : 'wrong_app';
  const statuses = counted.filter((result) => result.kind === 'status');
  const newestStatus = statuses.reduce<CheckResult | null>((newest, one) => (newest && newest.order > one.order ? newest : one), null);
  const runs = counted.filter((result) => result.kind === 'check-run');
  const states = [...runs, ...(newestStatus ? [newestStatus] : [])].map((result) => result.state);
  const worstFirst: CheckState[] = ['failing', 'pending', 'queued', 'in_progress'];
  return worstFirst.find((state) => states.some((one) => one === state)) ?? 'passing';
}
