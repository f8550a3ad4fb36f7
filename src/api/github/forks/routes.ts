import { Type } from 'typebox';
import { createFork } from '#operations/repositories/create-fork.ts';
import { listForks } from '#operations/repositories/read-network.ts';
import { readRepository } from '#operations/repositories/read-repositories.ts';
import { ok, route } from '../../route.ts';
import { linkHeader, readPaging } from '../pagination.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { inFull, listed } from '../repositories/shown.ts';
import { OneOf, Optional, pageQuery } from '../schemas.ts';
import { urls } from '../urls.ts';

const forkBody = Type.Object({
  organization: Optional(Type.String()),
  name: Optional(Type.String()),
  default_branch_only: Optional(Type.Boolean()),
});

export const forkRoutes = [
  route({
    method: 'GET',
    path: '/repos/{owner}/{repo}/forks',
    access: { who: 'anyone' },
    summary: 'Forks that the caller may see',
    operation: 'repos/forks#list-forks',
    query: Type.Object({ ...pageQuery.properties, sort: Type.Optional(OneOf('newest', 'oldest', 'stargazers', 'watchers')) }),
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      // Nobody has stars here, so by those all are equal.
      const order = query.sort === 'oldest' ? 'oldest' : 'newest';
      const { items, total } = await listForks(context, caller, repositoryKey(params), order, paging);
      return ok(await listed(context, items, urls(baseUrl)), linkHeader(baseUrl, url, paging, { total }));
    },
  }),
  route({
    method: 'POST',
    path: '/repos/{owner}/{repo}/forks',
    access: { who: 'signed-in', capability: 'any' },
    summary: 'Fork a repository; it is there when this answers',
    operation: 'repos/forks#create-a-fork',
    body: forkBody,
    bodyOptional: true,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const { organization = null, name = null, default_branch_only } = body;
      const input = { organization, name, onlyDefaultBranch: default_branch_only ?? false };
      const fork = await createFork(context, caller, repositoryKey(params), input);
      const reached = await readRepository(context, caller, { id: fork.id });
      return { status: 202, body: await inFull(context, caller, reached, baseUrl) };
    },
  }),
];
