import type { Caller } from '#model/caller.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';
import { findOwnHook, type HookOwnerKey, reachHookOwner } from './hook-access.ts';
import { placeOf } from './hook-input.ts';

/** Removes a hook and the record of its deliveries; what it has not been told yet it never hears. */
export function deleteHook(context: Context, caller: Caller, key: HookOwnerKey, id: number): Promise<void> {
  return change(context, caller, async (tx, record, as) => {
    const reached = await reachHookOwner(tx, as, key, 'hook:administer', tx.now);
    const { events, url } = await findOwnHook(tx, reached, id);
    await tx.hooks.removeHook(id);
    record({ action: 'hook.destroy', operation: 'remove', ...reached.subject, data: { hook_id: id, events, url: placeOf(url) } });
  });
}
