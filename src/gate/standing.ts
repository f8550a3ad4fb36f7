import { type Account, liveLevel } from '#model/account.ts';
import type { Actor } from '#model/actor.ts';
import type { BypassBounds } from '#model/bypass-bounds.ts';
import type { AuthenticatedCaller } from '#model/caller.ts';
import { BYPASS_SCOPE, isCapable } from '#model/capability.ts';
import { type GranterStanding, keyName, type SigningKeyRef, type Standing } from '#model/facts.ts';
import type { Reads } from '#model/ports/store.ts';
import { branchRef } from '#model/ref-name.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import { OWNER, type Rung } from '#model/rung.ts';
import type { Token } from '#model/token.ts';
import { effectiveRung, rungOfApp } from '#policy/effective-rung.ts';

export interface StandingQuestion {
  readonly caller: AuthenticatedCaller;
  readonly repository: Repository;
  readonly owner: Account;
  readonly isEmpty: boolean;
  readonly bypassReason: string | null;
  /** New tips whose check results may be asked for. */
  readonly tips: readonly ObjectId[];
  /** Keys that verified signatures of the push. */
  readonly keys: readonly SigningKeyRef[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Everything the database has to say about a push, read at one moment (spec/model.md 7.4). Early it comes from the committed state,
 * for speed and for the message; the reading inside the transaction that records the intent is the one that counts.
 */
export async function readStanding(reads: Reads, question: StandingQuestion): Promise<Standing> {
  const { caller, repository, owner, now } = question;
  const { who, via } = caller.actor;
  const token = caller.token === null ? null : await reads.tokens.findById(caller.token.id);
  const user = await reads.accounts.findById(caller.user.id);
  const dead = (await whyDead(reads, caller, token, user, now)) ?? beyondScopes(caller, repository);
  const teams = owner.kind === 'organization' ? await reads.standings.readTeams(caller.user.id, owner.id) : { direct: [], all: [] };
  const membership = owner.kind === 'organization' ? await reads.organizations.findMembership(owner.id, caller.user.id) : null;
  return {
    actor: {
      dead,
      rung: await readRung(reads, caller.actor, token, caller.user.id, repository, now),
      siteAdmin: user?.kind === 'user' && user.siteAdmin,
      organizationOwner: who.kind === 'user' && liveLevel(membership, now) >= OWNER,
      directTeams: teams.direct,
      teams: teams.all,
      keyMayWrite: true,
    },
    elevated: await readElevation(reads, token, via, repository, owner, now),
    bypassReason: question.bypassReason,
    repository: {
      id: repository.id,
      archived: repository.archived,
      defaultBranch: branchRef(repository.defaultBranch),
      isEmpty: question.isEmpty,
    },
    checks: await reads.checks.listResults(repository.id, question.tips),
    liveKeys: await readLiveKeys(reads, question.keys),
  };
}

/** What an actor may do in a repository now. */
export async function readRung(
  reads: Reads,
  actor: Actor,
  token: Token | null,
  userId: number,
  repository: Pick<Repository, 'id' | 'ownerId'>,
  now: number,
): Promise<Rung> {
  if (actor.who.kind === 'app') return readRungOfApp(reads, token, repository);
  return effectiveRung(await reads.standings.readRungSources(userId, repository.id, now));
}

/** An app reaches what it is installed on, and of that only what its token names. */
async function readRungOfApp(reads: Reads, token: Token | null, repository: Pick<Repository, 'id' | 'ownerId'>): Promise<Rung> {
  const limits = token?.installation;
  if (!limits) return 0;
  const installation = await reads.apps.findInstallation(limits.id);
  const isInstalledHere = installation !== null && installation.accountId === repository.ownerId;
  const isNamed = limits.repositories === null || limits.repositories.includes(repository.id);
  return isInstalledHere && isNamed ? rungOfApp(limits.permissions) : 0;
}

/** Why the credential of this request, or whoever it belongs to, counts no more. Null: it does. */
export async function whyDead(
  reads: Reads,
  caller: AuthenticatedCaller,
  token: Token | null,
  user: Account | null,
  now: number,
): Promise<string | null> {
  if (user === null || user.kind === 'organization') return 'the account is gone';
  if (user.state === 'suspended') return 'the account is suspended';
  if (caller.actor.credential.kind === 'token') {
    if (token === null) return 'the token is gone';
    if (token.revokedAt !== null) return 'the token was revoked';
    if (token.expiresAt !== null && token.expiresAt <= now) return 'the token has expired';
    if (token.installation !== null && (await reads.apps.findInstallation(token.installation.id)) === null)
      return 'the app was uninstalled';
  }
  return null;
}

/** A credential for public repositories is good for those that are public now. */
function beyondScopes({ actor, capabilities }: AuthenticatedCaller, { visibility }: Repository): string | null {
  const needed = { 'git-http': 'code:push', api: 'code:write', web: null, 'git-ssh': null, server: null } as const;
  const capability = needed[actor.via];
  const isGood = capability === null || isCapable(capabilities, capability, visibility);
  return isGood ? null : `the token is not good for a ${visibility} repository`;
}

async function readElevation(
  reads: Reads,
  token: Token | null,
  via: Actor['via'],
  repository: Repository,
  owner: Account,
  now: number,
): Promise<Standing['elevated']> {
  if (!token?.bounds || !token.scopes.includes(BYPASS_SCOPE) || (via !== 'api' && via !== 'git-http')) return null;
  return { bounds: token.bounds, granter: await readGranter(reads, token.bounds, repository, owner, now) };
}

/** The granter's rights at this moment: a token waives only what its granter could edit (decision 8). */
async function readGranter(
  reads: Reads,
  { grantedBy }: BypassBounds,
  repository: Repository,
  owner: Account,
  now: number,
): Promise<GranterStanding> {
  const nobody: GranterStanding = { active: false, siteAdmin: false, rung: 0, organizationOwner: false, userId: null, directTeams: [] };
  if (grantedBy === 'operator') return nobody;
  const granter = await reads.accounts.findById(grantedBy);
  if (granter === null || granter.kind === 'organization' || granter.state === 'suspended') return nobody;
  const membership = owner.kind === 'organization' ? await reads.organizations.findMembership(owner.id, grantedBy) : null;
  const teams = owner.kind === 'organization' ? await reads.standings.readTeams(grantedBy, owner.id) : { direct: [] };
  return {
    active: true,
    siteAdmin: granter.siteAdmin,
    rung: effectiveRung(await reads.standings.readRungSources(grantedBy, repository.id, now)),
    organizationOwner: liveLevel(membership, now) >= OWNER,
    userId: grantedBy,
    directTeams: teams.direct,
  };
}

async function readLiveKeys(reads: Reads, keys: readonly SigningKeyRef[]): Promise<ReadonlySet<string>> {
  const ids = (kind: 'gpg' | 'ssh') => [...new Set(keys.flatMap((key) => (key.kind === kind ? [key.id] : [])))];
  const live = await reads.signingKeys.listLiveIds({ gpg: ids('gpg'), ssh: ids('ssh') });
  return new Set(['server', ...live.gpg.map((id) => keyName({ kind: 'gpg', id })), ...live.ssh.map((id) => keyName({ kind: 'ssh', id }))]);
}
