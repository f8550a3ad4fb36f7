import type { Caller } from '#model/caller.ts';
import type { Dialect, Route } from '../route.ts';
import { accountRoutes } from './accounts/routes.ts';
import { adminRoutes } from './admin/routes.ts';
import { appRoutes } from './apps/routes.ts';
import { auditRoutes } from './audit/routes.ts';
import { branchProtectionRoutes } from './branch-protection/routes.ts';
import { branchRoutes } from './branches/routes.ts';
import { checkRoutes } from './checks/routes.ts';
import { codeOwnersRoutes } from './code-owners/routes.ts';
import { collaboratorRoutes } from './collaborators/routes.ts';
import { commitRoutes } from './commits/routes.ts';
import { contentRoutes } from './contents/routes.ts';
import { problemReply, requestProblemReply } from './errors.ts';
import { forkRoutes } from './forks/routes.ts';
import { gitRoutes } from './git/routes.ts';
import { hookRoutes } from './hooks/routes.ts';
import { keyRoutes } from './keys/routes.ts';
import { acceptsJson, ENTERPRISE_VERSION } from './media.ts';
import { metaRoutes } from './meta/routes.ts';
import { organizationRoutes } from './organizations/routes.ts';
import { reviewCommentRoutes } from './pulls/comment-routes.ts';
import { reviewRequestRoutes } from './pulls/request-routes.ts';
import { reviewRoutes } from './pulls/review-routes.ts';
import { pullRoutes } from './pulls/routes.ts';
import { repositoryRoutes } from './repositories/routes.ts';
import { teamRoutes } from './teams/routes.ts';
import { validate } from './validate.ts';

const routes: readonly Route[] = [
  ...metaRoutes,
  ...accountRoutes,
  ...adminRoutes,
  ...organizationRoutes,
  ...teamRoutes,
  ...repositoryRoutes,
  ...forkRoutes,
  ...collaboratorRoutes,
  ...branchProtectionRoutes,
  ...branchRoutes,
  ...commitRoutes,
  ...gitRoutes,
  ...contentRoutes,
  ...checkRoutes,
  ...codeOwnersRoutes,
  ...pullRoutes,
  ...reviewRoutes,
  ...reviewCommentRoutes,
  ...reviewRequestRoutes,
  ...appRoutes,
  ...keyRoutes,
  ...hookRoutes,
  ...auditRoutes,
];

/** Every repository route also answers by the repository's id: that is how Link headers and redirects name it. */
const byId = routes
  .filter((route) => route.path.startsWith('/repos/{owner}/{repo}'))
  .map((route): Route => ({ ...route, path: route.path.replace('/repos/{owner}/{repo}', '/repositories/{repository_id}') }));

/** GitHub's REST API, as Enterprise Server 3.19 speaks it (decision 27). */
export const github: Dialect = {
  name: 'github',
  prefix: '/api/v3',
  routes: [...routes, ...byId],
  contentType: 'application/json; charset=utf-8',
  accepts: acceptsJson,
  validate,
  problemReply,
  requestProblemReply,
  headers,
};

/** Scopes that a route accepts, as clients read them (spec/github.md 6.3). */
function acceptedScopes(route: Route | null): string {
  if (route === null || route.access.who !== 'signed-in') return route?.access.who === 'site-admin' ? 'site_admin' : '';
  if (route.path.includes('/protection')) return '';
  if (route.path.includes('/{repo}/hooks')) return 'admin:repo_hook, public_repo, read:repo_hook, repo, write:repo_hook';
  switch (route.access.capability) {
    case 'org:administer':
      return 'admin:org';
    case 'org:write':
      return 'admin:org, write:org';
    case 'org:read':
      return 'admin:org, read:org, repo, user, write:org';
    case 'org-hook:administer':
      return 'admin:org_hook';
    case 'audit:read':
      return 'admin:enterprise, read:audit_log';
    case 'code:write':
      return 'public_repo, repo';
    default:
      return '';
  }
}

function headers(caller: Caller, route: Route | null, requestId: string): Record<string, string> {
  const hasScopes = caller.kind === 'actor' && caller.token !== null && caller.token.installation === null;
  return {
    'x-github-request-id': requestId,
    'x-github-media-type': 'github.v3; format=json',
    'x-github-api-version-selected': '2022-11-28',
    'x-github-enterprise-version': ENTERPRISE_VERSION,
    ...(hasScopes && { 'x-oauth-scopes': [...caller.token!.scopes].sort().join(', '), 'x-accepted-oauth-scopes': acceptedScopes(route) }),
    'cache-control': 'private, max-age=60, s-maxage=60',
    vary: 'Accept, Authorization, Cookie, X-GitHub-OTP',
    'access-control-allow-origin': '*',
    'access-control-expose-headers':
      'ETag, Link, Location, Retry-After, X-OAuth-Scopes, X-Accepted-OAuth-Scopes, X-GitHub-Media-Type, X-GitHub-Request-Id, X-Sallyport-Bypass, Sallyport-Pattern, Sallyport-Also-Protected-By, Sallyport-Not-Shown',
    'x-content-type-options': 'nosniff',
  };
}
