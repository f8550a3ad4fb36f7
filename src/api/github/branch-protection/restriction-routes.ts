import type { Context } from '#operations/context.ts';
import { type BranchProtection, readBranchProtection } from '#operations/protections/branch-protection.ts';
import { editBranchProtection } from '#operations/protections/edit-branch-protection.ts';
import { noContent, ok, type Route, route } from '../../route.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { listOf } from '../schemas.ts';
import { restrictionsObject } from './from-model.ts';
import { appsBody, teamsBody, usersBody } from './schema.ts';
import { protectionHeaders, showing } from './show.ts';
import { changeRestriction, type RestrictionList, requireRestriction, withoutRule } from './to-model.ts';

const admin = { who: 'signed-in', capability: 'any' } as const;
const base = '/repos/{owner}/{repo}/branches/{branch+}/protection/restrictions';
const category = 'branches/branch-protection';

const bodies = { users: usersBody, teams: teamsBody, apps: appsBody } as const;

/** GitHub's names of the operations on each list: list, add, set, remove. */
const slugs: Record<RestrictionList, readonly [list: string, add: string, set: string, remove: string]> = {
  apps: [
    'get-apps-with-access-to-the-protected-branch',
    'add-app-access-restrictions',
    'set-app-access-restrictions',
    'remove-app-access-restrictions',
  ],
  teams: [
    'get-teams-with-access-to-the-protected-branch',
    'add-team-access-restrictions',
    'set-team-access-restrictions',
    'remove-team-access-restrictions',
  ],
  users: [
    'get-users-with-access-to-the-protected-branch',
    'add-user-access-restrictions',
    'set-user-access-restrictions',
    'remove-user-access-restrictions',
  ],
};

export const restrictionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: base,
    access: admin,
    hidesForbidden: true,
    summary: 'Who may push',
    operation: `${category}#get-access-restrictions`,
    handle: async ({ context, caller, params, baseUrl }) => {
      const found = await readBranchProtection(context, caller, repositoryKey(params), params.branch);
      return ok(restrictionsObject(requireRestriction(found.protection), await showing(context, found, baseUrl)), protectionHeaders(found));
    },
  }),
  route({
    method: 'DELETE',
    path: base,
    access: admin,
    hidesForbidden: true,
    summary: 'No longer restrict who may push',
    operation: `${category}#delete-access-restrictions`,
    handle: async ({ context, caller, params }) => {
      const found = await editBranchProtection(context, caller, repositoryKey(params), params.branch, 'edit', async (present) =>
        withoutRule(present!, 'actor_restriction'),
      );
      return { ...noContent, headers: protectionHeaders(found) };
    },
  }),
  ...(['apps', 'teams', 'users'] as const).flatMap(listRoutes),
];

function listRoutes(list: RestrictionList): Route[] {
  const path = `${base}/${list}` as const;
  const [read, add, set, remove] = slugs[list];
  const changing = (method: 'POST' | 'PUT' | 'DELETE', change: 'add' | 'replace' | 'remove', slug: string): Route =>
    route({
      method,
      path,
      access: admin,
      hidesForbidden: true,
      summary: `${{ add: 'Add to', replace: 'Replace', remove: 'Remove from' }[change]} the ${list} who may push`,
      operation: `${category}#${slug}`,
      body: bodies[list],
      handle: async ({ context, caller, params, body, baseUrl }) => {
        const names = listOf(body as readonly string[], list);
        const found = await editBranchProtection(context, caller, repositoryKey(params), params.branch, 'edit', (present, resolve) =>
          changeRestriction(present!, change, list, names, resolve),
        );
        return ok(await listed(context, found, list, baseUrl), protectionHeaders(found));
      },
    });
  return [
    route({
      method: 'GET',
      path,
      access: admin,
      hidesForbidden: true,
      summary: `The ${list} who may push`,
      operation: `${category}#${read}`,
      handle: async ({ context, caller, params, baseUrl }) => {
        const found = await readBranchProtection(context, caller, repositoryKey(params), params.branch);
        return ok(await listed(context, found, list, baseUrl), protectionHeaders(found));
      },
    }),
    changing('POST', 'add', add),
    changing('PUT', 'replace', set),
    changing('DELETE', 'remove', remove),
  ];
}

async function listed(context: Context, found: BranchProtection, list: RestrictionList, baseUrl: string): Promise<unknown> {
  return restrictionsObject(requireRestriction(found.protection), await showing(context, found, baseUrl))[list];
}
