import type { User } from '#model/account.ts';
import { type BypassBounds, defaultOperations, defaultRuleTypes, type Operation } from '#model/bypass-bounds.ts';
import type { AuthenticatedCaller, Caller } from '#model/caller.ts';
import { BYPASS_SCOPE, capabilitiesOf, isCapable, knownScopes, MINT_SCOPE, scopesBesideBypass } from '#model/capability.ts';
import type { Reads, Transaction } from '#model/ports/store.ts';
import { forbidden, invalid, notFound, ProblemError } from '#model/problem.ts';
import { ADMIN } from '#model/rung.ts';
import type { Token } from '#model/token.ts';
import { allRules } from '#policy/rules/index.ts';
import { findUser, reachRepository, requireSiteAdmin, rungOf } from '../access.ts';
import { change, type Recorder } from '../change.ts';
import type { Context } from '../context.ts';
import { mayManageTokens } from './revoke-token.ts';
import { hashToken, newTokenSecret } from './secret.ts';

/** The bounds of an elevated token as they are asked for; what is left out gets the defaults of decision 7. */
export interface BypassInput {
  /** `owner/name`; `all` for a site admin or the operator only. */
  readonly repositories: readonly string[] | 'all';
  readonly refs?: readonly string[];
  readonly operations?: readonly Operation[];
  readonly rules?: readonly string[];
  readonly paths?: readonly string[] | null;
  readonly uses?: number | null;
}

export interface TokenInput {
  /** Whose it is; null: the caller's own. */
  readonly user: string | null;
  readonly name: string;
  readonly note: string | null;
  readonly scopes: readonly string[];
  /** Milliseconds since 1970; null: 30 days from now, or when the token that asks expires, if that is sooner. */
  readonly expiresAt: number | null;
  readonly bypass: BypassInput | null;
}

export interface Minted {
  readonly token: Token;
  /** Shown this once. */
  readonly secret: string;
}

const aDay = 24 * 60 * 60 * 1000;
const defaultDays = 30;
const maximumDays = 366;
const maximumUses = 1_000_000_000;

/**
 * Mints a token for its owner to use. By an API: never by an elevated token, never wider than the token that asks (its scopes, its
 * expiry), for others only by a site admin; an elevated one needs the scope for it, which only the command line gives (decision 8).
 */
export function mintToken(context: Context, caller: Caller, input: TokenInput): Promise<Minted> {
  return change(context, caller, (tx, record, as) => insertToken(tx, record, as, input));
}

/** Part of a larger step, such as the first start. */
export async function insertToken(tx: Transaction, record: Recorder, caller: Caller, input: TokenInput): Promise<Minted> {
  const user = await ownerOf(tx, caller, input.user);
  const name = input.name.trim();
  if (name === '' || name.length > 100 || /\p{Cc}/u.test(name))
    throw invalid('name', 'name is needed, of at most 100 characters', 'invalid', 'Token');
  const scopes = [...new Set(input.scopes)].sort();
  refuseScopes(scopes, input.bypass !== null, caller);
  const minterExpires = caller.kind === 'actor' ? (caller.token?.expiresAt ?? null) : null;
  const expiresAt = input.expiresAt ?? Math.min(tx.now + defaultDays * aDay, minterExpires ?? Number.POSITIVE_INFINITY);
  if (expiresAt <= tx.now || expiresAt > tx.now + maximumDays * aDay)
    throw invalid('expires_at', `expires_at must lie within ${maximumDays} days`, 'invalid', 'Token');
  if (caller.kind === 'actor') refuseWider(caller, scopes, expiresAt);
  const bounds = input.bypass === null ? null : await toBounds(tx, caller, input.bypass, expiresAt);
  const secret = newTokenSecret();
  const token = await tx.tokens.insert({
    kind: 'classic',
    userId: user.id,
    name,
    note: input.note,
    scopes,
    bounds,
    installation: null,
    lastEight: secret.slice(-8),
    expiresAt,
    hash: hashToken(secret),
  });
  const data = {
    token_name: name,
    token_id_created: token.id,
    token_scopes: scopes.join(','),
    expires_at: expiresAt,
    ...(bounds && { bounds, elevated: true }),
  };
  record({ action: 'oauth_access.create', operation: 'create', user: { id: user.id, login: user.login }, data });
  return { token, secret };
}

async function ownerOf(reads: Reads, caller: Caller, login: string | null): Promise<User> {
  const isOwn = caller.kind === 'actor' && (login === null || login.toLowerCase() === caller.user.login.toLowerCase());
  if (isOwn) return caller.user;
  requireSiteAdmin(caller);
  if (login === null) throw notFound('user');
  const user = await findUser(reads, login);
  if (user.app !== null) throw forbidden('a person: the tokens of an app come from its installations');
  return user;
}

function refuseScopes(scopes: readonly string[], hasBounds: boolean, caller: Caller): void {
  const unknown = scopes.filter((scope) => !knownScopes.has(scope));
  if (unknown.length > 0) throw invalid('scopes', `unknown: ${unknown.join(', ')}`, 'invalid', 'Token');
  const isElevated = scopes.includes(BYPASS_SCOPE);
  if (isElevated !== hasBounds)
    throw invalid('bypass', `the scope ${BYPASS_SCOPE} and the bounds of its bypass go together`, 'invalid', 'Token');
  if (isElevated && !scopes.some((scope) => scopesBesideBypass.includes(scope))) {
    throw invalid('scopes', `${BYPASS_SCOPE} needs one of ${scopesBesideBypass.join(', ')} beside it`, 'invalid', 'Token');
  }
  if (scopes.includes(MINT_SCOPE) && isElevated)
    throw invalid('scopes', `${MINT_SCOPE} never sits beside ${BYPASS_SCOPE}`, 'invalid', 'Token');
  if (scopes.includes(MINT_SCOPE) && caller.kind !== 'operator')
    throw forbidden(`the command line: ${MINT_SCOPE} is not given out over an API`);
}

function refuseWider(caller: AuthenticatedCaller, scopes: readonly string[], expiresAt: number): void {
  if (caller.token === null || caller.token.bounds !== null || caller.actor.who.kind === 'app')
    throw forbidden('an ordinary token of a person');
  if (!mayManageTokens(caller)) throw forbidden('a token with the scope user');
  const held = caller.token.scopes;
  const wanted = capabilitiesOf(scopes.filter((scope) => scope !== BYPASS_SCOPE));
  const isWithin =
    [...wanted.everywhere].every((one) => isCapable(caller.capabilities, one)) &&
    [...wanted.inPublic].every((one) => isCapable(caller.capabilities, one, 'public')) &&
    scopes.every((scope) => hasCapabilities(scope) || includesScope(held, scope));
  if (!isWithin) throw forbidden('a token with at least these scopes');
  if (scopes.includes(BYPASS_SCOPE) && !isCapable(caller.capabilities, 'mint-bypass'))
    throw forbidden(`a token with the scope ${MINT_SCOPE}`);
  if (caller.token.expiresAt !== null && expiresAt > caller.token.expiresAt)
    throw invalid('expires_at', 'may not be later than that of the token that mints', 'invalid', 'Token');
}

function hasCapabilities(scope: string): boolean {
  const { everywhere, inPublic } = capabilitiesOf([scope]);
  return everywhere.size > 0 || inPublic.size > 0;
}

/** Scopes of features to come open nothing yet. They are compared by name, so that they are not handed out before they do. */
function includesScope(held: readonly string[], scope: string): boolean {
  const [, level, subject] = /^(read|write):(.+)$/.exec(scope) ?? [];
  const wider = level === undefined ? [] : [`admin:${subject}`, ...(level === 'read' ? [`write:${subject}`] : [])];
  const ofRepo = scope === 'security_events' || /^repo[:_]/.test(scope) ? ['repo'] : [];
  return [scope, ...wider, ...ofRepo].some((one) => held.includes(one));
}

async function toBounds(tx: Transaction, caller: Caller, input: BypassInput, expiresAt: number): Promise<BypassBounds> {
  const types = input.rules ?? defaultRuleTypes;
  const knownTypes = new Set([...allRules.map((rule) => rule.type), ...defaultRuleTypes]);
  const unknown = types.filter((type) => !knownTypes.has(type));
  if (unknown.length > 0) throw invalid('bypass.rules', `unknown: ${unknown.join(', ')}`, 'invalid', 'Token');
  if (input.uses !== undefined && input.uses !== null && (!Number.isInteger(input.uses) || input.uses < 1 || input.uses > maximumUses))
    throw invalid('bypass.uses', `is a number from 1 to ${maximumUses}`, 'invalid', 'Token');
  for (const [field, patterns] of [
    ['refs', input.refs],
    ['paths', input.paths],
  ] as const) {
    if (patterns?.some((pattern) => pattern === '' || pattern.length > 1000))
      throw invalid(`bypass.${field}`, 'an empty or overlong pattern', 'invalid', 'Token');
  }
  return {
    repositories: await toRepositories(tx, caller, input.repositories),
    refs: input.refs ?? ['refs/heads/*', 'refs/heads/**/*'],
    operations: input.operations ?? defaultOperations,
    ruleTypes: types,
    paths: input.paths ?? null,
    uses: input.uses == null ? null : { max: input.uses, reserved: 0, spent: 0 },
    expiresAt,
    grantedBy: caller.kind === 'actor' ? caller.user.id : 'operator',
  };
}

/** Only repositories whose rules the granter may edit: the token could not waive anything elsewhere. */
async function toRepositories(tx: Transaction, caller: Caller, names: BypassInput['repositories']): Promise<BypassBounds['repositories']> {
  const mayNameAll = caller.kind === 'operator' || (caller.kind === 'actor' && caller.user.siteAdmin);
  if (names === 'all') {
    if (!mayNameAll) throw forbidden('a site admin: "all" repositories are not for anybody else to give');
    return 'all';
  }
  if (names.length === 0) throw invalid('bypass.repositories', 'name at least one', 'invalid', 'Token');
  const ids: number[] = [];
  for (const name of names) {
    const [owner, repository, ...rest] = name.split('/');
    if (!owner || !repository || rest.length > 0)
      throw invalid('bypass.repositories', `${JSON.stringify(name)} is not owner/name`, 'invalid', 'Token');
    const reached = await reachRepository(tx, caller, { owner, name: repository }, tx.now).catch((error: unknown) => {
      if (!(error instanceof ProblemError)) throw error;
      throw invalid('bypass.repositories', `${JSON.stringify(name)} does not exist`, 'invalid', 'Token');
    });
    const mayEdit = mayNameAll || (await rungOf(tx, caller, reached.repository, tx.now)) >= ADMIN;
    if (!mayEdit) throw invalid('bypass.repositories', `you may not edit the rules of ${name}`, 'invalid', 'Token');
    ids.push(reached.repository.id);
  }
  return [...new Set(ids)];
}
