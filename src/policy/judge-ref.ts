import type { Actor, Means } from '#model/actor.ts';
import type { Operation } from '#model/bypass-bounds.ts';
import type { FactKind, RefFacts, Standing } from '#model/facts.ts';
import { changeOf, type RefUpdate } from '#model/ref-update.ts';
import type { JudgedViolation, RefVerdict, Violation, Waiver } from '#model/verdict.ts';
import { isExempt, standingWaiver, tokenShortfalls, type WaiverCase } from './bypass.ts';
import { type EffectiveRule, type EffectiveSource, effectiveSources, isObserving, parametersIn, type RuleBook } from './combine.ts';
import type { Circumstances, KnownFacts } from './define-rule.ts';
import { repositoryViolations } from './repository-violations.ts';
import { parametersFit, rankOf, ruleDefinition } from './rules/index.ts';
import { violation } from './violation.ts';

/** One ref update with all that it is judged by. */
export interface RefCase {
  readonly update: RefUpdate;
  readonly means: Means;
  readonly actor: Actor;
  readonly standing: Standing;
  readonly rules: RuleBook;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The facts about the update; or `unread` before the pushed content was looked at. Then only rules that need no facts are
 * asked, and what an elevated token may yet waive counts as waived: a violation that stands is one that nothing will mend.
 */
export type Content = RefFacts | 'unread';

export type JudgedRef = Omit<RefVerdict, 'result'>;

/** Everything that one ref update breaks, and what excuses each of it. The uses of a token are counted later, over the push. */
export function judgeRef(one: RefCase, content: Content): JudgedRef {
  const { update, means, actor, standing, rules } = one;
  const sources = sourcesOf(one);
  const exempt = sources.filter((source) => isExempt(source, { actor, standing }));
  const judged = sources.filter((source) => !exempt.includes(source));
  const facts = content === 'unread' ? {} : content;
  const operation = sources.length === 0 ? null : operationOf(update, means, facts);
  const at: WaiverCase = { ...one, operation, facts };
  const ofRepository = repositoryViolations(update, {
    actor,
    standing,
    means,
    boundBeyondGitlab: sources.some((source) => source.home !== 'gitlab' && !isObserving(source)),
  });
  return {
    operation,
    letInBy: judged.flatMap((source) => letInBy(source, circumstancesOf(source, one))),
    exemptRulesets: exempt.map((source) => source.ruleset!.id),
    violations: [
      ...ofRepository.map((found) => ({ ...found, waivedBy: null, tokenFellShort: [] })),
      ...judged.flatMap((source) => {
        const circumstances = circumstancesOf(source, { ...one, rules });
        return violationsOf(source, circumstances, content).map((found) => withWaiver(found, source, at, content));
      }),
    ],
  };
}

export function sourcesOf({ update, standing, rules }: RefCase): EffectiveSource[] {
  return changeOf(update) === 'nothing' ? [] : effectiveSources(rules, update.refName, standing.repository.defaultBranch);
}

/** What the update does, from facts. Null while nobody found out whether it loses commits. */
function operationOf(update: RefUpdate, means: Means, { fastForward }: RefFacts): Operation | null {
  if (update.oldId === null) return 'create';
  if (update.newId === null) return 'delete';
  if (means === 'merge' || means === 'auto-merge') return 'merge';
  if (fastForward === undefined || !('known' in fastForward)) return null;
  return fastForward.known ? 'update' : 'force-push';
}

/** All violations of one effective source, in the order in which a refusal lists them. */
function violationsOf(source: EffectiveSource, circumstances: Circumstances, content: Content): Violation[] {
  const nature = {
    refuses: source.home === 'gitlab' ? ('push' as const) : ('ref' as const),
    observedOnly: isObserving(source),
  };
  const damage = source.damage.map(({ type, code, source: damaged }) =>
    violation([damaged], type, { code, values: { type } }, { ...nature, waivable: false }),
  );
  const inOrder = [...source.rules].sort((a, b) => rankOf(a.type) - rankOf(b.type));
  return [...damage, ...inOrder.flatMap((rule) => violationsOfRule(rule, circumstances, content, nature))];
}

function violationsOfRule(
  rule: EffectiveRule,
  circumstances: Circumstances,
  content: Content,
  nature: { refuses: 'ref' | 'push'; observedOnly: boolean },
): Violation[] {
  const unanswerable = (code: string, values: Record<string, string>) =>
    violation(rule.sources, rule.type, { code, values }, { ...nature, waivable: false });
  const definition = ruleDefinition(rule.type);
  // A rule that this server does not know, or cannot read, may demand anything: it refuses (decision 4).
  if (definition === null || !definition.homes.includes(circumstances.home)) return [unanswerable('rule_unknown', { type: rule.type })];
  if (!parametersFit(rule)) return [unanswerable('rule_damaged', { type: rule.type })];
  if (!definition.concerns(circumstances, rule.parameters)) return [];
  if (content === 'unread' && definition.needs.length > 0) return [];
  const facts = content === 'unread' ? {} : content;
  const unknown = unknownFacts(definition.needs, facts);
  if (unknown.length > 0) return unknown.map((values) => unanswerable('not_determined', values));
  const input = { ...circumstances, ...knownFacts(definition.needs, facts) } as Circumstances & KnownFacts;
  return definition.violations(input, rule.parameters).map((finding) => violation(rule.sources, rule.type, finding, nature));
}

function letInBy(source: EffectiveSource, circumstances: Circumstances): readonly string[] {
  return source.rules.flatMap((rule) => {
    const definition = ruleDefinition(rule.type);
    if (!definition?.letInBy || !parametersFit(rule) || !definition.concerns(circumstances, rule.parameters)) return [];
    return definition.letInBy(circumstances, rule.parameters);
  });
}

export function circumstancesOf(source: EffectiveSource, { update, means, actor, standing }: RefCase): Circumstances {
  return {
    home: source.home,
    update,
    change: changeOf(update),
    means,
    actor,
    standing,
    parametersOf: (type) => parametersIn(source, type),
  };
}

function unknownFacts(needs: readonly FactKind[], facts: RefFacts): { fact: string; why: string }[] {
  return needs.flatMap((kind) => {
    const fact = facts[kind];
    if (fact === undefined) return [{ fact: kind, why: 'it was not gathered' }];
    return 'unknown' in fact ? [{ fact: kind, why: fact.unknown }] : [];
  });
}

function knownFacts(needs: readonly FactKind[], facts: RefFacts): Partial<KnownFacts> {
  return Object.fromEntries(needs.map((kind) => [kind, (facts[kind] as { known: unknown }).known]));
}

/** Waivers are tried from standing to consumable, so a use is spent only where nothing else helps. */
function withWaiver(found: Violation, source: EffectiveSource, at: WaiverCase, content: Content): JudgedViolation {
  const standing = standingWaiver(found, source, at);
  if (standing !== null) return { ...found, waivedBy: standing, tokenFellShort: [] };
  if (!found.waivable || at.standing.elevated === null) return { ...found, waivedBy: null, tokenFellShort: [] };
  const shortfalls = content === 'unread' ? [] : tokenShortfalls(found, source, at);
  const waivedBy: Waiver | null = shortfalls.length === 0 ? { kind: 'elevated_token' } : null;
  return { ...found, waivedBy, tokenFellShort: shortfalls };
}
