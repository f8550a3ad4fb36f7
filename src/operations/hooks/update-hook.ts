import type { Caller } from '#model/caller.ts';
import { type Hook, hookSecretName } from '#model/hook.ts';
import { change, type Happening, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';
import type { HookShown } from './create-hook.ts';
import { findOwnHook, type HookOwnerKey, type HookOwnerReached, reachHookOwner } from './hook-access.ts';
import { eventsFrom, placeOf, refuseBadSecret, refuseBadUrl, refuseCrowd } from './hook-input.ts';

export interface HookChanges {
  readonly url?: string;
  readonly contentType?: Hook['contentType'];
  readonly insecureSsl?: boolean;
  /** Left out: what is there stays. `set` null: none from now on. */
  readonly secret?: { readonly set: string | null };
  readonly active?: boolean;
  /** Instead of those that are there. */
  readonly events?: readonly string[];
  readonly addEvents?: readonly string[];
  readonly removeEvents?: readonly string[];
}

/** Changes a hook. Writing back what is shown changes nothing, and is not recorded. */
export function updateHook(context: Context, caller: Caller, key: HookOwnerKey, id: number, changes: HookChanges): Promise<HookShown> {
  return change(context, caller, async (tx, record, as) => {
    const reached = await reachHookOwner(tx, as, key, 'hook:write', tx.now);
    const before = await findOwnHook(tx, reached, id);
    const after = { ...before, ...wanted(context, reached, before, changes) };
    const happened = happenings(reached, before, after);
    if (happened.length === 0) return new Unchanged({ ...reached, hook: before });
    await refuseCrowd(tx, reached.hookOwner, after, id);
    const { url, contentType, insecureSsl, sealedSecret, events, active } = after;
    await tx.hooks.updateHook(id, { url, contentType, insecureSsl, sealedSecret, events, active });
    record(...happened);
    return { ...reached, hook: (await tx.hooks.findHook(id))! };
  });
}

function wanted(context: Context, { hookOwner }: HookOwnerReached, before: Hook, changes: HookChanges) {
  const { url, contentType, insecureSsl, secret, active } = changes;
  if (url !== undefined) refuseBadUrl(url);
  const removed = new Set(changes.removeEvents);
  const events = [...(changes.events ?? before.events), ...(changes.addEvents ?? [])].filter((event) => !removed.has(event));
  eventsFrom([...removed, ...events]);
  return {
    events: eventsFrom(events),
    ...(url !== undefined && { url }),
    ...(contentType !== undefined && { contentType }),
    ...(insecureSsl !== undefined && { insecureSsl }),
    ...(active !== undefined && { active }),
    ...(secret !== undefined && { sealedSecret: sealed(context, hookOwner, before, secret.set) }),
  };
}

/** Sealing the same text twice gives two different ones; a secret that is written again is no change. */
function sealed(context: Context, owner: Hook['owner'], { sealedSecret }: Hook, secret: string | null): string | null {
  if (secret === null || secret === '') return null;
  refuseBadSecret(secret);
  const name = hookSecretName(owner);
  return sealedSecret !== null && context.unseal(name, sealedSecret) === secret ? sealedSecret : context.seal(name, secret);
}

function happenings({ subject }: HookOwnerReached, before: Hook, after: Hook): Happening[] {
  const isSame = (field: keyof Hook): boolean => JSON.stringify(before[field]) === JSON.stringify(after[field]);
  const common = { operation: 'modify' as const, ...subject };
  const isSameConfig = (['url', 'contentType', 'insecureSsl', 'sealedSecret'] as const).every(isSame);
  const config = {
    hook_id: after.id,
    url: placeOf(after.url),
    old_url: placeOf(before.url),
    url_changed: before.url !== after.url,
    content_type: after.contentType,
    old_content_type: before.contentType,
    insecure_ssl: after.insecureSsl,
    old_insecure_ssl: before.insecureSsl,
    has_secret: after.sealedSecret !== null,
    secret_changed: !isSame('sealedSecret'),
  };
  return [
    ...(isSameConfig ? [] : [{ ...common, action: 'hook.config_changed', data: config }]),
    ...(isSame('events')
      ? []
      : [{ ...common, action: 'hook.events_changed', data: { hook_id: after.id, events: after.events, old_events: before.events } }]),
    ...(isSame('active')
      ? []
      : [{ ...common, action: 'hook.active_changed', data: { hook_id: after.id, active: after.active, old_active: before.active } }]),
  ];
}
