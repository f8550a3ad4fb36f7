import { Type } from 'typebox';
import { createApp } from '#operations/apps/create-app.ts';
import { installApp, uninstallApp } from '#operations/apps/install-app.ts';
import { created, noContent, ok, route } from '../../route.ts';
import { Nullable, OneOf, showTime, time } from '../schemas.ts';

const permissions = Type.Record(Type.String(), OneOf('read', 'write'));
const administer = { who: 'signed-in', capability: 'any' } as const;

export const appRoutes = [
  route({
    method: 'POST',
    path: '/apps',
    access: administer,
    summary: 'Register an app. Its private key is in this answer and nowhere else.',
    body: Type.Object({
      slug: Type.String(),
      name: Type.String(),
      owner: Type.String(),
      permissions,
      events: Type.Optional(Type.Array(Type.String())),
      description: Type.Optional(Nullable(Type.String())),
      external_url: Type.Optional(Type.String()),
    }),
    output: Type.Object({
      id: Type.Integer(),
      slug: Type.String(),
      name: Type.String(),
      permissions,
      events: Type.Array(Type.String()),
      private_key: Type.String(),
      created_at: time,
    }),
    handle: async ({ context, caller, body }) => {
      const { app, privateKey } = await createApp(context, caller, {
        slug: body.slug,
        name: body.name,
        owner: body.owner,
        permissions: body.permissions,
        events: body.events ?? [],
        description: body.description ?? null,
        externalUrl: body.external_url ?? context.server.publicUrl,
      });
      return created({
        id: app.id,
        slug: app.slug,
        name: app.name,
        permissions: app.permissions,
        events: app.events,
        private_key: privateKey,
        created_at: showTime(app.createdAt),
      });
    },
  }),
  route({
    method: 'PUT',
    path: '/apps/{slug}/installations/{owner}',
    access: administer,
    summary: 'Install an app on an account, with the permissions the app asks for',
    output: Type.Object({ id: Type.Integer(), app: Type.String(), account: Type.String(), permissions }),
    handle: async ({ context, caller, params }) => {
      const { installation, app, account } = await installApp(context, caller, params.slug, params.owner);
      return ok({ id: installation.id, app: app.slug, account: account.login, permissions: installation.permissions });
    },
  }),
  route({
    method: 'DELETE',
    path: '/apps/{slug}/installations/{owner}',
    access: administer,
    summary: 'Take an app off an account; its tokens there are dead when this answers',
    handle: async ({ context, caller, params }) => {
      await uninstallApp(context, caller, params.slug, params.owner);
      return noContent;
    },
  }),
];
