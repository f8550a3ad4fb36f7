import { cleanReason } from '#gate/push-options.ts';
import type { AuthenticatedCaller, Caller } from '#model/caller.ts';
import { WRITE } from '#model/rung.ts';
import { type Reached, type RepositoryKey, reachRepository, refuseArchived, requireActor, requireInRepository } from '../access.ts';
import type { Context } from '../context.ts';

/** Who writes to a repository's content, and why, should a rule stand in the way. */
export interface Writer {
  readonly caller: Caller;
  readonly bypassReason: string | null;
}

export interface Admitted extends Reached {
  readonly caller: AuthenticatedCaller;
  readonly bypassReason: string | null;
}

/** Lets a writer in, early: the gate reads everything again when it decides. */
export async function admitWriter({ store }: Context, { caller, bypassReason }: Writer, key: RepositoryKey): Promise<Admitted> {
  const reached = await reachRepository(store.read, caller, key, Date.now());
  requireInRepository(caller, reached, { rung: WRITE, capability: 'code:write', siteAdminMay: true });
  refuseArchived(reached);
  return { ...reached, caller: requireActor(caller), bypassReason: cleanReason(bypassReason) };
}
