import type { Protection } from '#model/protection.ts';
import { readBranchProtection } from '#operations/protections/branch-protection.ts';
import { editBranchProtection, removeBranchProtection } from '#operations/protections/edit-branch-protection.ts';
import { noContent, ok, type Route, route } from '../../route.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { checkRoutes } from './check-routes.ts';
import { adminsObject, protectionObject, reviewsObject, signaturesObject } from './from-model.ts';
import { restrictionRoutes } from './restriction-routes.ts';
import { protectionBody, reviewsBody } from './schema.ts';
import { protectionHeaders, showing } from './show.ts';
import { patchReviews, replaceProtection, requireReviews, withoutRule, withParameters } from './to-model.ts';

/** Admins only, for reading too; to everybody else the protection does not exist (spec/github.md 1.1). */
const admin = { who: 'signed-in', capability: 'any' } as const;
const base = '/repos/{owner}/{repo}/branches/{branch+}/protection';
const category = 'branches/branch-protection';

export const branchProtectionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: base,
    access: admin,
    hidesForbidden: true,
    summary: 'The protection of a branch',
    operation: `${category}#get-branch-protection`,
    handle: async ({ context, caller, params, baseUrl }) => {
      const found = await readBranchProtection(context, caller, repositoryKey(params), params.branch);
      return ok(protectionObject(found.protection, await showing(context, found, baseUrl)), protectionHeaders(found));
    },
  }),
  route({
    method: 'PUT',
    path: base,
    access: admin,
    hidesForbidden: true,
    summary: 'Protect a branch, or replace its protection',
    operation: `${category}#update-branch-protection`,
    body: protectionBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const found = await editBranchProtection(context, caller, repositoryKey(params), params.branch, 'replace', (present, resolve) =>
        replaceProtection(body, present, resolve),
      );
      return ok(protectionObject(found.protection, await showing(context, found, baseUrl)), protectionHeaders(found));
    },
  }),
  route({
    method: 'DELETE',
    path: base,
    access: admin,
    hidesForbidden: true,
    summary: 'Remove the protection of a branch',
    operation: `${category}#delete-branch-protection`,
    handle: async ({ context, caller, params }) => {
      await removeBranchProtection(context, caller, repositoryKey(params), params.branch);
      return noContent;
    },
  }),
  route({
    method: 'GET',
    path: `${base}/required_pull_request_reviews`,
    access: admin,
    hidesForbidden: true,
    summary: 'The reviews that pull requests need',
    operation: `${category}#get-pull-request-review-protection`,
    handle: async ({ context, caller, params, baseUrl }) => {
      const found = await readBranchProtection(context, caller, repositoryKey(params), params.branch);
      return ok(reviewsObject(requireReviews(found.protection), await showing(context, found, baseUrl)), protectionHeaders(found));
    },
  }),
  route({
    method: 'PATCH',
    path: `${base}/required_pull_request_reviews`,
    access: admin,
    hidesForbidden: true,
    summary: 'Change the reviews that pull requests need; what is left out stays',
    operation: `${category}#update-pull-request-review-protection`,
    body: reviewsBody,
    bodyOptional: true,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const found = await editBranchProtection(context, caller, repositoryKey(params), params.branch, 'edit', (present, resolve) =>
        patchReviews(body, present!, resolve),
      );
      return ok(reviewsObject(requireReviews(found.protection), await showing(context, found, baseUrl)), protectionHeaders(found));
    },
  }),
  route({
    method: 'DELETE',
    path: `${base}/required_pull_request_reviews`,
    access: admin,
    hidesForbidden: true,
    summary: 'No longer require pull requests',
    operation: `${category}#delete-pull-request-review-protection`,
    handle: async ({ context, caller, params }) => {
      const found = await editBranchProtection(context, caller, repositoryKey(params), params.branch, 'edit', async (present) =>
        withoutRule(present!, 'pull_request'),
      );
      return { ...noContent, headers: protectionHeaders(found) };
    },
  }),
  ...switchRoutes({
    path: 'enforce_admins',
    summary: 'whether admins are bound too',
    operations: ['get-admin-branch-protection', 'set-admin-branch-protection', 'delete-admin-branch-protection'],
    isOn: adminsObject,
    turn: (present, on) => ({ rules: present.rules, enforceAdmins: on }),
  }),
  ...switchRoutes({
    path: 'required_signatures',
    summary: 'whether commits must be signed',
    operations: ['get-commit-signature-protection', 'create-commit-signature-protection', 'delete-commit-signature-protection'],
    isOn: signaturesObject,
    turn: (present, on) => withParameters(present, 'required_signatures', on ? {} : null),
  }),
  ...switchRoutes({
    path: 'allow_deletions',
    summary: 'whether those who may push may delete the branch (undocumented, but clients use it)',
    operations: null,
    isOn: (present, { url }) => ({ url: `${url}/allow_deletions`, enabled: isAllowed(present, 'deletion') }),
    turn: (present, on) => withParameters(present, 'deletion', { allowed: on ? 'pushers' : 'nobody' }),
  }),
  ...switchRoutes({
    path: 'allow_force_pushes',
    summary: 'whether force pushes are allowed (undocumented, but clients use it)',
    operations: null,
    isOn: (present, { url }) => ({ url: `${url}/allow_force_pushes`, enabled: isAllowed(present, 'non_fast_forward') }),
    turn: (present, on) => withParameters(present, 'non_fast_forward', { allowed: on }),
  }),
  ...checkRoutes,
  ...restrictionRoutes,
];

function isAllowed({ rules }: Protection, type: string): boolean {
  const parameters = rules.find((rule) => rule.type === type)?.parameters as { allowed?: unknown } | undefined;
  return parameters?.allowed === true || parameters?.allowed === 'pushers';
}

interface Switch {
  readonly path: string;
  readonly summary: string;
  /** To read, to turn on, to turn off; null: not in GitHub's description. */
  readonly operations: readonly [string, string, string] | null;
  readonly isOn: (present: Protection, showing: { readonly url: string }) => unknown;
  readonly turn: (present: Protection, on: boolean) => { rules: Protection['rules']; enforceAdmins: boolean };
}

/** A setting with a resource of its own: GET says whether it is on, POST turns it on, DELETE off. */
function switchRoutes({ path, summary, operations, isOn, turn }: Switch): Route[] {
  const operation = (index: 0 | 1 | 2) => (operations === null ? {} : { operation: `${category}#${operations[index]}` });
  return [
    route({
      method: 'GET',
      path: `${base}/${path}` as `${typeof base}/x`,
      access: admin,
      hidesForbidden: true,
      summary: `Read ${summary}`,
      ...operation(0),
      handle: async ({ context, caller, params, baseUrl }) => {
        const found = await readBranchProtection(context, caller, repositoryKey(params), params.branch);
        return ok(isOn(found.protection, await showing(context, found, baseUrl)), protectionHeaders(found));
      },
    }),
    route({
      method: 'POST',
      path: `${base}/${path}` as `${typeof base}/x`,
      access: admin,
      hidesForbidden: true,
      summary: `Turn on ${summary}`,
      ...operation(1),
      handle: async ({ context, caller, params, baseUrl }) => {
        const found = await editBranchProtection(context, caller, repositoryKey(params), params.branch, 'edit', async (present) =>
          turn(present!, true),
        );
        return ok(isOn(found.protection, await showing(context, found, baseUrl)), protectionHeaders(found));
      },
    }),
    route({
      method: 'DELETE',
      path: `${base}/${path}` as `${typeof base}/x`,
      access: admin,
      hidesForbidden: true,
      summary: `Turn off ${summary}`,
      ...operation(2),
      handle: async ({ context, caller, params }) => {
        const found = await editBranchProtection(context, caller, repositoryKey(params), params.branch, 'edit', async (present) =>
          turn(present!, false),
        );
        return { ...noContent, headers: protectionHeaders(found) };
      },
    }),
  ];
}
