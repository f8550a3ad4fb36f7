import { Type } from 'typebox';
import { notFound } from '#model/problem.ts';
import { listMembers, readMembership, readOrganization } from '#operations/organizations/read-organization.ts';
import { removeMember } from '#operations/organizations/remove-member.ts';
import { setMembership } from '#operations/organizations/set-membership.ts';
import { type OrganizationChanges, updateOrganization } from '#operations/organizations/update-organization.ts';
import { noContent, ok, route } from '../../route.ts';
import { simpleUser } from '../accounts/from-model.ts';
import { linkHeader, readPaging } from '../pagination.ts';
import { OneOf, Optional, pageQuery } from '../schemas.ts';
import { urls } from '../urls.ts';
import { fullOrganization, levelOfPermission, membershipObject } from './from-model.ts';

const changesBody = Type.Object({
  name: Optional(Type.String()),
  description: Optional(Type.String()),
  default_repository_permission: Optional(OneOf('read', 'write', 'admin', 'none')),
});

const owner = { who: 'signed-in', capability: 'org:administer' } as const;

export const organizationRoutes = [
  route({
    method: 'GET',
    path: '/orgs/{org}',
    access: { who: 'anyone' },
    summary: 'An organization',
    operation: 'orgs/orgs#get-an-organization',
    handle: async ({ context, caller, params, baseUrl }) => {
      const { organization, level } = await readOrganization(context, caller, params.org);
      return ok(fullOrganization(organization, urls(baseUrl), { isOwner: level >= 50 }));
    },
  }),
  route({
    method: 'PATCH',
    path: '/orgs/{org}',
    access: owner,
    summary: 'Change an organization',
    operation: 'orgs/orgs#update-an-organization',
    body: changesBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const changes: OrganizationChanges = {
        ...(body.name != null && { name: body.name }),
        ...(body.description != null && { description: body.description }),
        ...(body.default_repository_permission != null && { basePermission: levelOfPermission(body.default_repository_permission) }),
      };
      return ok(fullOrganization(await updateOrganization(context, caller, params.org, changes), urls(baseUrl), { isOwner: true }));
    },
  }),
  route({
    method: 'GET',
    path: '/orgs/{org}/members',
    access: { who: 'anyone' },
    summary: 'Members, as far as the caller may see them',
    operation: 'orgs/members#list-organization-members',
    query: Type.Object({
      ...pageQuery.properties,
      role: Type.Optional(OneOf('all', 'admin', 'member')),
      filter: Type.Optional(Type.String()),
    }),
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const page = await listMembers(context, caller, params.org, query.role === 'admin' ? 50 : 10, paging);
      const members = query.role === 'member' ? page.items.filter((member) => member.level < 50) : page.items;
      return ok(
        members.map((member) => simpleUser(member.user, urls(baseUrl))),
        linkHeader(baseUrl, url, paging, { total: page.total }),
      );
    },
  }),
  route({
    method: 'GET',
    path: '/orgs/{org}/members/{username}',
    access: { who: 'signed-in', capability: 'org:read' },
    summary: 'Whether somebody is a member',
    operation: 'orgs/members#check-organization-membership-for-a-user',
    handle: async ({ context, caller, params }) => {
      await readMembership(context, caller, params.org, params.username);
      return noContent;
    },
  }),
  route({
    method: 'DELETE',
    path: '/orgs/{org}/members/{username}',
    access: owner,
    summary: 'Take somebody out of the organization and its teams',
    operation: 'orgs/members#remove-an-organization-member',
    handle: async ({ context, caller, params }) => {
      await removeMember(context, caller, params.org, params.username);
      return noContent;
    },
  }),
  route({
    method: 'GET',
    path: '/orgs/{org}/memberships/{username}',
    access: { who: 'signed-in', capability: 'org:read' },
    summary: "Somebody's membership",
    operation: 'orgs/members#get-organization-membership-for-a-user',
    handle: async ({ context, caller, params, baseUrl }) =>
      ok(membershipObject(await readMembership(context, caller, params.org, params.username), urls(baseUrl))),
  }),
  route({
    method: 'PUT',
    path: '/orgs/{org}/memberships/{username}',
    access: owner,
    summary: 'Make somebody a member or an owner',
    operation: 'orgs/members#set-organization-membership-for-a-user',
    body: Type.Object({ role: Type.Optional(OneOf('admin', 'member')) }),
    bodyOptional: true,
    handle: async ({ context, caller, params, body, baseUrl }) =>
      ok(membershipObject(await setMembership(context, caller, params.org, params.username, body.role ?? 'member'), urls(baseUrl))),
  }),
  route({
    method: 'DELETE',
    path: '/orgs/{org}/memberships/{username}',
    access: owner,
    summary: 'End a membership',
    operation: 'orgs/members#remove-organization-membership-for-a-user',
    handle: async ({ context, caller, params }) => {
      await removeMember(context, caller, params.org, params.username);
      return noContent;
    },
  }),
  route({
    method: 'GET',
    path: '/user/memberships/orgs/{org}',
    access: { who: 'signed-in', capability: 'org:read' },
    summary: "One's own membership",
    operation: 'orgs/members#get-an-organization-membership-for-the-authenticated-user',
    handle: async ({ context, caller, params, baseUrl }) => {
      if (caller.kind !== 'actor') throw notFound('membership');
      return ok(membershipObject(await readMembership(context, caller, params.org, caller.user.login), urls(baseUrl)));
    },
  }),
];
