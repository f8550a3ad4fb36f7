import type { Static } from 'typebox';
import type { Hook } from '#model/hook.ts';
import type { DeliveryFilter } from '#model/ports/store-hooks.ts';
import { invalid, notFound } from '#model/problem.ts';
import type { HookInput } from '#operations/hooks/create-hook.ts';
import type { HookChanges } from '#operations/hooks/update-hook.ts';
import { readPaging } from '../pagination.ts';
import { SECRET_SHOWN } from './from-model.ts';
import type { configBody, deliveriesQuery, hookChangesBody, newHookBody } from './schema.ts';

type ConfigBody = Static<typeof configBody>;

export function toHookInput({ name, config, events, active }: Static<typeof newHookBody>): HookInput {
  refuseOtherNames(name);
  const { url, contentType, insecureSsl, secret } = toConfig(config ?? {});
  if (url === undefined) throw invalid('url', 'url cannot be blank', 'custom', 'Hook');
  return {
    url,
    contentType: contentType ?? 'form',
    insecureSsl: insecureSsl ?? false,
    secret: secret?.set ?? null,
    events: events ?? ['push'],
    active: active ?? true,
  };
}

/** A configuration is replaced as a whole: a secret that it does not name is gone. The one that is shown stays what it is. */
export function toHookChanges(body: Static<typeof hookChangesBody>): HookChanges {
  const { name, config, events, add_events, remove_events, active } = body;
  refuseOtherNames(name);
  return {
    ...(config != null && {
      contentType: 'form' as const,
      insecureSsl: false,
      ...(config.secret !== SECRET_SHOWN && { secret: { set: null } }),
      ...toConfig(config),
    }),
    ...(events != null && { events }),
    ...(add_events != null && { addEvents: add_events }),
    ...(remove_events != null && { removeEvents: remove_events }),
    ...(active != null && { active }),
  };
}

/** What is left out stays. */
export function toConfig({ url, content_type, secret, insecure_ssl }: ConfigBody): Omit<HookChanges, 'events'> {
  return {
    ...(url != null && { url }),
    ...(content_type != null && { contentType: toContentType(content_type) }),
    ...(secret != null && secret !== SECRET_SHOWN && { secret: { set: secret } }),
    ...(insecure_ssl != null && { insecureSsl: toFlag(insecure_ssl) }),
  };
}

function refuseOtherNames(name: string | null | undefined): void {
  if (name != null && name !== 'web') throw invalid('name', 'name must be web', 'invalid', 'Hook');
}

function toContentType(text: string): Hook['contentType'] {
  if (text !== 'json' && text !== 'form') throw invalid('content_type', 'content_type must be json or form', 'invalid', 'Hook');
  return text;
}

function toFlag(value: string | number): boolean {
  if (!/^[01]$/.test(String(value))) throw invalid('insecure_ssl', 'insecure_ssl must be 0 or 1', 'invalid', 'Hook');
  return String(value) === '1';
}

export function toDeliveryFilter(query: Static<typeof deliveriesQuery>): DeliveryFilter {
  const { limit } = readPaging(query.per_page === undefined ? {} : { per_page: query.per_page });
  if (query.cursor !== undefined && !/^v1_\d{1,15}$/.test(query.cursor))
    throw invalid('cursor', 'cursor is none of ours', 'invalid', 'Hook');
  const state = { success: 'delivered', failure: 'failed' } as const;
  return {
    limit,
    before: query.cursor === undefined ? null : Number(query.cursor.slice('v1_'.length)),
    isRedelivery: query.redelivery === undefined ? null : query.redelivery === 'true',
    state: state[query.status as keyof typeof state] ?? null,
  };
}

export function idOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw notFound('hook');
  return Number(text);
}
