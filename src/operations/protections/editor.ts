import { liveLevel } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import type { GranterStanding } from '#model/facts.ts';
import type { Reads, Transaction } from '#model/ports/store.ts';
import { forbidden } from '#model/problem.ts';
import type { Protection } from '#model/protection.ts';
import { OWNER } from '#model/rung.ts';
import { mayEditProtection } from '#policy/permissions.ts';
import type { Reached } from '../access.ts';

/** The caller as an editor of rules, with the rights of this moment. */
export async function editorStanding(reads: Reads, caller: Caller, { owner, rung }: Reached, now: number): Promise<GranterStanding> {
  if (caller.kind === 'operator')
    return { active: true, siteAdmin: true, rung: 50, organizationOwner: true, userId: null, directTeams: [] };
  if (caller.kind !== 'actor') return { active: false, siteAdmin: false, rung: 0, organizationOwner: false, userId: null, directTeams: [] };
  const isOrganization = owner.kind === 'organization';
  const membership = isOrganization ? await reads.organizations.findMembership(owner.id, caller.user.id) : null;
  const teams = isOrganization ? await reads.standings.readTeams(caller.user.id, owner.id) : { direct: [] };
  return {
    active: true,
    siteAdmin: caller.user.siteAdmin,
    rung,
    organizationOwner: liveLevel(membership, now) >= OWNER,
    userId: caller.user.id,
    directTeams: teams.direct,
  };
}

/** Refuses who may not edit this protection (decision 14): its rung and its unprotect list. */
export async function requireEditor(tx: Transaction, caller: Caller, reached: Reached, protection: Protection): Promise<void> {
  if (!mayEditProtection(protection, await editorStanding(tx, caller, reached, tx.now)))
    throw forbidden('the right to edit the protection');
}
