import type { GranterStanding } from '#model/facts.ts';
import type { Grant, Protection, Ruleset } from '#model/protection.ts';
import { ADMIN, type Rung } from '#model/rung.ts';

/**
 * Whether a protection may be edited (decisions 8 and 14): a repository's needs rung 40 and, where it has one, a row of its
 * unprotect list; an organization's needs its owner. A site admin may always, so that nothing is locked for ever; it is
 * recorded like everything else.
 */
export function mayEditProtection(protection: Protection, granter: GranterStanding): boolean {
  if (!granter.active) return false;
  if (granter.siteAdmin) return true;
  if ('organization' in protection.owner) return granter.organizationOwner;
  if (granter.rung < ADMIN) return false;
  return protection.manage.length === 0 || protection.manage.some((grant) => granterMatches(grant, granter));
}

/** Rulesets have no unprotect list: a repository's needs rung 40, an organization's its owner. */
export function mayEditRuleset(ruleset: Ruleset, granter: GranterStanding): boolean {
  if (!granter.active) return false;
  if (granter.siteAdmin) return true;
  return 'organization' in ruleset.owner ? granter.organizationOwner : granter.rung >= ADMIN;
}

/** The rows of an unprotect list are rows like any other, asked of the granter as a person. */
function granterMatches(grant: Grant, granter: GranterStanding): boolean {
  if (grant.kind === 'role') return grant.level === 60 ? granter.siteAdmin : grant.level !== 0 && granter.rung >= grant.level;
  if (grant.kind === 'user') return grant.id === granter.userId;
  return grant.kind === 'team' && !grant.childTeams && granter.directTeams.includes(grant.id);
}

/** Nobody grants, changes or removes above the own rung; writing back what is already there changes nothing (decision 14). */
export function mayChangeMembership(own: Rung, present: Rung, wanted: Rung): boolean {
  return present === wanted || (own >= ADMIN && present <= own && wanted <= own);
}
