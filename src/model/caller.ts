import type { Account, User } from './account.ts';
import type { Actor } from './actor.ts';
import type { AuditActor, AuditSubject, NewAuditEntry } from './audit-entry.ts';
import type { Capabilities } from './capability.ts';
import type { Repository } from './repository.ts';
import type { App, Token } from './token.ts';

/** The request that somebody asks by, for the record. */
export interface RequestOrigin {
  readonly id: string;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** Who asks an operation. What it read at authentication is for messages; operations read again what they decide by. */
export type Caller = { readonly request: RequestOrigin } & (
  | { readonly kind: 'anonymous' }
  /** A person at the server's command line, who may do everything, on the record. */
  | { readonly kind: 'operator'; readonly osUser: string }
  /** An app that proved itself with its private key, before it has a token of an installation. */
  | { readonly kind: 'app'; readonly app: App }
  | AuthenticatedCaller
);

export interface AuthenticatedCaller {
  readonly kind: 'actor';
  readonly request: RequestOrigin;
  readonly actor: Actor;
  /** The account it acts as: a person, or the bot of an app. */
  readonly user: User;
  readonly capabilities: Capabilities;
  readonly token: Token | null;
}

type Asked = Pick<NewAuditEntry, 'actor' | 'via' | 'address' | 'userAgent' | 'requestId' | 'token'>;

/** Who did it and how, as an audit entry keeps it. */
export function askedBy(caller: Caller): Asked {
  const { id, address, userAgent } = caller.request;
  const origin = { address, userAgent, requestId: id };
  if (caller.kind !== 'actor')
    return { ...origin, actor: outsideActor(caller), via: caller.kind === 'operator' ? 'cli' : 'api', token: null };
  const { actor, user, token } = caller;
  const kind = actor.who.kind;
  return {
    ...origin,
    actor: { id: user.id, login: user.login, kind },
    via: actor.via,
    token: token === null ? null : { id: token.id, name: token.name, scopes: token.scopes, kind: token.kind },
  };
}

function outsideActor(caller: Exclude<Caller, AuthenticatedCaller>): AuditActor {
  switch (caller.kind) {
    case 'anonymous':
      return { id: null, login: 'anonymous', kind: 'anonymous' };
    case 'operator':
      return { id: null, login: `operator:${caller.osUser}`, kind: 'operator' };
    case 'app':
      return { id: caller.app.botId, login: `${caller.app.slug}[bot]`, kind: 'app' };
    default:
      return caller satisfies never;
  }
}

/** The repository, and its organization if it has one, as an audit entry keeps them. */
export function repositorySubject(repository: Repository, owner: Account): AuditSubject {
  return {
    ...(owner.kind === 'organization' && { organization: { id: owner.id, login: owner.login } }),
    repository: { id: repository.id, fullName: `${owner.login}/${repository.name}`, isPublic: repository.visibility === 'public' },
  };
}
