import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { must } from '../../../support/api.ts';
import type { Persona } from '../../../support/personas.ts';
import { type Stage, silent } from './stage.ts';

/** An app, registered and installed by the native API, as Octokit's own authentication uses it. */
export interface App {
  readonly id: number;
  readonly slug: string;
  readonly installation: number;
  /** By its signed token. */
  readonly asItself: Octokit;
  /** By a token of its installation, which Octokit mints and keeps. */
  readonly asInstallation: Octokit;
}

export async function installedApp(
  { server, observer }: Stage,
  owner: Persona,
  account: string,
  slug: string,
  permissions: Readonly<Record<string, 'read' | 'write'>>,
): Promise<App> {
  const app = await must(owner.api('POST', '/api/sallyport/v1/apps', { slug, name: slug, owner: account, permissions }));
  const { id: installation } = await must(owner.api('PUT', `/api/sallyport/v1/apps/${slug}/installations/${account}`));
  const using = (auth: Readonly<Record<string, unknown>>): Octokit =>
    new Octokit({
      authStrategy: createAppAuth,
      auth: { appId: app.id, privateKey: app.private_key, ...auth },
      baseUrl: `${server.url}/api/v3`,
      request: { fetch: observer.fetch },
      log: silent,
    });
  return { id: app.id, slug, installation, asItself: using({}), asInstallation: using({ installationId: installation }) };
}
