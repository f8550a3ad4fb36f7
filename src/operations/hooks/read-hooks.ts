import type { Caller } from '#model/caller.ts';
import type { Delivery, Hook } from '#model/hook.ts';
import type { Page, PageRequest } from '#model/ports/store-accounts.ts';
import type { DeliveryFilter } from '#model/ports/store-hooks.ts';
import { notFound } from '#model/problem.ts';
import type { Context } from '../context.ts';
import type { HookShown } from './create-hook.ts';
import { findOwnHook, type HookOwnerKey, type HookOwnerReached, reachHookOwner } from './hook-access.ts';

export async function listHooks(
  { store }: Context,
  caller: Caller,
  key: HookOwnerKey,
  page: PageRequest,
): Promise<HookOwnerReached & Page<Hook>> {
  const reached = await reachHookOwner(store.read, caller, key, 'hook:read', Date.now());
  return { ...reached, ...(await store.read.hooks.listHooks(reached.hookOwner, page)) };
}

export async function readHook({ store }: Context, caller: Caller, key: HookOwnerKey, id: number): Promise<HookShown> {
  const reached = await reachHookOwner(store.read, caller, key, 'hook:read', Date.now());
  return { ...reached, hook: await findOwnHook(store.read, reached, id) };
}

/** A page of what was sent, newest first, and whether more follows. */
export async function listDeliveries(
  context: Context,
  caller: Caller,
  key: HookOwnerKey,
  id: number,
  filter: DeliveryFilter,
): Promise<{ readonly deliveries: readonly Delivery[]; readonly more: boolean }> {
  const { hook } = await readHook(context, caller, key, id);
  const found = await context.store.read.deliveries.listAttempted(hook.id, { ...filter, limit: filter.limit + 1 });
  return { deliveries: found.slice(0, filter.limit), more: found.length > filter.limit };
}

export async function readDelivery(
  context: Context,
  caller: Caller,
  key: HookOwnerKey,
  id: number,
  deliveryId: number,
): Promise<HookShown & { readonly delivery: Delivery }> {
  const shown = await readHook(context, caller, key, id);
  const delivery = await context.store.read.deliveries.findDelivery(shown.hook.id, deliveryId);
  if (delivery?.outcome == null) throw notFound('delivery');
  return { ...shown, delivery };
}
