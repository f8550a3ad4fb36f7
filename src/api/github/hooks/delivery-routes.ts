import { listDeliveries, readDelivery } from '#operations/hooks/read-hooks.ts';
import { redeliver } from '#operations/hooks/tell-hook.ts';
import { ok, type Route, route } from '../../route.ts';
import { deliveryItem, deliveryObject } from './from-model.ts';
import type { HookPlace } from './places.ts';
import { deliveriesQuery } from './schema.ts';
import { idOf, toDeliveryFilter } from './to-model.ts';

export function deliveryRoutes({ path, access, docs, keyOf }: HookPlace): Route[] {
  const common = { access, hidesForbidden: true };
  const all = `${path}/{hook_id}/deliveries` as const;
  return [
    route({
      ...common,
      method: 'GET',
      path: all,
      summary: 'What a hook was sent, newest first',
      operation: docs.listDeliveries,
      query: deliveriesQuery,
      handle: async ({ context, caller, params, query, baseUrl, url }) => {
        const { deliveries, more } = await listDeliveries(context, caller, keyOf(params), idOf(params.hook_id), toDeliveryFilter(query));
        return ok(deliveries.map(deliveryItem), more ? nextLink(baseUrl, url, deliveries.at(-1)!.id) : {});
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: `${all}/{delivery_id}`,
      summary: 'A delivery with its request and the answer to it',
      operation: docs.getDelivery,
      handle: async ({ context, caller, params }) => {
        const { delivery, hook } = await readDelivery(context, caller, keyOf(params), idOf(params.hook_id), idOf(params.delivery_id));
        return ok(deliveryObject(delivery, hook));
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: `${all}/{delivery_id}/attempts`,
      summary: 'Send a delivery once more',
      operation: docs.redeliver,
      handle: async ({ context, caller, params }) => {
        await redeliver(context, caller, keyOf(params), idOf(params.hook_id), idOf(params.delivery_id));
        return { status: 202, body: {} };
      },
    }),
  ];
}

/** Older ones than the last that is shown. */
function nextLink(baseUrl: string, url: string, last: number): Record<string, string> {
  const target = new URL(url, baseUrl);
  target.searchParams.set('cursor', `v1_${last}`);
  return { link: `<${baseUrl}${target.pathname}${target.search}>; rel="next"` };
}
