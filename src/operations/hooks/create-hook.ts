import type { Caller } from '#model/caller.ts';
import { type Hook, hookSecretName } from '#model/hook.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';
import { type HookOwnerKey, type HookOwnerReached, reachHookOwner } from './hook-access.ts';
import { eventsFrom, placeOf, refuseBadSecret, refuseBadUrl, refuseCrowd } from './hook-input.ts';
import { tellsOnly } from './tell-hook.ts';

export interface HookInput {
  readonly url: string;
  readonly contentType: Hook['contentType'];
  readonly insecureSsl: boolean;
  /** Null: none. */
  readonly secret: string | null;
  readonly events: readonly string[];
  readonly active: boolean;
}

export type HookShown = HookOwnerReached & { readonly hook: Hook };

/** Makes a hook, and tells it so: a ping is the first thing that it hears. */
export function createHook(context: Context, caller: Caller, key: HookOwnerKey, input: HookInput): Promise<HookShown> {
  return change(context, caller, async (tx, record, as) => {
    const reached = await reachHookOwner(tx, as, key, 'hook:write', tx.now);
    const { hookOwner, subject } = reached;
    const { url, contentType, insecureSsl, secret, active } = input;
    refuseBadUrl(url);
    const events = eventsFrom(input.events);
    if (secret !== null) refuseBadSecret(secret);
    await refuseCrowd(tx, hookOwner, { url, contentType, events }, null);
    const sealedSecret = secret === null || secret === '' ? null : context.seal(hookSecretName(hookOwner), secret);
    const hook = await tx.hooks.insertHook({ owner: hookOwner, url, contentType, insecureSsl, sealedSecret, events, active });
    record({
      action: 'hook.create',
      operation: 'create',
      ...subject,
      data: {
        hook_id: hook.id,
        events,
        active,
        url: placeOf(url),
        content_type: contentType,
        insecure_ssl: insecureSsl,
        has_secret: sealedSecret !== null,
      },
      tells: [tellsOnly(reached, hook, { kind: 'ping' })],
    });
    return { ...reached, hook };
  });
}
