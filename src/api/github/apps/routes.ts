import { Type } from 'typebox';
import { notFound } from '#model/problem.ts';
import { type InstallationShown, listOwnInstallations, readApp, readOwnApp, readOwnInstallation } from '#operations/apps/read-apps.ts';
import { mintInstallationToken } from '#operations/tokens/mint-installation-token.ts';
import { created, ok, route } from '../../route.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { listed } from '../repositories/shown.ts';
import { Id, OneOf, Optional } from '../schemas.ts';
import { timestamp } from '../time.ts';
import { type Urls, urls } from '../urls.ts';
import { installationObject, integration } from './from-model.ts';

const byItself = { who: 'app' } as const;

const tokenBody = Type.Object({
  repositories: Optional(Type.Array(Type.String())),
  repository_ids: Optional(Type.Array(Id)),
  permissions: Optional(Type.Record(Type.String(), OneOf('read', 'write'))),
});

export const appRoutes = [
  route({
    method: 'GET',
    path: '/app',
    access: byItself,
    summary: 'The app that asks',
    operation: 'apps/apps#get-the-authenticated-app',
    handle: async ({ context, caller, baseUrl }) => {
      const { app, owner } = await readOwnApp(context, caller);
      return ok(integration(app, owner, urls(baseUrl)));
    },
  }),
  route({
    method: 'GET',
    path: '/apps/{app_slug}',
    access: { who: 'anyone' },
    summary: 'An app',
    operation: 'apps/apps#get-an-app',
    handle: async ({ context, params, baseUrl }) => {
      const { app, owner } = await readApp(context, params.app_slug);
      return ok(integration(app, owner, urls(baseUrl)));
    },
  }),
  route({
    method: 'GET',
    path: '/app/installations',
    access: byItself,
    summary: 'Where the app is installed',
    operation: 'apps/apps#list-installations-for-the-authenticated-app',
    handle: async ({ context, caller, baseUrl }) =>
      ok((await listOwnInstallations(context, caller)).map((one) => shown(one, urls(baseUrl)))),
  }),
  route({
    method: 'GET',
    path: '/app/installations/{installation_id}',
    access: byItself,
    summary: 'One installation of the app',
    operation: 'apps/apps#get-an-installation-for-the-authenticated-app',
    handle: async ({ context, caller, params, baseUrl }) =>
      ok(shown(await readOwnInstallation(context, caller, { id: idOf(params.installation_id) }), urls(baseUrl))),
  }),
  route({
    method: 'GET',
    path: '/repos/{owner}/{repo}/installation',
    access: byItself,
    summary: "The app's installation that reaches a repository",
    operation: 'apps/apps#get-a-repository-installation-for-the-authenticated-app',
    handle: async ({ context, caller, params, baseUrl }) =>
      ok(shown(await readOwnInstallation(context, caller, { repository: repositoryKey(params) }), urls(baseUrl))),
  }),
  route({
    method: 'GET',
    path: '/orgs/{org}/installation',
    access: byItself,
    summary: "The app's installation on an organization",
    operation: 'apps/apps#get-an-organization-installation-for-the-authenticated-app',
    handle: async ({ context, caller, params, baseUrl }) =>
      ok(shown(await readOwnInstallation(context, caller, { organization: params.org }), urls(baseUrl))),
  }),
  route({
    method: 'POST',
    path: '/app/installations/{installation_id}/access_tokens',
    access: byItself,
    summary: 'A token of an installation, for an hour',
    operation: 'apps/apps#create-an-installation-access-token-for-an-app',
    body: tokenBody,
    bodyOptional: true,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const input = {
        repositories: body.repositories ?? null,
        repositoryIds: body.repository_ids ?? null,
        permissions: body.permissions ?? null,
      };
      const { token, secret, repositories, account } = await mintInstallationToken(context, caller, idOf(params.installation_id), input);
      return created({
        token: secret,
        expires_at: timestamp(token.expiresAt),
        permissions: token.installation?.permissions ?? {},
        repository_selection: repositories === null ? 'all' : 'selected',
        ...(repositories !== null && {
          repositories: await listed(
            context,
            repositories.map((repository) => ({ repository, owner: account, rung: 0 as const })),
            urls(baseUrl),
          ),
        }),
      });
    },
  }),
];

function shown({ installation, app, account }: InstallationShown, to: Urls) {
  return installationObject(installation, app, account, to);
}

function idOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw notFound('installation');
  return Number(text);
}
