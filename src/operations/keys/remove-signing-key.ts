import type { Caller } from '#model/caller.ts';
import { notFound } from '#model/problem.ts';
import { requireActor, requireCapability } from '../access.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';

/** Takes one of the caller's keys away. Commits it signed are unverified from now on, also those in a push on its way. */
export function removeSigningKey(context: Context, caller: Caller, kind: 'gpg' | 'ssh', id: number): Promise<void> {
  requireCapability(caller, kind === 'gpg' ? 'gpg-key:write' : 'ssh-signing-key:write');
  return change(
    context,
    caller,
    async (tx, record, as) => {
      const { user } = requireActor(as);
      const key = kind === 'gpg' ? await tx.signingKeys.findGpg(id) : await tx.signingKeys.findSsh(id);
      if (key?.userId !== user.id) throw notFound('key');
      await (kind === 'gpg' ? tx.signingKeys.removeGpg(id) : tx.signingKeys.removeSsh(id));
      const action = kind === 'gpg' ? 'gpg_key.destroy' : 'ssh_signing_key.destroy';
      record({ action, operation: 'remove', user: { id: user.id, login: user.login }, data: { fingerprint: key.fingerprint } });
    },
    () => 'everywhere',
  );
}
