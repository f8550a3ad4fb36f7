import { Type } from 'typebox';
import type { Caller } from '#model/caller.ts';
import { notFound } from '#model/problem.ts';
import type { Context } from '#operations/context.ts';
import { createTeam } from '#operations/teams/create-team.ts';
import { deleteTeam } from '#operations/teams/delete-team.ts';
import {
  listRepositoryTeams,
  listTeamMembers,
  listTeamRepositories,
  listTeams,
  readTeam,
  readTeamGrant,
  readTeamMembership,
} from '#operations/teams/read-teams.ts';
import { removeTeamMember } from '#operations/teams/remove-team-member.ts';
import { setTeamMember } from '#operations/teams/set-team-member.ts';
import { setTeamRepository } from '#operations/teams/set-team-repository.ts';
import type { TeamKey } from '#operations/teams/team-access.ts';
import { updateTeam } from '#operations/teams/update-team.ts';
import { created, noContent, ok, type Reply, type Route, route } from '../../route.ts';
import { simpleUser } from '../accounts/from-model.ts';
import { requestedFormat } from '../media.ts';
import { linkHeader, readPaging } from '../pagination.ts';
import { levelOf, permissionFlags, roleName } from '../permissions.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { listed } from '../repositories/shown.ts';
import { OneOf, pageQuery } from '../schemas.ts';
import { urls } from '../urls.ts';
import { teamMembership, teamObject } from './from-model.ts';
import { newTeamBody, teamChangesBody, teamRepositoryBody } from './schema.ts';

const read = { who: 'signed-in', capability: 'org:read' } as const;
const write = { who: 'signed-in', capability: 'org:write' } as const;

/** The two ways to name a team (spec/clients.md section 4): by slug, and by the ids that Terraform uses. */
const forms: {
  readonly base: string;
  readonly keyOf: (params: Readonly<Record<string, string>>) => TeamKey;
  readonly described: boolean;
}[] = [
  { base: '/orgs/{org}/teams/{team_slug}', keyOf: ({ org, team_slug }) => ({ org: org!, slug: team_slug! }), described: true },
  {
    base: '/organizations/{org_id}/team/{team_id}',
    keyOf: ({ org_id, team_id }) => ({ organizationId: Number(org_id), teamId: Number(team_id) }),
    described: false,
  },
];

export const teamRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/orgs/{org}/teams',
    access: read,
    summary: 'Teams of an organization',
    operation: 'teams/teams#list-teams',
    query: pageQuery,
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const { organization, teams } = await listTeams(context, caller, params.org, paging);
      return ok(
        teams.items.map((team) => teamObject(team, organization, urls(baseUrl))),
        linkHeader(baseUrl, url, paging, { total: teams.total }),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/orgs/{org}/teams',
    access: { who: 'signed-in', capability: 'org:administer' },
    summary: 'Create a team',
    operation: 'teams/teams#create-a-team',
    body: newTeamBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const team = await createTeam(context, caller, params.org, {
        name: body.name,
        description: body.description ?? null,
        privacy: body.privacy ?? null,
        notificationSetting: body.notification_setting ?? 'notifications_enabled',
        defaultRung: levelOf(body.permission ?? 'pull'),
        parentId: body.parent_team_id ?? null,
        maintainers: body.maintainers ?? [],
      });
      const key = { org: params.org, slug: team.slug };
      for (const name of body.repo_names ?? []) {
        const [owner = '', repository = ''] = name.split('/');
        await setTeamRepository(context, caller, key, { owner, name: repository }, team.defaultRung);
      }
      return created(await full(context, caller, key, baseUrl));
    },
  }),
  route({
    method: 'GET',
    path: '/repos/{owner}/{repo}/teams',
    access: { who: 'signed-in', capability: 'any' },
    summary: 'Teams with a grant on a repository',
    operation: 'repos/repos#list-repository-teams',
    query: pageQuery,
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const { items, total, organization } = await listRepositoryTeams(context, caller, repositoryKey(params), paging);
      const body = organization === null ? [] : items.map((team) => teamObject(team, organization, urls(baseUrl), { grant: team.level }));
      return ok(body, linkHeader(baseUrl, url, paging, { total }));
    },
  }),
  ...forms.flatMap(teamRoutesAt),
];

function teamRoutesAt({ base, keyOf, described }: (typeof forms)[number]): Route[] {
  const operation = (slug: string): { operation?: string } => (described ? { operation: slug } : {});
  return [
    route({
      method: 'GET',
      path: base,
      access: read,
      summary: 'A team',
      ...operation('teams/teams#get-a-team-by-name'),
      handle: async ({ context, caller, params, baseUrl }) => ok(await full(context, caller, keyOf(params), baseUrl)),
    }),
    route({
      method: 'PATCH',
      path: base,
      access: write,
      summary: 'Change a team',
      ...operation('teams/teams#update-a-team'),
      body: teamChangesBody,
      handle: async ({ context, caller, params, body, baseUrl }) => {
        const key = keyOf(params);
        const team = await updateTeam(context, caller, key, {
          ...(body.name != null && { name: body.name }),
          ...(body.description !== undefined && { description: body.description }),
          ...(body.privacy != null && { privacy: body.privacy }),
          ...(body.notification_setting != null && { notificationSetting: body.notification_setting }),
          ...(body.permission != null && { defaultRung: levelOf(body.permission) }),
          ...(body.parent_team_id !== undefined && { parentId: body.parent_team_id }),
        });
        return ok(await full(context, caller, 'org' in key ? { ...key, slug: team.slug } : key, baseUrl));
      },
    }),
    route({
      method: 'DELETE',
      path: base,
      access: write,
      summary: 'Remove a team',
      ...operation('teams/teams#delete-a-team'),
      handle: async ({ context, caller, params }) => {
        await deleteTeam(context, caller, keyOf(params));
        return noContent;
      },
    }),
    route({
      method: 'GET',
      path: `${base}/members`,
      access: read,
      summary: 'Members, those of child teams among them',
      ...operation('teams/members#list-team-members'),
      query: Type.Object({ ...pageQuery.properties, role: Type.Optional(OneOf('member', 'maintainer', 'all')) }),
      handle: async ({ context, caller, params, query, baseUrl, url }) => {
        const paging = readPaging(query);
        const { items, total } = await listTeamMembers(context, caller, keyOf(params), paging);
        const role = query.role ?? 'all';
        const wanted = items.filter((member) => role === 'all' || (role === 'maintainer') === member.level >= 50);
        return ok(
          wanted.map((member) => simpleUser(member.user, urls(baseUrl))),
          linkHeader(baseUrl, url, paging, { total }),
        );
      },
    }),
    route({
      method: 'GET',
      path: `${base}/memberships/{username}`,
      access: read,
      summary: "Somebody's role in a team",
      ...operation('teams/members#get-team-membership-for-a-user'),
      handle: async ({ context, caller, params, baseUrl }) => {
        const { team, organization, user, membershipLevel } = await readTeamMembership(context, caller, keyOf(params), username(params));
        return ok(teamMembership(team, organization, user.login, membershipLevel, urls(baseUrl)));
      },
    }),
    route({
      method: 'PUT',
      path: `${base}/memberships/{username}`,
      access: write,
      summary: 'Put somebody into a team',
      ...operation('teams/members#add-or-update-team-membership-for-a-user'),
      body: Type.Object({ role: Type.Optional(OneOf('member', 'maintainer')) }),
      bodyOptional: true,
      handle: async ({ context, caller, params, body, baseUrl }) => {
        const key = keyOf(params);
        const { level } = await setTeamMember(context, caller, key, username(params), body.role ?? 'member');
        const { team, organization } = await readTeam(context, caller, key);
        return ok(teamMembership(team, organization, username(params), level, urls(baseUrl)));
      },
    }),
    route({
      method: 'DELETE',
      path: `${base}/memberships/{username}`,
      access: write,
      summary: 'Take somebody out of a team',
      ...operation('teams/members#remove-team-membership-for-a-user'),
      handle: async ({ context, caller, params }) => {
        await removeTeamMember(context, caller, keyOf(params), username(params));
        return noContent;
      },
    }),
    route({
      method: 'GET',
      path: `${base}/repos`,
      access: read,
      summary: 'Repositories a team reaches',
      ...operation('teams/teams#list-team-repositories'),
      query: pageQuery,
      handle: async ({ context, caller, params, query, baseUrl, url }) => {
        const paging = readPaging(query);
        const { items, total, organization } = await listTeamRepositories(context, caller, keyOf(params), paging);
        const reached = items.map(({ repository }) => ({ repository, owner: organization, rung: 0 as const }));
        const shown = await listed(context, reached, urls(baseUrl));
        const body = items.map(({ level }, index) => ({
          ...shown[index],
          permissions: permissionFlags(level),
          role_name: roleName(level),
        }));
        return ok(body, linkHeader(baseUrl, url, paging, { total }));
      },
    }),
    route({
      method: 'GET',
      path: `${base}/repos/{owner}/{repo}`,
      access: read,
      summary: "A team's grant on one repository",
      ...operation('teams/teams#check-team-permissions-for-a-repository'),
      handle: async ({ context, caller, params, baseUrl, header }): Promise<Reply> => {
        const { repository, owner, level } = await readTeamGrant(
          context,
          caller,
          keyOf(params),
          repositoryKey(params as { owner: string; repo: string }),
        );
        if (requestedFormat(header('accept')) !== 'repository') return noContent;
        const [shown] = await listed(context, [{ repository, owner, rung: 0 }], urls(baseUrl));
        return ok({ ...shown, permissions: permissionFlags(level), role_name: roleName(level) });
      },
    }),
    route({
      method: 'PUT',
      path: `${base}/repos/{owner}/{repo}`,
      access: write,
      summary: 'Grant a team something on a repository',
      ...operation('teams/teams#add-or-update-team-repository-permissions'),
      body: teamRepositoryBody,
      bodyOptional: true,
      handle: async ({ context, caller, params, body }) => {
        const key = keyOf(params);
        const { team } = await readTeam(context, caller, key);
        const level = body.permission ? levelOf(body.permission) : team.defaultRung;
        await setTeamRepository(context, caller, key, repositoryKey(params as { owner: string; repo: string }), level);
        return noContent;
      },
    }),
    route({
      method: 'DELETE',
      path: `${base}/repos/{owner}/{repo}`,
      access: write,
      summary: 'Take the grant away',
      ...operation('teams/teams#remove-a-repository-from-a-team'),
      handle: async ({ context, caller, params }) => {
        await setTeamRepository(context, caller, keyOf(params), repositoryKey(params as { owner: string; repo: string }), null);
        return noContent;
      },
    }),
  ];
}

function username(params: Readonly<Record<string, string>>): string {
  const name = params['username'];
  if (name === undefined) throw notFound('user');
  return name;
}

async function full(context: Context, caller: Caller, key: TeamKey, baseUrl: string) {
  const shown = await readTeam(context, caller, key);
  return teamObject({ ...shown.team, parent: shown.parent }, shown.organization, urls(baseUrl), { full: shown });
}
