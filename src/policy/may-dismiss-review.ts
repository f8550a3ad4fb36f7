import type { Actor } from '#model/actor.ts';
import type { Standing } from '#model/facts.ts';
import type { Grant } from '#model/protection.ts';
import { ADMIN, WRITE } from '#model/rung.ts';
import type { EffectiveSource } from './combine.ts';
import { anyGrantMatches } from './grants.ts';
import { parametersFit } from './rules/index.ts';

type Dismissal = { readonly mode: 'writers' } | { readonly mode: 'listed'; readonly actors: readonly Grant[] };

/**
 * Whether somebody may end another's review (spec/github.md 2.5 a): admins always, writers where no rule of the base names who. A list that
 * has become empty names nobody; a rule that cannot be read lets nobody.
 */
export function mayDismissReview(sources: readonly EffectiveSource[], actor: Actor, standing: Pick<Standing, 'actor'>): boolean {
  const { rung } = standing.actor;
  if (rung >= ADMIN) return true;
  if (rung < WRITE) return false;
  const rules = sources.flatMap((source) => source.rules).filter(({ type }) => type === 'pull_request');
  return rules.every((rule) => {
    if (!parametersFit(rule)) return false;
    const { dismissal } = rule.parameters as { dismissal: Dismissal };
    return dismissal.mode === 'writers' || anyGrantMatches(dismissal.actors, actor, standing);
  });
}
