import { readRung } from '#gate/standing.ts';
import { type Account, liveLevel, type Organization, type User } from '#model/account.ts';
import type { AuthenticatedCaller, Caller } from '#model/caller.ts';
import { type Capability, isCapable } from '#model/capability.ts';
import type { Reads } from '#model/ports/store.ts';
import { forbidden, notFound, ProblemError } from '#model/problem.ts';
import type { Repository } from '#model/repository.ts';
import { OWNER, READ, type Rung } from '#model/rung.ts';

/** A repository as one caller may see it. */
export interface Reached {
  readonly repository: Repository;
  readonly owner: Account;
  /** What the caller may do there, the token's limits aside. */
  readonly rung: Rung;
}

/** Which repository: by path, or by id as Link headers name it. */
export type RepositoryKey = { readonly owner: string; readonly name: string } | { readonly id: number };

/**
 * Finds a repository that the caller may see; what they may not see does not exist for them. Visible is: public to all, internal to
 * everybody signed in, private from rung 20 with a credential that may read code.
 */
export async function reachRepository(reads: Reads, caller: Caller, key: RepositoryKey, now: number): Promise<Reached> {
  const repository = 'id' in key ? await reads.repositories.findById(key.id) : await reads.repositories.findByPath(key.owner, key.name);
  const owner = repository && (await reads.accounts.findById(repository.ownerId));
  if (!repository || !owner) throw notFound('repository');
  const rung = await rungOf(reads, caller, repository, now);
  if (!isVisible(caller, repository, rung)) throw notFound('repository');
  return { repository, owner, rung };
}

/**
 * A repository whose code the caller may read over the API. Seeing that there is one is less: a credential for statuses sees it, and one
 * for git alone. `capability`: what else will do for what is asked.
 */
export async function reachCode(
  reads: Reads,
  caller: Caller,
  key: RepositoryKey,
  now: number,
  capability: Capability = 'code:read',
): Promise<Reached> {
  const reached = await reachRepository(reads, caller, key, now);
  if (caller.kind !== 'actor' || reached.repository.visibility === 'public') return reached;
  const mayRead = isCapable(caller.capabilities, 'code:read') || isCapable(caller.capabilities, capability);
  if (!mayRead) throw forbidden(credentialWith(caller, 'code:read'));
  return reached;
}

/** The caller's rung; the operator at the command line has the highest, everybody unknown none. */
export async function rungOf(reads: Reads, caller: Caller, repository: Repository, now: number): Promise<Rung> {
  if (caller.kind === 'operator') return OWNER;
  if (caller.kind !== 'actor') return 0;
  return readRung(reads, caller.actor, caller.token, caller.user.id, repository, now);
}

export function isVisible(caller: Caller, repository: Repository, rung: Rung): boolean {
  if (repository.visibility === 'public' || caller.kind === 'operator') return true;
  if (caller.kind !== 'actor' || !seesPrivate(caller)) return false;
  return repository.visibility === 'internal' || rung >= READ || caller.user.siteAdmin;
}

/** Whether the credential shows that there are other repositories than public ones. */
export function seesPrivate({ capabilities }: AuthenticatedCaller): boolean {
  return (['code:read', 'code:pull', 'status:write', 'hook:read'] as const).some((one) => isCapable(capabilities, one));
}

/**
 * Whether the caller may do something in a repository: the rung, and the capability that their credential needs for it. A site admin
 * administers every repository, on the record, without being a member (decision 14).
 */
export function requireInRepository(
  caller: Caller,
  { repository, rung }: Reached,
  need: { readonly rung: Rung; readonly capability: Capability; readonly siteAdminMay?: boolean },
): void {
  if (caller.kind === 'operator') return;
  if (caller.kind !== 'actor') throw new ProblemError({ kind: 'unauthenticated', why: 'a token is needed' });
  if (!isCapable(caller.capabilities, need.capability, repository.visibility)) throw forbidden(credentialWith(caller, need.capability));
  const bySiteAdmin = need.siteAdminMay === true && caller.user.siteAdmin;
  if (rung < need.rung && !bySiteAdmin) throw forbidden(`rung ${need.rung}`);
}

/** What a caller may give and take away there: what they have, and a site admin everything. */
export function rungToGive(caller: Caller, { rung }: Reached): Rung {
  return caller.kind === 'actor' && caller.user.siteAdmin ? OWNER : rung;
}

/** Archived repositories are read-only for everybody; only un-archiving them is not refused by this. */
export function refuseArchived({ repository }: Reached): void {
  if (repository.archived) throw new ProblemError({ kind: 'archived' });
}

export function requireActor(caller: Caller): AuthenticatedCaller {
  if (caller.kind !== 'actor') throw new ProblemError({ kind: 'unauthenticated', why: 'a token is needed' });
  return caller;
}

export function requireCapability(caller: Caller, capability: Capability): void {
  if (caller.kind === 'operator') return;
  if (caller.kind !== 'actor') throw new ProblemError({ kind: 'unauthenticated', why: 'a token is needed' });
  if (!isCapable(caller.capabilities, capability)) throw forbidden(credentialWith(caller, capability));
}

/** What a credential falls short of: a token by its scopes, an app by its permissions. */
export function credentialWith({ actor }: AuthenticatedCaller, capability: Capability): string {
  return `${actor.who.kind === 'app' ? 'an app' : 'a token'} with the capability ${capability}`;
}

/** Site administration needs the attribute and a token that may use it. */
export function requireSiteAdmin(caller: Caller): void {
  if (caller.kind === 'operator') return;
  const isAdmin = caller.kind === 'actor' && caller.user.siteAdmin && isCapable(caller.capabilities, 'site:administer');
  if (!isAdmin)
    throw caller.kind === 'actor' ? forbidden('a site admin') : new ProblemError({ kind: 'unauthenticated', why: 'a token is needed' });
}

export async function findOrganization(reads: Reads, login: string): Promise<Organization> {
  const account = await reads.accounts.findByLogin(login);
  if (account?.kind !== 'organization') throw notFound('organization');
  return account;
}

export async function findUser(reads: Reads, login: string): Promise<User> {
  const account = await reads.accounts.findByLogin(login);
  if (account === null || account.kind === 'organization') throw notFound('user');
  return account;
}

/** The caller's level in an organization: 0 for strangers, 50 for owners, the operator and site admins who use that right. */
export async function levelIn(reads: Reads, caller: Caller, organization: Organization, now: number): Promise<number> {
  if (caller.kind === 'operator') return OWNER;
  if (caller.kind !== 'actor') return 0;
  if (caller.user.siteAdmin && isCapable(caller.capabilities, 'site:administer')) return OWNER;
  const membership = await reads.organizations.findMembership(organization.id, caller.user.id);
  return liveLevel(membership, now);
}

/** Everything of an organization needs its owner, and a token that may administer organizations. */
export async function requireOrganizationOwner(reads: Reads, caller: Caller, organization: Organization, now: number): Promise<void> {
  requireCapability(caller, 'org:administer');
  if ((await levelIn(reads, caller, organization, now)) < OWNER) throw forbidden('an owner of the organization');
}
