import { must } from './api.ts';
import { mustGit } from './git.ts';
import { type Persona, personaOf } from './personas.ts';
import type { TestServer } from './server.ts';

/** Entries of the audit log that a phrase finds, newest first, in GitHub's form. */
// biome-ignore lint/suspicious/noExplicitAny: entries have fields of every shape
export async function entries(server: TestServer, phrase: string): Promise<any[]> {
  const query = new URLSearchParams({ phrase, include: 'all', per_page: '100' });
  return must(site(server).api('GET', `/enterprises/sallyport/audit-log?${query}`));
}

/** How many entries the audit log has. */
export async function entryCount(server: TestServer): Promise<number> {
  return (await must(site(server).api('GET', '/api/sallyport/v1/audit/head'))).number;
}

/** Everything that a refused attempt must leave alone: the record's length, and where the refs of these repositories stand. */
export async function snapshot(server: TestServer, ...repositories: readonly string[]): Promise<unknown> {
  const refs = await Promise.all(repositories.map((name) => mustGit('/', ['ls-remote', site(server).remote(name)])));
  return { entries: await entryCount(server), refs };
}

function site(server: TestServer): Persona {
  return personaOf(server, 'admin', server.adminToken);
}
