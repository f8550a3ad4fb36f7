import type { Problem } from '#model/problem.ts';
import type { JudgedViolation } from '#model/verdict.ts';
import type { Reply, Route } from '../route.ts';
import { isRulesetViolation, reasonsOf, shortfallsOf, standingViolations } from './violations.ts';

type Refused = Extract<Problem, { kind: 'refused' }>;

/**
 * How a write that the gate refused is answered, by the operation that tried it (spec/github.md 2.9). The message is the violations' sentences,
 * joined by a space, with nothing before them: clients match the whole of it. Beside it stands every violation in full.
 */
export function refusedReply(
  { updates, verdict, file }: Refused,
  route: Route,
  say: (status: number, message: string, extra: Record<string, unknown>) => Reply,
): Reply {
  const all = verdict.refs.flatMap((ref) => standingViolations(ref));
  const others = all.filter((one) => !isRulesetViolation(one));
  const text = (violations: readonly JudgedViolation[]): string =>
    [...new Set(reasonsOf(violations).map((reason) => reason.sentence))].join(' ');
  const extra = {
    violations: verdict.refs.flatMap((ref, index) => standingViolations(ref).map((one) => shown(one, updates[index]?.refName ?? ''))),
    ...(shortfallsOf(all).length > 0 && { elevated_token: shortfallsOf(all) }),
  };
  if (all.some((one) => one.code === 'archived')) return say(403, 'Repository was archived so is read-only.', extra);
  if (others.length === 0) return say(statusOf(route), `Repository rule violations found\n\n${text(all)}\n\n`, extra);
  if (isCreationOnly(route, others)) return say(422, 'Reference update failed', extra);
  return say(statusOf(route), `${file ? `Could not ${file} file: ` : ''}${text(all)}`, extra);
}

/** A branch that may not be created is refused without a reason; the reasons stand beside it. */
function isCreationOnly({ operation = '' }: Route, violations: readonly JudgedViolation[]): boolean {
  return operation.endsWith('#create-a-reference') && violations.every((one) => one.code === 'creation_not_listed');
}

function statusOf({ operation = '' }: Route): number {
  return /^(repos\/contents#|branches\/branches#merge)/.test(operation) ? 409 : 422;
}

function shown(violation: JudgedViolation, ref: string) {
  const { type, code, values, sources, places } = violation;
  return { ref, rule: type, code, values, sources, places, token_fell_short: violation.tokenFellShort };
}
