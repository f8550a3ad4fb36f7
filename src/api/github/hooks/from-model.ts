import type { Account } from '#model/account.ts';
import type { Delivery, Hook } from '#model/hook.ts';
import type { Repository } from '#model/repository.ts';
import { fullName } from '../repositories/from-model.ts';
import { timestamp } from '../time.ts';
import type { Urls } from '../urls.ts';

/** Stands for a secret that is there. */
export const SECRET_SHOWN = '********';

interface HookPlace {
  readonly owner: Account;
  /** Null: it is the organization's. */
  readonly repository: Repository | null;
}

export function configObject({ url, contentType, insecureSsl, sealedSecret }: Hook) {
  return {
    content_type: contentType,
    insecure_ssl: insecureSsl ? '1' : '0',
    ...(sealedSecret !== null && { secret: SECRET_SHOWN }),
    url,
  };
}

export function hookObject(hook: Hook, { owner, repository }: HookPlace, urls: Urls) {
  const place = repository === null ? urls.org(owner.login) : urls.repo(fullName({ owner, repository }));
  const url = `${place}/hooks/${hook.id}`;
  return {
    type: repository === null ? 'Organization' : 'Repository',
    id: hook.id,
    name: 'web',
    active: hook.active,
    events: hook.events,
    config: configObject(hook),
    updated_at: timestamp(hook.updatedAt),
    created_at: timestamp(hook.createdAt),
    url,
    ...(repository !== null && { test_url: `${url}/test` }),
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
    ...(repository !== null && { last_response: lastResponse(hook) }),
  };
}

function lastResponse({ lastResponse: last }: Hook) {
  if (last === null) return { code: null, status: 'unused', message: null };
  return { code: last.code, status: last.code !== null && last.code < 300 ? 'active' : 'failed', message: last.message };
}

/** A delivery that was attempted, as lists show it. No answer at all is the code 0. */
export function deliveryItem(delivery: Delivery) {
  const { outcome } = delivery;
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: timestamp(outcome?.at ?? 0),
    redelivery: delivery.isRedelivery,
    duration: (outcome?.milliseconds ?? 0) / 1000,
    status: outcome?.status ?? '',
    status_code: outcome?.code ?? 0,
    event: delivery.event,
    action: delivery.action,
    installation_id: null,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  };
}

export function deliveryObject(delivery: Delivery, { url }: Hook) {
  const { outcome, payload } = delivery;
  return {
    ...deliveryItem(delivery),
    url,
    request: { headers: outcome?.request ?? null, payload: JSON.parse(payload) as unknown },
    response: { headers: outcome?.response?.headers ?? null, payload: outcome?.response?.body ?? null },
  };
}
