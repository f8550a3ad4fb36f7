import { Type } from 'typebox';
import type { Caller } from '#model/caller.ts';
import { ProblemError } from '#model/problem.ts';
import type { Repository } from '#model/repository.ts';
import type { Context } from '#operations/context.ts';
import { createRepository } from '#operations/repositories/create-repository.ts';
import { deleteRepository } from '#operations/repositories/delete-repository.ts';
import { findRenamed, listOwnRepositories, listRepositoriesOf, readRepository } from '#operations/repositories/read-repositories.ts';
import { updateRepository } from '#operations/repositories/update-repository.ts';
import { created, noContent, ok, type Reply, route } from '../../route.ts';
import { linkHeader, readPaging } from '../pagination.ts';
import { OneOf, pageQuery } from '../schemas.ts';
import { urls } from '../urls.ts';
import { fullName } from './from-model.ts';
import { repositoryKey } from './repository-key.ts';
import { newRepositoryBody, repositoryChangesBody } from './schema.ts';
import { inFull, listed } from './shown.ts';
import { toChanges, toNewRepository } from './to-model.ts';

const listQuery = Type.Object({
  ...pageQuery.properties,
  type: Type.Optional(Type.String()),
  visibility: Type.Optional(Type.String()),
  affiliation: Type.Optional(Type.String()),
  sort: Type.Optional(Type.String()),
  direction: Type.Optional(OneOf('asc', 'desc')),
});

const signedIn = { who: 'signed-in', capability: 'any' } as const;

export const repositoryRoutes = [
  route({
    method: 'POST',
    path: '/user/repos',
    access: signedIn,
    summary: 'Create a repository of one’s own',
    operation: 'repos/repos#create-a-repository-for-the-authenticated-user',
    body: newRepositoryBody,
    handle: async ({ context, caller, body, baseUrl }) =>
      createdReply(context, caller, baseUrl, await createRepository(context, caller, null, toNewRepository(body))),
  }),
  route({
    method: 'POST',
    path: '/orgs/{org}/repos',
    access: signedIn,
    summary: 'Create a repository of an organization',
    operation: 'repos/repos#create-an-organization-repository',
    body: newRepositoryBody,
    handle: async ({ context, caller, params, body, baseUrl }) =>
      createdReply(context, caller, baseUrl, await createRepository(context, caller, params.org, toNewRepository(body))),
  }),
  route({
    method: 'GET',
    path: '/user/repos',
    access: signedIn,
    summary: 'Repositories one reaches',
    operation: 'repos/repos#list-repositories-for-the-authenticated-user',
    query: listQuery,
    handle: async ({ context, caller, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const { items, total } = await listOwnRepositories(context, caller, paging);
      return ok(await listed(context, items, urls(baseUrl)), linkHeader(baseUrl, url, paging, { total }));
    },
  }),
  ...(['/orgs/{owner}/repos', '/users/{owner}/repos'] as const).map((path) =>
    route({
      method: 'GET',
      path,
      access: { who: 'anyone' },
      summary: 'Repositories of an owner that the caller may see',
      operation: path.startsWith('/orgs') ? 'repos/repos#list-organization-repositories' : 'repos/repos#list-repositories-for-a-user',
      query: listQuery,
      handle: async ({ context, caller, params, query, baseUrl, url }) => {
        const paging = readPaging(query);
        const { items, total } = await listRepositoriesOf(context, caller, params.owner, paging);
        return ok(await listed(context, items, urls(baseUrl)), linkHeader(baseUrl, url, paging, { total }));
      },
    }),
  ),
  route({
    method: 'GET',
    path: '/repos/{owner}/{repo}',
    access: { who: 'anyone' },
    summary: 'A repository',
    operation: 'repos/repos#get-a-repository',
    handle: async ({ context, caller, params, baseUrl }): Promise<Reply> => {
      const key = repositoryKey(params);
      try {
        return ok(await inFull(context, caller, await readRepository(context, caller, key), baseUrl));
      } catch (error) {
        const isMissing = error instanceof ProblemError && error.problem.kind === 'not-found';
        const moved = isMissing && 'owner' in key ? await findRenamed(context, caller, key) : null;
        if (moved === null) throw error;
        const url = `${urls(baseUrl).api}/repositories/${moved.repository.id}`;
        return {
          status: 301,
          body: { message: 'Moved Permanently', url, documentation_url: 'https://docs.github.com/rest' },
          headers: { location: url },
        };
      }
    },
  }),
  route({
    method: 'PATCH',
    path: '/repos/{owner}/{repo}',
    access: signedIn,
    summary: 'Change a repository',
    operation: 'repos/repos#update-a-repository',
    body: repositoryChangesBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const updated = await updateRepository(context, caller, repositoryKey(params), toChanges(body));
      return ok(await inFull(context, caller, await readRepository(context, caller, { id: updated.id }), baseUrl));
    },
  }),
  route({
    method: 'DELETE',
    path: '/repos/{owner}/{repo}',
    access: signedIn,
    summary: 'Delete a repository for good',
    operation: 'repos/repos#delete-a-repository',
    handle: async ({ context, caller, params }) => {
      await deleteRepository(context, caller, repositoryKey(params));
      return noContent;
    },
  }),
];

async function createdReply(context: Context, caller: Caller, baseUrl: string, repository: Repository): Promise<Reply> {
  const reached = await readRepository(context, caller, { id: repository.id });
  return created(await inFull(context, caller, reached, baseUrl), urls(baseUrl).repo(fullName(reached)));
}
