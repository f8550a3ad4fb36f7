import { readBranchProtection } from '#operations/protections/branch-protection.ts';
import { editBranchProtection } from '#operations/protections/edit-branch-protection.ts';
import { noContent, ok, type Route, route } from '../../route.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { listOf } from '../schemas.ts';
import { statusChecksObject } from './from-model.ts';
import { contextsBody, statusChecksBody } from './schema.ts';
import { protectionHeaders, showing } from './show.ts';
import { changeContexts, patchStatusChecks, requireStatusChecks, withoutRule } from './to-model.ts';

const admin = { who: 'signed-in', capability: 'any' } as const;
const base = '/repos/{owner}/{repo}/branches/{branch+}/protection/required_status_checks';
const category = 'branches/branch-protection';

export const checkRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: base,
    access: admin,
    hidesForbidden: true,
    summary: 'The checks that must pass',
    operation: `${category}#get-status-checks-protection`,
    handle: async ({ context, caller, params, baseUrl }) => {
      const found = await readBranchProtection(context, caller, repositoryKey(params), params.branch);
      return ok(
        statusChecksObject(requireStatusChecks(found.protection), await showing(context, found, baseUrl)),
        protectionHeaders(found),
      );
    },
  }),
  route({
    method: 'PATCH',
    path: base,
    access: admin,
    hidesForbidden: true,
    summary: 'Change the checks that must pass; what is left out stays',
    operation: `${category}#update-status-check-protection`,
    body: statusChecksBody,
    bodyOptional: true,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const found = await editBranchProtection(context, caller, repositoryKey(params), params.branch, 'edit', (present, resolve) =>
        patchStatusChecks(body, present!, resolve),
      );
      return ok(
        statusChecksObject(requireStatusChecks(found.protection), await showing(context, found, baseUrl)),
        protectionHeaders(found),
      );
    },
  }),
  route({
    method: 'DELETE',
    path: base,
    access: admin,
    hidesForbidden: true,
    summary: 'No longer require checks',
    operation: `${category}#remove-status-check-protection`,
    handle: async ({ context, caller, params }) => {
      const found = await editBranchProtection(context, caller, repositoryKey(params), params.branch, 'edit', async (present) =>
        withoutRule(present!, 'required_status_checks'),
      );
      return { ...noContent, headers: protectionHeaders(found) };
    },
  }),
  route({
    method: 'GET',
    path: `${base}/contexts`,
    access: admin,
    hidesForbidden: true,
    summary: 'The names of the checks that must pass',
    operation: `${category}#get-all-status-check-contexts`,
    handle: async ({ context, caller, params }) => {
      const found = await readBranchProtection(context, caller, repositoryKey(params), params.branch);
      return ok(contextsOf(found.protection), protectionHeaders(found));
    },
  }),
  contextsRoute('POST', 'add', 'Add checks', 'add-status-check-contexts'),
  contextsRoute('PUT', 'replace', 'Replace the checks', 'set-status-check-contexts'),
  contextsRoute('DELETE', 'remove', 'Remove checks', 'remove-status-check-contexts'),
];

function contextsRoute(method: 'POST' | 'PUT' | 'DELETE', change: 'add' | 'replace' | 'remove', summary: string, slug: string): Route {
  return route({
    method,
    path: `${base}/contexts`,
    access: admin,
    hidesForbidden: true,
    summary,
    operation: `${category}#${slug}`,
    body: contextsBody,
    handle: async ({ context, caller, params, body }) => {
      const contexts = listOf(body, 'contexts');
      const found = await editBranchProtection(context, caller, repositoryKey(params), params.branch, 'edit', (present, resolve) =>
        changeContexts(present!, change, contexts, resolve),
      );
      return ok(contextsOf(found.protection), protectionHeaders(found));
    },
  });
}

function contextsOf(protection: Parameters<typeof requireStatusChecks>[0]): string[] {
  return requireStatusChecks(protection).checks.map((check) => check.context);
}
