import type { Caller } from '#model/caller.ts';
import type { Page, PageRequest } from '#model/ports/store-accounts.ts';
import type { Token } from '#model/token.ts';
import { requireActor } from '../access.ts';
import type { Context } from '../context.ts';
import { reachToken } from './revoke-token.ts';

/** The caller's own tokens, newest first; never a secret. */
export function listOwnTokens({ store }: Context, caller: Caller, page: PageRequest): Promise<Page<Token>> {
  return store.read.tokens.listOfUser(requireActor(caller).user.id, page);
}

export function readToken({ store }: Context, caller: Caller, id: number): Promise<Token> {
  return reachToken(store.read, caller, id);
}
