import type { User } from '#model/account.ts';
import type { Via, Who } from '#model/actor.ts';
import type { AuthenticatedCaller, RequestOrigin } from '#model/caller.ts';
import { type Capabilities, capabilitiesOf, capabilitiesOfApp, withoutAdministration } from '#model/capability.ts';
import type { Reads } from '#model/ports/store.ts';
import { ProblemError } from '#model/problem.ts';
import type { Token } from '#model/token.ts';
import { hashToken, looksLikeToken } from './tokens/secret.ts';

/**
 * Who bears a token. Throws `unauthenticated` for whatever is not a live token of an active account, without saying which of those it is not;
 * the reason goes to the log.
 */
export async function authenticateToken(reads: Reads, secret: string, via: Via, request: RequestOrigin): Promise<AuthenticatedCaller> {
  if (!looksLikeToken(secret)) throw refused('it is no token of this server');
  // Found by the hash of 178 random bits: how long the index takes to miss tells nothing about any token.
  const token = await reads.tokens.findByHash(hashToken(secret));
  if (token === null) throw refused('the token is unknown');
  if (token.revokedAt !== null) throw refused('the token was revoked');
  if (token.expiresAt !== null && token.expiresAt <= Date.now()) throw refused('the token has expired');
  const caller = await callerOfToken(reads, token, via, request);
  if (caller.user.state === 'suspended') throw refused('the account is suspended');
  return caller;
}

/** The caller that a stored token makes, dead or alive: the gate and operations look at that again. */
export async function callerOfToken(reads: Reads, token: Token, via: Via, request: RequestOrigin): Promise<AuthenticatedCaller> {
  const user = await reads.accounts.findById(token.userId);
  if (user === null || user.kind === 'organization') throw refused('the account is gone');
  const capabilities = capabilitiesOfToken(token);
  const who = await whoIs(reads, user);
  return { kind: 'actor', request, actor: { who, via, credential: { kind: 'token', id: token.id } }, user, capabilities, token };
}

function capabilitiesOfToken({ installation, bounds, scopes }: Token): Capabilities {
  if (installation !== null) return capabilitiesOfApp(installation.permissions);
  return bounds === null ? capabilitiesOf(scopes) : withoutAdministration(capabilitiesOf(scopes));
}

async function whoIs(reads: Reads, user: User): Promise<Who> {
  const maker = user.maker === null ? [] : [user.maker];
  if (user.app === null) return { kind: user.kind, id: user.id, siteAdmin: user.siteAdmin, responsible: maker };
  const app = await reads.apps.findById(user.app);
  if (app === null) throw refused('the app is gone');
  return { kind: 'app', id: app.id, siteAdmin: false, responsible: maker };
}

function refused(why: string): ProblemError {
  return new ProblemError({ kind: 'unauthenticated', why });
}
