import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { type Api, apiOf, must } from './api.ts';
import { type Persona, personaOf } from './personas.ts';
import type { TestServer } from './server.ts';

/** An app that is installed on an account, and can make tokens there. */
export interface InstalledApp {
  readonly id: number;
  readonly slug: string;
  readonly installation: number;
  /** Asks as the app itself. */
  readonly asItself: Api;
  /** Asks, and pushes, as an installation. */
  token(limits?: Readonly<Record<string, unknown>>): Promise<Persona>;
}

/** Registers an app and installs it, as an owner of the account may. */
export async function installApp(
  server: TestServer,
  owner: Persona,
  account: string,
  slug: string,
  permissions: Readonly<Record<string, string>> = { contents: 'write', statuses: 'write', checks: 'write' },
): Promise<InstalledApp> {
  const app = await must(owner.api('POST', '/api/sallyport/v1/apps', { slug, name: slug, owner: account, permissions }));
  const installation = await must(owner.api('PUT', `/api/sallyport/v1/apps/${slug}/installations/${account}`));
  const asItself: Api = async (...call) => apiOf(server.url, await appJwt(app.id, app.private_key))(...call);
  return {
    id: app.id,
    slug,
    installation: installation.id,
    asItself,
    async token(limits = {}) {
      const { token } = await must(asItself('POST', `/app/installations/${installation.id}/access_tokens`, limits));
      return personaOf(server, 'x-access-token', token);
    },
  };
}

function appJwt(id: number, privateKey: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(String(id))
    .setIssuedAt(now - 10)
    .setExpirationTime(now + 300)
    .sign(createPrivateKey(privateKey));
}
