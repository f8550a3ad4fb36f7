import { randomUUID } from 'node:crypto';
import type { Caller } from '#model/caller.ts';
import type { BypassInput } from '#operations/tokens/mint-token.ts';
import { mintToken } from '#operations/tokens/mint-token.ts';
import { type Api, apiOf, must } from './api.ts';
import type { TestServer } from './server.ts';

/** Somebody who uses the server, with a token. */
export interface Persona {
  readonly login: string;
  readonly token: string;
  readonly api: Api;
  /** The URL of a repository with the token in it, for git. */
  readonly remote: (repository: string) => string;
}

/** The cast of every scenario (docs: style section 7). */
export interface Personas {
  readonly admin: Persona;
  readonly owner: Persona;
  readonly maintainer: Persona;
  readonly developer: Persona;
  readonly outsider: Persona;
  readonly attacker: Persona;
}

export const operator: Caller = { kind: 'operator', osUser: 'tester', request: { id: 'test', address: null, userAgent: null } };

export function personaOf(server: TestServer, login: string, token: string): Persona {
  const { protocol, host } = new URL(server.url);
  return {
    login,
    token,
    api: apiOf(server.url, token),
    remote: (repository) => `${protocol}//${login}:${token}@${host}/${repository}.git`,
  };
}

const everything = [
  'repo',
  'admin:org',
  'admin:org_hook',
  'user',
  'delete_repo',
  'admin:gpg_key',
  'admin:ssh_signing_key',
  'read:audit_log',
  'workflow',
];

/** Creates a person and gives them a token with every ordinary scope, or with these. */
export async function createPersona(server: TestServer, login: string, scopes: readonly string[] = everything): Promise<Persona> {
  const admin = apiOf(server.url, server.adminToken);
  await must(admin('POST', '/admin/users', { login, email: `${login}@example.com` }));
  return personaOf(server, login, await mint(server, login, scopes));
}

/** A token minted by the operator at the command line. */
export async function mint(
  server: TestServer,
  login: string,
  scopes: readonly string[],
  bypass: BypassInput | null = null,
): Promise<string> {
  const input = { user: login, name: `test ${randomUUID().slice(0, 8)}`, note: null, scopes, expiresAt: null, bypass };
  return (await mintToken(server.running.house.context, operator, input)).secret;
}

/** The same person with an elevated token. */
export async function elevated(
  server: TestServer,
  persona: Persona,
  bypass: BypassInput,
  scopes: readonly string[] = ['repo', 'repo:bypass-protection'],
): Promise<Persona> {
  return personaOf(server, persona.login, await mint(server, persona.login, scopes, bypass));
}

/** The organization `acme` with its people and the private repository `acme/app`. */
export async function castOf(server: TestServer, { repository = 'app' }: { repository?: string } = {}): Promise<Personas> {
  const admin = personaOf(server, 'admin', server.adminToken);
  const [owner, maintainer, developer, outsider, attacker] = await Promise.all(
    ['olga', 'mona', 'dev', 'ova', 'mallory'].map((login) => createPersona(server, login)),
  );
  await must(admin.api('POST', '/admin/organizations', { login: 'acme', admin: 'olga', profile_name: 'Acme' }));
  await must(owner!.api('POST', '/orgs/acme/repos', { name: repository, private: true }));
  const grant = (login: string, permission: string) =>
    must(owner!.api('PUT', `/repos/acme/${repository}/collaborators/${login}`, { permission }));
  await grant('mona', 'admin');
  await grant('dev', 'push');
  await grant('mallory', 'push');
  return { admin, owner: owner!, maintainer: maintainer!, developer: developer!, outsider: outsider!, attacker: attacker! };
}
