import { liveLevel, type Organization, type Team } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import { isCapable } from '#model/capability.ts';
import type { Reads } from '#model/ports/store.ts';
import { forbidden, notFound } from '#model/problem.ts';
import { OWNER } from '#model/rung.ts';
import { findOrganization, levelIn, requireCapability } from '../access.ts';

export interface TeamReached {
  readonly organization: Organization;
  readonly team: Team;
  /** The caller's level in the organization. */
  readonly level: number;
  /** Whether the caller maintains the team, as its maintainer or as an owner of the organization. */
  readonly maintains: boolean;
}

export type TeamKey = { readonly org: string; readonly slug: string } | { readonly organizationId: number; readonly teamId: number };

/** A team as the caller may see it: closed ones are seen by members of the organization, secret ones by their own. */
export async function reachTeam(reads: Reads, caller: Caller, key: TeamKey, now: number): Promise<TeamReached> {
  const organization = 'org' in key ? await findOrganization(reads, key.org) : await organizationById(reads, key.organizationId);
  const team = 'slug' in key ? await reads.teams.findBySlug(organization.id, key.slug) : await reads.teams.findById(key.teamId);
  if (team?.organizationId !== organization.id) throw notFound('team');
  const level = await levelIn(reads, caller, organization, now);
  const membership = caller.kind === 'actor' ? await reads.teams.findMembership(team.id, caller.user.id) : null;
  const mayRead = caller.kind === 'operator' || (caller.kind === 'actor' && isCapable(caller.capabilities, 'org:read'));
  const levelInTeam = liveLevel(membership, now);
  const sees = level >= OWNER || levelInTeam > 0 || (team.privacy === 'closed' && level >= 10);
  if (!mayRead || !sees) throw notFound('team');
  return { organization, team, level, maintains: level >= OWNER || levelInTeam >= OWNER };
}

async function organizationById(reads: Reads, id: number): Promise<Organization> {
  const account = await reads.accounts.findById(id);
  if (account?.kind !== 'organization') throw notFound('organization');
  return account;
}

export function requireMaintainer(caller: Caller, { maintains }: TeamReached): void {
  requireCapability(caller, 'org:write');
  if (!maintains) throw forbidden('an owner of the organization or a maintainer of the team');
}

export function teamSubject({ organization, team }: Pick<TeamReached, 'organization' | 'team'>) {
  return { organization: { id: organization.id, login: organization.login }, team: { id: team.id, slug: team.slug } };
}
