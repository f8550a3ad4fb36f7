import type { Caller } from '#model/caller.ts';
import { forbidden } from '#model/problem.ts';
import { findUser, requireSiteAdmin } from '../access.ts';
import { change, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';

/** Makes a person a site admin, or an ordinary one again. */
export function setSiteAdmin(context: Context, caller: Caller, login: string, siteAdmin: boolean): Promise<void> {
  return change<void>(
    context,
    caller,
    async (tx, record, as) => {
      requireSiteAdmin(as);
      const user = await findUser(tx, login);
      if (user.kind !== 'user') throw forbidden('a person: robots administer nothing');
      if (as.kind === 'actor' && as.user.id === user.id) throw forbidden('somebody else: nobody demotes themselves');
      if (user.siteAdmin === siteAdmin) return new Unchanged(undefined);
      await tx.accounts.updateUser(user.id, { siteAdmin });
      record({ action: siteAdmin ? 'user.promote' : 'user.demote', operation: 'modify', user: { id: user.id, login: user.login } });
    },
    () => 'everywhere',
  );
}
