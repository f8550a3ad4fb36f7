import { createHook } from '#operations/hooks/create-hook.ts';
import { deleteHook } from '#operations/hooks/delete-hook.ts';
import { listHooks, readHook } from '#operations/hooks/read-hooks.ts';
import { pingHook, testHook } from '#operations/hooks/tell-hook.ts';
import { updateHook } from '#operations/hooks/update-hook.ts';
import { created, noContent, ok, type Route, route } from '../../route.ts';
import { linkHeader, readPaging } from '../pagination.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { pageQuery } from '../schemas.ts';
import { urls } from '../urls.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import { configObject, hookObject } from './from-model.ts';
import { type HookPlace, hookPlaces } from './places.ts';
import { configBody, hookChangesBody, newHookBody } from './schema.ts';
import { idOf, toConfig, toHookChanges, toHookInput } from './to-model.ts';

export const hookRoutes: readonly Route[] = [
  ...hookPlaces.flatMap((place) => [...routesOf(place), ...configRoutes(place), ...deliveryRoutes(place)]),
  route({
    method: 'POST',
    path: '/repos/{owner}/{repo}/hooks/{hook_id}/tests',
    access: { who: 'signed-in', capability: 'any' },
    hidesForbidden: true,
    summary: 'Tell a hook of the newest commit of the default branch, as if it had just been pushed',
    operation: 'repos/webhooks#test-the-push-repository-webhook',
    handle: async ({ context, caller, params }) => {
      await testHook(context, caller, { repository: repositoryKey(params) }, idOf(params.hook_id));
      return noContent;
    },
  }),
];

function routesOf({ path, of, access, docs, keyOf }: HookPlace): Route[] {
  const common = { access, hidesForbidden: true };
  const one = `${path}/{hook_id}` as const;
  return [
    route({
      ...common,
      method: 'GET',
      path,
      summary: `The hooks of ${of === 'repository' ? 'a repository' : 'an organization'}`,
      operation: docs.list,
      query: pageQuery,
      handle: async ({ context, caller, params, query, baseUrl, url }) => {
        const paging = readPaging(query);
        const { items, total, ...place } = await listHooks(context, caller, keyOf(params), paging);
        return ok(
          items.map((hook) => hookObject(hook, place, urls(baseUrl))),
          linkHeader(baseUrl, url, paging, { total }),
        );
      },
    }),
    route({
      ...common,
      method: 'POST',
      path,
      summary: 'Make a hook; it is pinged at once',
      operation: docs.create,
      body: newHookBody,
      handle: async ({ context, caller, params, body, baseUrl }) => {
        const { hook, ...place } = await createHook(context, caller, keyOf(params), toHookInput(body));
        const shown = hookObject(hook, place, urls(baseUrl));
        return created(shown, shown.url);
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: one,
      summary: 'A hook',
      operation: docs.get,
      handle: async ({ context, caller, params, baseUrl }) => {
        const { hook, ...place } = await readHook(context, caller, keyOf(params), idOf(params.hook_id));
        return ok(hookObject(hook, place, urls(baseUrl)));
      },
    }),
    route({
      ...common,
      method: 'PATCH',
      path: one,
      summary: 'Change a hook; a configuration is replaced as a whole',
      operation: docs.update,
      body: hookChangesBody,
      handle: async ({ context, caller, params, body, baseUrl }) => {
        const { hook, ...place } = await updateHook(context, caller, keyOf(params), idOf(params.hook_id), toHookChanges(body));
        return ok(hookObject(hook, place, urls(baseUrl)));
      },
    }),
    route({
      ...common,
      method: 'DELETE',
      path: one,
      summary: 'Remove a hook',
      operation: docs.delete,
      handle: async ({ context, caller, params }) => {
        await deleteHook(context, caller, keyOf(params), idOf(params.hook_id));
        return noContent;
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: `${one}/pings`,
      summary: 'Send a hook a ping',
      operation: docs.ping,
      handle: async ({ context, caller, params }) => {
        await pingHook(context, caller, keyOf(params), idOf(params.hook_id));
        return noContent;
      },
    }),
  ];
}

function configRoutes({ path, access, docs, keyOf }: HookPlace): Route[] {
  const common = { access, hidesForbidden: true, path: `${path}/{hook_id}/config` as const };
  return [
    route({
      ...common,
      method: 'GET',
      summary: 'Where and how a hook is told',
      operation: docs.getConfig,
      handle: async ({ context, caller, params }) => {
        const { hook } = await readHook(context, caller, keyOf(params), idOf(params.hook_id));
        return ok(configObject(hook));
      },
    }),
    route({
      ...common,
      method: 'PATCH',
      summary: 'Change where and how a hook is told; what is left out stays',
      operation: docs.updateConfig,
      body: configBody,
      bodyOptional: true,
      handle: async ({ context, caller, params, body }) => {
        const { hook } = await updateHook(context, caller, keyOf(params), idOf(params.hook_id), toConfig(body));
        return ok(configObject(hook));
      },
    }),
  ];
}
