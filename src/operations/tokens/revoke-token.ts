import type { AuthenticatedCaller, Caller } from '#model/caller.ts';
import { isCapable } from '#model/capability.ts';
import type { Reads } from '#model/ports/store.ts';
import { notFound } from '#model/problem.ts';
import type { Token } from '#model/token.ts';
import { change, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';

/**
 * Revokes a token at once: when this answers, no push that uses it moves a ref any more, not even one that is on its way. Whoever owns it,
 * granted its bypass, or administers the site may.
 */
export function revokeToken(context: Context, caller: Caller, id: number): Promise<void> {
  return change<void>(
    context,
    caller,
    async (tx, record, as) => {
      const token = await reachToken(tx, as, id);
      if (token.revokedAt !== null) return new Unchanged(undefined);
      await tx.tokens.revoke(id);
      const owner = await tx.accounts.findById(token.userId);
      record({
        action: 'oauth_access.destroy',
        operation: 'remove',
        ...(owner && { user: { id: owner.id, login: owner.login } }),
        data: { token_name: token.name, token_id_revoked: token.id, token_scopes: token.scopes.join(',') },
      });
    },
    () => 'everywhere',
  );
}

/** A token as its owner, its granter, a site admin or the operator may see it. */
export async function reachToken(reads: Reads, caller: Caller, id: number): Promise<Token> {
  const token = await reads.tokens.findById(id);
  if (token === null || !maySee(caller, token)) throw notFound('token');
  return token;
}

/** A token may always end itself; others of the same person only with a scope for the account, and never if it is elevated. */
export function mayManageTokens(caller: AuthenticatedCaller): boolean {
  const isCapableOfIt = isCapable(caller.capabilities, 'user:write') || isCapable(caller.capabilities, 'mint-bypass');
  return isCapableOfIt && caller.token?.bounds == null;
}

function maySee(caller: Caller, token: Token): boolean {
  if (caller.kind === 'operator') return true;
  if (caller.kind !== 'actor') return false;
  if (token.id === caller.token?.id) return true;
  const isSiteAdmin = caller.user.siteAdmin && isCapable(caller.capabilities, 'site:administer');
  if (!isSiteAdmin && !mayManageTokens(caller)) return false;
  return isSiteAdmin || token.userId === caller.user.id || token.bounds?.grantedBy === caller.user.id;
}
