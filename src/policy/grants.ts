import { Type } from 'typebox';
import type { Actor } from '#model/actor.ts';
import type { Standing } from '#model/facts.ts';
import type { Grant } from '#model/protection.ts';
import { WRITE } from '#model/rung.ts';

const id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** A list of grants as rules store it. */
export const grantsSchema = Type.Array(
  Type.Union([
    Type.Object({ kind: Type.Literal('role'), level: Type.Union([Type.Literal(0), Type.Literal(30), Type.Literal(40), Type.Literal(60)]) }),
    Type.Object({ kind: Type.Union([Type.Literal('user'), Type.Literal('app'), Type.Literal('deploy-key')]), id }),
    Type.Object({ kind: Type.Literal('team'), id, childTeams: Type.Boolean() }),
  ]),
);

/**
 * Whether a row lets this actor through. A row is dead while its actor may not write: being listed never replaces
 * write access (decision 18 and spec/model.md section 6). Level 60 is site admin and nothing else.
 */
function grantMatches(grant: Grant, actor: Actor, standing: Pick<Standing, 'actor'>): boolean {
  const { who } = actor;
  // A deploy key never borrows what its creator is, or is listed for (decision 18).
  if (who.kind === 'deploy-key') return grant.kind === 'deploy-key' && who.id === grant.id && standing.actor.keyMayWrite;
  if (grant.kind === 'deploy-key') return false;
  if (grant.kind === 'role') {
    if (grant.level === 60) return standing.actor.siteAdmin;
    return grant.level !== 0 && standing.actor.rung >= grant.level;
  }
  if (standing.actor.rung < WRITE) return false;
  if (grant.kind === 'team') return (grant.childTeams ? standing.actor.teams : standing.actor.directTeams).includes(grant.id);
  if (grant.kind === 'app') return who.kind === 'app' && who.id === grant.id;
  return who.kind !== 'app' && who.id === grant.id;
}

export function anyGrantMatches(grants: readonly Grant[], actor: Actor, standing: Pick<Standing, 'actor'>): boolean {
  return grants.some((grant) => grantMatches(grant, actor, standing));
}

/** The rows of another rule's list, as `parametersOf` gives them; no such rule: no rows. */
export function grantsOf(parameters: unknown): readonly Grant[] {
  return parameters === null ? [] : (parameters as { grants: readonly Grant[] }).grants;
}

/** The matching rows, in words for the record. */
export function matchingGrants(list: string, grants: readonly Grant[], actor: Actor, standing: Standing): string[] {
  return grants.filter((grant) => grantMatches(grant, actor, standing)).map((grant) => `${list}: ${describeGrant(grant)}`);
}

function describeGrant(grant: Grant): string {
  return grant.kind === 'role' ? `role ${grant.level}` : `${grant.kind} ${grant.id}`;
}
