import type { User } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import { forbidden } from '#model/problem.ts';
import { findUser, requireSiteAdmin } from '../access.ts';
import { change, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';

/** Suspends a person, or lets them back in. Their tokens are dead from the moment this answers. */
export function setUserState(context: Context, caller: Caller, login: string, state: User['state']): Promise<void> {
  return change<void>(
    context,
    caller,
    async (tx, record, as) => {
      requireSiteAdmin(as);
      const user = await findUser(tx, login);
      if (as.kind === 'actor' && as.user.id === user.id) throw forbidden('somebody else: nobody suspends themselves');
      if (user.state === state) return new Unchanged(undefined);
      await tx.accounts.updateUser(user.id, { state });
      const action = state === 'suspended' ? 'user.suspend' : 'user.unsuspend';
      record({ action, operation: 'modify', user: { id: user.id, login: user.login } });
    },
    () => 'everywhere',
  );
}
