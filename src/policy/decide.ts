import type { Actor, Means } from '#model/actor.ts';
import type { Facts, Standing } from '#model/facts.ts';
import { branchOf } from '#model/ref-name.ts';
import type { RefUpdate } from '#model/ref-update.ts';
import type { Effect, JudgedViolation, RefVerdict, Shortfall, Verdict } from '#model/verdict.ts';
import type { RuleBook } from './combine.ts';
import { defaultBranchAfter } from './default-branch.ts';
import { type Content, type JudgedRef, judgeRef } from './judge-ref.ts';

/** What somebody wants to do to a repository's refs, and by which door. */
export interface ProposedPush {
  readonly updates: readonly RefUpdate[];
  readonly means: Means;
}

/**
 * The whole decision: which refs may move, why not, and what let them through (spec/model.md sections 1 to 4).
 * Same answer for the same input; the clock (`now`, milliseconds since 1970) is passed in. Every violation is in the answer, not
 * only the first. A ref passes as `bypass` only if each of its violations has a waiver; the order of the refs changes no verdict.
 */
export function decide(push: ProposedPush, facts: Facts, rules: RuleBook, actor: Actor, now: number): Verdict {
  return decideWith(push, (index) => facts.refs[index] ?? {}, facts.standing, rules, actor, now);
}

/**
 * What can be said before the pushed objects are read: `fail` is certain, anything else means that the content has to be
 * looked at (spec/push-path.md section 2, step 3). Never let a push through on this one's word.
 */
export function decideUnread(push: ProposedPush, standing: Standing, rules: RuleBook, actor: Actor, now: number): Verdict {
  return decideWith(push, () => 'unread', standing, rules, actor, now);
}

function decideWith(
  { updates, means }: ProposedPush,
  contentOf: (index: number) => Content,
  standing: Standing,
  rules: RuleBook,
  actor: Actor,
  now: number,
): Verdict {
  const contents = updates.map((_, index) => contentOf(index));
  const judged = updates.map((update, index) => judgeRef({ update, means, actor, standing, rules, now }, contents[index]!));
  const counted = withinUses(judged, standing, contents.includes('unread'));
  const wholePushRefused = counted.some((ref) => ref.violations.some(refusesPush));
  const refs = counted.map((ref): RefVerdict => ({ ...ref, result: wholePushRefused ? 'fail' : resultOf(ref) }));
  return { refs, wholePushRefused, effects: effectsOf(updates, refs, standing) };
}

/**
 * One use is one ref update that ends as `bypass` by the token. When fewer are left than this push would take, the token
 * waives nothing in it: giving them to the first refs would make the verdict depend on the order. Before the content is read it may
 * yet refuse some of the refs, and then the others need fewer: only where none is left is the refusal certain. A token that is used
 * up waives nothing at all, so that what it leaves standing is known before the content is.
 */
function withinUses(refs: readonly JudgedRef[], standing: Standing, isUnread: boolean): readonly JudgedRef[] {
  const uses = standing.elevated?.bounds.uses;
  if (!uses) return refs;
  const left = uses.max - uses.reserved - uses.spent;
  if (left > 0 && (isUnread || usesNeeded(refs) <= left)) return refs;
  const fellShort: readonly Shortfall[] = ['uses'];
  return refs.map((ref) => ({
    ...ref,
    violations: ref.violations.map((one) =>
      one.waivedBy?.kind === 'elevated_token' ? { ...one, waivedBy: null, tokenFellShort: fellShort } : one,
    ),
  }));
}

function usesNeeded(refs: readonly JudgedRef[]): number {
  if (refs.some((ref) => ref.violations.some(refusesPush))) return 0;
  return refs.filter((ref) => takesUse({ ...ref, result: resultOf(ref) })).length;
}

/** Whether a ref takes one use of the token: it passes, and would not without it. What is only observed needs nothing. */
export function takesUse({ result, violations }: Pick<RefVerdict, 'result' | 'violations'>): boolean {
  return result === 'bypass' && violations.some((one) => one.waivedBy?.kind === 'elevated_token' && !one.observedOnly);
}

function refusesPush(one: JudgedViolation): boolean {
  return one.refuses === 'push' && one.waivedBy === null && !one.observedOnly;
}

function resultOf({ violations }: JudgedRef): RefVerdict['result'] {
  const counting = violations.filter((one) => !one.observedOnly);
  if (counting.some((one) => one.waivedBy === null)) return 'fail';
  return counting.length > 0 ? 'bypass' : 'pass';
}

function effectsOf(updates: readonly RefUpdate[], refs: readonly RefVerdict[], standing: Standing): Effect[] {
  const spends = refs.filter(takesUse).length;
  const landing = updates.filter((_, index) => refs[index]!.result !== 'fail');
  const refName = defaultBranchAfter(
    landing.filter((update) => branchOf(update.refName) !== null),
    standing.repository,
  );
  return [
    ...(spends > 0 ? [{ kind: 'spend-uses' as const, count: spends }] : []),
    ...(refName !== null ? [{ kind: 'set-default-branch' as const, refName }] : []),
  ];
}
