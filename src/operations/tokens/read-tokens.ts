import type { Caller } from '#model/caller.ts';
import type { Page, PageRequest } from '#model/ports/store-accounts.ts';
import { forbidden } from '#model/problem.ts';
import type { Token } from '#model/token.ts';
import { requireActor } from '../access.ts';
import type { Context } from '../context.ts';
import { mayManageTokens, reachToken } from './revoke-token.ts';

/** The caller's own tokens, newest first; never a secret. */
export function listOwnTokens({ store }: Context, caller: Caller, page: PageRequest): Promise<Page<Token>> {
  const actor = requireActor(caller);
  if (!mayManageTokens(actor)) throw forbidden('a token with the scope user');
  return store.read.tokens.listOfUser(actor.user.id, page);
}

export function readToken({ store }: Context, caller: Caller, id: number): Promise<Token> {
  return reachToken(store.read, caller, id);
}
