import { type BypassInput, mintToken } from '#operations/tokens/mint-token.ts';
import { must } from '../support/api.ts';
import type { GitResult } from '../support/git.ts';
import type { WorkTree } from '../support/history.ts';
import { createPersona, operator, type Persona, type Personas, personaOf } from '../support/personas.ts';
import { protect } from '../support/protections.ts';
import type { TestServer } from '../support/server.ts';
import { childOf } from './stage.ts';

let count = 0;

/** A repository of its own for one test, on a server that many share. */
export interface Scene {
  readonly server: TestServer;
  readonly cast: Personas;
  readonly tree: WorkTree;
  /** `owner/name`. */
  readonly repository: string;
  readonly repositoryId: number;
  /** Where `main` and `open` stand. */
  readonly base: string;
  /** A commit on top of it, on the server nowhere. */
  readonly next: string;
}

/** `main` is protected: changes come through a pull request, for admins too. */
export async function newScene(server: TestServer, cast: Personas, tree: WorkTree): Promise<Scene> {
  const name = `scene-${++count}`;
  const repository = `acme/${name}`;
  const { id } = await must(cast.owner.api('POST', '/orgs/acme/repos', { name, private: true }));
  for (const [login, permission] of [
    ['mona', 'admin'],
    ['dev', 'push'],
  ])
    await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/${login}`, { permission }));
  const empty = await tree.must('hash-object', '-t', 'tree', '-w', '/dev/null');
  const base = await tree.must('commit-tree', empty, '-m', `base of ${name}`);
  await tree.must('push', '--quiet', cast.owner.remote(repository), `${base}:refs/heads/main`, `${base}:refs/heads/open`);
  await protect(cast.owner.api, repository, 'main', { required_pull_request_reviews: {}, enforce_admins: true });
  return { server, cast, tree, repository, repositoryId: id, base, next: await childOf(tree, base, `next of ${name}`) };
}

export function pushNext({ tree, repository, next }: Scene, who: Persona, branch: string, ...options: string[]): Promise<GitResult> {
  return tree.push(who.remote(repository), ...options, `${next}:refs/heads/${branch}`);
}

/** A new person with write on the scene's repository. */
export async function newWriter({ server, cast, repository }: Scene, permission = 'push'): Promise<Persona> {
  const person = await createPersona(server, `person-${++count}`);
  await must(cast.owner.api('PUT', `/repos/${repository}/collaborators/${person.login}`, { permission }));
  return person;
}

/** An elevated token for the scene's repository, with its id. */
export async function elevate(
  { server, repository }: Scene,
  persona: Persona,
  bounds: Partial<BypassInput> = {},
  expiresAt: number | null = null,
): Promise<Persona & { readonly tokenId: number }> {
  const bypass = { repositories: [repository], ...bounds };
  const scopes = ['repo', 'repo:bypass-protection'];
  const input = { user: persona.login, name: 'robot', note: null, scopes, expiresAt, bypass };
  const { token, secret } = await mintToken(server.running.house.context, operator, input);
  return { ...personaOf(server, persona.login, secret), tokenId: token.id };
}
