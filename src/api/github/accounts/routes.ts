import type { User } from '#model/account.ts';
import { notFound } from '#model/problem.ts';
import { readAccount, readOwnAccount } from '#operations/accounts/read-accounts.ts';
import type { Context } from '#operations/context.ts';
import { listOwnOrganizations } from '#operations/organizations/read-organization.ts';
import { listOwnTeams } from '#operations/teams/read-teams.ts';
import { ok, route } from '../../route.ts';
import { linkHeader, readPaging } from '../pagination.ts';
import { pageQuery } from '../schemas.ts';
import { teamObject } from '../teams/from-model.ts';
import { urls } from '../urls.ts';
import { fullUser, simpleOrganization } from './from-model.ts';

export const accountRoutes = [
  route({
    method: 'GET',
    path: '/user',
    access: { who: 'signed-in', capability: 'any' },
    summary: 'The account of the credential',
    operation: 'users/users#get-the-authenticated-user',
    handle: async ({ context, caller, baseUrl }) => {
      const user = await readOwnAccount(context, caller);
      return ok(fullUser(user, urls(baseUrl), await counts(context, user), true));
    },
  }),
  route({
    method: 'GET',
    path: '/users/{username}',
    access: { who: 'anyone' },
    summary: 'A user or bot',
    operation: 'users/users#get-a-user',
    handle: async ({ context, caller, params, baseUrl }) => {
      const account = await readAccount(context, params.username);
      if (account.kind === 'organization') throw notFound('user');
      const isSelf = caller.kind === 'actor' && caller.user.id === account.id;
      return ok(fullUser(account, urls(baseUrl), await counts(context, account), isSelf));
    },
  }),
  route({
    method: 'GET',
    path: '/user/orgs',
    access: { who: 'signed-in', capability: 'org:read' },
    summary: 'Organizations one belongs to',
    operation: 'orgs/orgs#list-organizations-for-the-authenticated-user',
    query: pageQuery,
    handle: async ({ context, caller, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const all = await listOwnOrganizations(context, caller);
      const page = all.slice(paging.offset, paging.offset + paging.limit);
      return ok(
        page.map((organization) => simpleOrganization(organization, urls(baseUrl))),
        linkHeader(baseUrl, url, paging, { total: all.length }),
      );
    },
  }),
  route({
    method: 'GET',
    path: '/user/teams',
    access: { who: 'signed-in', capability: 'org:read' },
    summary: 'Teams one belongs to',
    operation: 'teams/teams#list-teams-for-the-authenticated-user',
    query: pageQuery,
    handle: async ({ context, caller, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const all = await listOwnTeams(context, caller);
      const page = all.slice(paging.offset, paging.offset + paging.limit);
      const body = page.map(({ team, organization }) =>
        teamObject(team, organization, urls(baseUrl), { full: { members: 0, repositories: 0 } }),
      );
      return ok(body, linkHeader(baseUrl, url, paging, { total: all.length }));
    },
  }),
  route({
    method: 'GET',
    path: '/user/emails',
    access: { who: 'signed-in', capability: 'user:read' },
    summary: "One's e-mail addresses",
    operation: 'users/emails#list-email-addresses-for-the-authenticated-user',
    handle: async ({ context, caller }) => {
      const { email } = await readOwnAccount(context, caller);
      return ok(email === null ? [] : [{ email, primary: true, verified: true, visibility: 'private' }]);
    },
  }),
];

async function counts({ store }: Context, user: User): Promise<{ publicRepositories: number }> {
  const { total } = await store.read.repositories.listOfOwner(user.id, null, { limit: 1, offset: 0 });
  return { publicRepositories: total };
}
