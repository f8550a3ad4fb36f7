import { mintToken } from '#operations/tokens/mint-token.ts';
import { must } from '../support/api.ts';
import type { DatabaseKind } from '../support/databases.ts';
import { WorkTree } from '../support/history.ts';
import { castOf, operator, type Persona, type Personas, personaOf } from '../support/personas.ts';
import { freePort } from '../support/ports.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

export const repository = 'acme/app';

/** A server under an address that stays, with a repository to break: `main` takes changes by pull request only, `frozen` takes none. */
export interface Stage extends AsyncDisposable {
  readonly server: TestServer;
  readonly cast: Personas;
  readonly tree: WorkTree;
  readonly repositoryId: number;
  /** An elevated token of the developer for `main`. */
  readonly robot: Persona;
  readonly robotToken: number;
  /** The first commit, on all branches. */
  readonly base: string;
}

export async function setStage(database: DatabaseKind, { uses = null }: { uses?: number | null } = {}): Promise<Stage> {
  const port = await freePort();
  const server = await startTestServer({ database, config: { listen: { host: '127.0.0.1', port } } });
  const cast = await castOf(server);
  const tree = await WorkTree.create();
  const base = await tree.commit('base', { 'README.md': 'base\n' });
  const branches = ['main', 'frozen', 'open'].map((branch) => `${base}:refs/heads/${branch}`);
  await tree.must('push', '--quiet', cast.owner.remote(repository), ...branches);
  const protect = (branch: string, changes: object) =>
    must(
      cast.owner.api('PUT', `/repos/${repository}/branches/${branch}/protection`, {
        ...{ required_status_checks: null, enforce_admins: true, required_pull_request_reviews: null, restrictions: null },
        ...changes,
      }),
    );
  await protect('main', { required_pull_request_reviews: {} });
  await protect('frozen', { lock_branch: true });
  const { id } = await must(cast.owner.api('GET', `/repos/${repository}`));
  const bypass = { repositories: [repository], uses };
  const scopes = ['repo', 'repo:bypass-protection'];
  const input = { user: cast.developer.login, name: 'robot', note: null, scopes, expiresAt: null, bypass };
  const { token, secret } = await mintToken(server.running.house.context, operator, input);
  const robot = personaOf(server, cast.developer.login, secret);
  return {
    ...{ server, cast, tree, base, robot, robotToken: token.id, repositoryId: id },
    async [Symbol.asyncDispose]() {
      await tree[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A commit on top of another, without touching the work tree: many can be made at once. */
export function childOf(tree: WorkTree, parent: string, message: string): Promise<string> {
  return tree.must('commit-tree', `${parent}^{tree}`, '-p', parent, '-m', message);
}
