import { ok, route } from '../../route.ts';
import { error } from '../errors.ts';
import { documentationUrl, ENTERPRISE_VERSION } from '../media.ts';
import { urls } from '../urls.ts';

/** The URL templates of the API root, for clients that discover and for those that only look whether it is there. */
const templates: Readonly<Record<string, string>> = {
  current_user_url: '/user',
  authorizations_url: '/authorizations',
  commit_search_url: '/search/commits?q={query}{&page,per_page,sort,order}',
  emails_url: '/user/emails',
  events_url: '/events',
  organization_url: '/orgs/{org}',
  organization_repositories_url: '/orgs/{org}/repos{?type,page,per_page,sort}',
  organization_teams_url: '/orgs/{org}/teams',
  rate_limit_url: '/rate_limit',
  repository_url: '/repos/{owner}/{repo}',
  current_user_repositories_url: '/user/repos{?type,page,per_page,sort}',
  user_url: '/users/{user}',
  user_organizations_url: '/user/orgs',
  user_repositories_url: '/users/{user}/repos{?type,page,per_page,sort}',
};

export const metaRoutes = [
  route({
    method: 'GET',
    path: '/',
    access: { who: 'anyone' },
    summary: 'The root of the API',
    operation: 'meta/meta#github-api-root',
    handle: async ({ baseUrl }) => ok(Object.fromEntries(Object.entries(templates).map(([key, path]) => [key, urls(baseUrl).api + path]))),
  }),
  route({
    method: 'GET',
    path: '/meta',
    access: { who: 'anyone' },
    summary: 'What the server is',
    operation: 'meta/meta#get-github-meta-information',
    handle: async ({ context }) =>
      ok({ verifiable_password_authentication: false, installed_version: ENTERPRISE_VERSION, sallyport_version: context.server.version }),
  }),
  route({
    method: 'GET',
    path: '/rate_limit',
    access: { who: 'anyone' },
    summary: 'Where the caller stands with the request limit',
    operation: 'rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user',
    uncounted: true,
    handle: async ({ rate }) => {
      if (rate === null)
        return error(
          404,
          'Rate limiting is not enabled.',
          documentationUrl('rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user'),
        );
      const { limit, remaining, reset, used } = rate;
      const core = { limit, remaining, reset, used };
      return ok({ resources: { core, search: core }, rate: core });
    },
  }),
  route({
    method: 'GET',
    path: '/zen',
    access: { who: 'anyone' },
    summary: 'A sentence',
    operation: 'meta/meta#get-the-zen-of-github',
    handle: async () => ({
      status: 200,
      body: 'Closed to people, open on the record to automation.',
      contentType: 'text/plain; charset=utf-8',
    }),
  }),
];
