import type { Caller } from '#model/caller.ts';
import type { Hook } from '#model/hook.ts';
import { invalid, notFound } from '#model/problem.ts';
import { branchRef } from '#model/ref-name.ts';
import type { Tidings } from '#model/telling.ts';
import { change, type Tells } from '../change.ts';
import type { Context } from '../context.ts';
import { findOwnHook, type HookOwnerKey, type HookOwnerReached, reachHookOwner } from './hook-access.ts';

/** Characters that one hook is sent again in the time for which deliveries are kept. */
const maximumRedelivered = 50 * 1024 * 1024;

/** For this hook and no other. */
export function tellsOnly({ repository, owner }: HookOwnerReached, hook: Hook, tidings: Tidings): Tells {
  return { repositoryId: repository?.id ?? null, ownerId: owner.id, hookId: hook.id, tidings };
}

/** Sends a hook something to see whether it hears: also one that is switched off. */
export function pingHook(context: Context, caller: Caller, key: HookOwnerKey, id: number): Promise<void> {
  return change(context, caller, async (tx, record, as) => {
    const reached = await reachHookOwner(tx, as, key, 'hook:ping', tx.now);
    const hook = await findOwnHook(tx, reached, id);
    const tells = [tellsOnly(reached, hook, { kind: 'ping' })];
    record({ action: 'hook.ping', operation: 'access', ...reached.subject, data: { hook_id: hook.id }, tells });
  });
}

/** Tells a repository's hook, if it hears of pushes, of the newest commit of the default branch. */
export function testHook(context: Context, caller: Caller, key: HookOwnerKey, id: number): Promise<void> {
  return change(context, caller, async (tx, record, as) => {
    const reached = await reachHookOwner(tx, as, key, 'hook:write', tx.now);
    if (reached.repository === null) throw notFound('hook');
    const hook = await findOwnHook(tx, reached, id);
    const refName = branchRef(reached.repository.defaultBranch);
    const tells = [tellsOnly(reached, hook, { kind: 'test-push', refName })];
    record({ action: 'hook.test', operation: 'access', ...reached.subject, data: { hook_id: hook.id }, tells });
  });
}

/** Sends a delivery once more, as it was. */
export function redeliver(context: Context, caller: Caller, key: HookOwnerKey, id: number, deliveryId: number): Promise<void> {
  return change(context, caller, async (tx, record, as) => {
    const reached = await reachHookOwner(tx, as, key, 'hook:write', tx.now);
    const hook = await findOwnHook(tx, reached, id);
    const delivery = await tx.deliveries.findDelivery(hook.id, deliveryId);
    if (delivery === null) throw notFound('delivery');
    // Each is kept for a month with all that it says, like the first.
    if ((await tx.deliveries.countRedelivered(hook.id)) + delivery.payload.length > maximumRedelivered)
      throw invalid('delivery_id', 'Too much was sent to this hook again in the last 30 days', 'custom', 'Hook');
    const [again] = await tx.deliveries.insertDeliveries([{ ...delivery, isRedelivery: true }]);
    const data = { hook_id: hook.id, delivery_id: again!.id, redelivers: delivery.id, event: delivery.event };
    record({ action: 'hook.redeliver', operation: 'access', ...reached.subject, data });
  });
}
