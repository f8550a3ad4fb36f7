import type { Actor } from '#model/actor.ts';
import type { FactKind, Standing } from '#model/facts.ts';
import { changeOf } from '#model/ref-update.ts';
import type { RuleBook } from './combine.ts';
import type { ProposedPush } from './decide.ts';
import { circumstancesOf, type RefCase, sourcesOf } from './judge-ref.ts';
import { parametersFit, ruleDefinition } from './rules/index.ts';

/**
 * Which facts `decide` will ask for, per ref update. Nothing asked, nothing computed: a push that no rule concerns
 * needs none. Asked again under the lock, because a rule may have come in between.
 */
export function neededFacts(push: ProposedPush, standing: Standing, rules: RuleBook, actor: Actor, now: number): ReadonlySet<FactKind>[] {
  return push.updates.map((update) => neededFor({ update, means: push.means, actor, standing, rules, now }));
}

function neededFor(one: RefCase): ReadonlySet<FactKind> {
  const sources = sourcesOf(one);
  const needed = sources.flatMap((source) => {
    const circumstances = circumstancesOf(source, one);
    return source.rules.flatMap((rule): readonly FactKind[] => {
      const definition = ruleDefinition(rule.type);
      const asked = definition !== null && parametersFit(rule) && definition.concerns(circumstances, rule.parameters);
      return asked ? definition.needs : [];
    });
  });
  const change = changeOf(one.update);
  // The operation, which bounds and records name, depends on it.
  if (sources.length > 0 && change === 'update') needed.push('fastForward');
  if (sources.length > 0 && change !== 'delete' && one.standing.elevated?.bounds.paths != null) needed.push('paths');
  return new Set(needed);
}
