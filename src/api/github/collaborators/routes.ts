import { Type } from 'typebox';
import { notFound } from '#model/problem.ts';
import { READ } from '#model/rung.ts';
import { listCollaborators, readCollaborator } from '#operations/repositories/read-repositories.ts';
import { removeCollaborator } from '#operations/repositories/remove-collaborator.ts';
import { setCollaborator } from '#operations/repositories/set-collaborator.ts';
import { noContent, ok, route } from '../../route.ts';
import { simpleUser } from '../accounts/from-model.ts';
import { linkHeader, readPaging } from '../pagination.ts';
import { legacyPermission, levelOf, permissionFlags, roleName } from '../permissions.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { OneOf, Optional, pageQuery } from '../schemas.ts';
import { urls } from '../urls.ts';

const signedIn = { who: 'signed-in', capability: 'any' } as const;
const base = '/repos/{owner}/{repo}/collaborators';

export const collaboratorRoutes = [
  route({
    method: 'GET',
    path: base,
    access: signedIn,
    summary: 'People with a right of their own in a repository',
    operation: 'collaborators/collaborators#list-repository-collaborators',
    query: Type.Object({
      ...pageQuery.properties,
      affiliation: Type.Optional(OneOf('outside', 'direct', 'all')),
      permission: Type.Optional(Type.String()),
    }),
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const { items, total } = await listCollaborators(context, caller, repositoryKey(params), paging);
      const body = items.map(({ user, rung }) => ({
        ...simpleUser(user, urls(baseUrl)),
        permissions: permissionFlags(rung),
        role_name: roleName(rung),
      }));
      return ok(body, linkHeader(baseUrl, url, paging, { total }));
    },
  }),
  route({
    method: 'GET',
    path: `${base}/{username}`,
    access: signedIn,
    summary: 'Whether somebody is a collaborator',
    operation: 'collaborators/collaborators#check-if-a-user-is-a-repository-collaborator',
    handle: async ({ context, caller, params }) => {
      const { rung } = await readCollaborator(context, caller, repositoryKey(params), params.username);
      if (rung < 20) throw notFound('collaborator');
      return noContent;
    },
  }),
  route({
    method: 'GET',
    path: `${base}/{username}/permission`,
    access: signedIn,
    summary: 'What somebody may do, by all paths together',
    operation: 'collaborators/collaborators#get-repository-permissions-for-a-user',
    handle: async ({ context, caller, params, baseUrl }) => {
      const found = await readCollaborator(context, caller, repositoryKey(params), params.username);
      const { user, repository } = found;
      const rung = repository.visibility === 'private' ? found.rung : Math.max(found.rung, READ);
      const shown = { ...simpleUser(user, urls(baseUrl)), permissions: permissionFlags(rung), role_name: roleName(rung) };
      return ok({ permission: legacyPermission(rung), role_name: roleName(rung), user: shown });
    },
  }),
  route({
    method: 'PUT',
    path: `${base}/{username}`,
    access: signedIn,
    summary: 'Give somebody a right in a repository',
    operation: 'collaborators/collaborators#add-a-repository-collaborator',
    body: Type.Object({ permission: Optional(OneOf('pull', 'triage', 'push', 'maintain', 'admin')) }),
    bodyOptional: true,
    handle: async ({ context, caller, params, body }) => {
      await setCollaborator(context, caller, repositoryKey(params), params.username, levelOf(body.permission ?? 'push'));
      return noContent;
    },
  }),
  route({
    method: 'DELETE',
    path: `${base}/{username}`,
    access: signedIn,
    summary: "Take somebody's own right away",
    operation: 'collaborators/collaborators#remove-a-repository-collaborator',
    handle: async ({ context, caller, params }) => {
      await removeCollaborator(context, caller, repositoryKey(params), params.username);
      return noContent;
    },
  }),
];
