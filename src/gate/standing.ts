import type { Account } from '#model/account.ts';
import type { Actor } from '#model/actor.ts';
import type { BypassBounds } from '#model/bypass-bounds.ts';
import type { AuthenticatedCaller } from '#model/caller.ts';
import { BYPASS_SCOPE, isCapable } from '#model/capability.ts';
import { type GranterStanding, keyName, type SigningKeyRef, type Standing } from '#model/facts.ts';
import type { Reads } from '#model/ports/store.ts';
import type { RungSources } from '#model/ports/store-repositories.ts';
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
  const isApp = who.kind === 'app';
  const [token, user, teams, sources, checks, liveKeys] = await Promise.all([
    caller.token === null ? null : reads.tokens.findById(caller.token.id),
    reads.accounts.findById(caller.user.id),
    teamsIn(reads, caller.user.id, owner),
    isApp ? null : reads.standings.readRungSources(caller.user.id, repository.id, now),
    reads.checks.listResults(repository.id, question.tips),
    readLiveKeys(reads, question.keys),
  ]);
  const [deadCredential, appRung, elevated] = await Promise.all([
    whyDead(reads, caller, token, user, now),
    isApp ? readRungOfApp(reads, token, repository) : (0 as const),
    readElevation(reads, token, via, repository, owner, now),
  ]);
  return {
    actor: {
      dead: deadCredential ?? beyondScopes(caller, repository),
      rung: sources === null ? appRung : effectiveRung(sources),
      siteAdmin: user?.kind === 'user' && user.siteAdmin,
      organizationOwner: who.kind === 'user' && isOrganizationOwner(sources),
      directTeams: teams.direct,
      teams: teams.all,
      keyMayWrite: true,
    },
    elevated,
    bypassReason: question.bypassReason,
    repository: {
      id: repository.id,
      archived: repository.archived,
      defaultBranch: branchRef(repository.defaultBranch),
      isEmpty: question.isEmpty,
    },
    checks,
    liveKeys,
  };
}

function teamsIn(reads: Reads, userId: number, owner: Account): Promise<{ direct: readonly number[]; all: readonly number[] }> {
  return owner.kind === 'organization' ? reads.standings.readTeams(userId, owner.id) : Promise.resolve({ direct: [], all: [] });
}

/** Level 50 in the organization that owns the repository; what has expired is not among the sources. */
function isOrganizationOwner(sources: RungSources | null): boolean {
  return (sources?.organization ?? 0) >= OWNER;
}

/** What an actor may do in a repository now. */
export async function readRung(
  reads: Reads,
  actor: Actor,
  token: Pick<Token, 'id'> | null,
  userId: number,
  repository: Pick<Repository, 'id' | 'ownerId'>,
  now: number,
): Promise<Rung> {
  if (actor.who.kind !== 'app') return effectiveRung(await reads.standings.readRungSources(userId, repository.id, now));
  return readRungOfApp(reads, token === null ? null : await reads.tokens.findById(token.id), repository);
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
  const [sources, teams] = await Promise.all([
    reads.standings.readRungSources(grantedBy, repository.id, now),
    teamsIn(reads, grantedBy, owner),
  ]);
  return {
    active: true,
    siteAdmin: granter.siteAdmin,
    rung: effectiveRung(sources),
    organizationOwner: isOrganizationOwner(sources),
    userId: grantedBy,
    directTeams: teams.direct,
  };
}

async function readLiveKeys(reads: Reads, keys: readonly SigningKeyRef[]): Promise<ReadonlySet<string>> {
  const ids = (kind: 'gpg' | 'ssh') => [...new Set(keys.flatMap((key) => (key.kind === kind ? [key.id] : [])))];
  const live = await reads.signingKeys.listLiveIds({ gpg: ids('gpg'), ssh: ids('ssh') });
  return new Set(['server', ...live.gpg.map((id) => keyName({ kind: 'gpg', id })), ...live.ssh.map((id) => keyName({ kind: 'ssh', id }))]);
}
