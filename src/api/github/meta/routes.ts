import { ok, route } from '../../route.ts';
import { error } from '../errors.ts';
import { documentationUrl, ENTERPRISE_VERSION } from '../media.ts';
import { urls } from '../urls.ts';

/**
 * The URL templates of the API root, for clients that discover and for those that only look whether it is there. All of GitHub's, because strict
 * clients want every key; what stands behind them may be absent.
 */
const templates: Readonly<Record<string, string>> = {
  current_user_url: '/user',
  current_user_authorizations_html_url: '/settings/connections/applications{/client_id}',
  authorizations_url: '/authorizations',
  code_search_url: '/search/code?q={query}{&page,per_page,sort,order}',
  commit_search_url: '/search/commits?q={query}{&page,per_page,sort,order}',
  emails_url: '/user/emails',
  emojis_url: '/emojis',
  events_url: '/events',
  feeds_url: '/feeds',
  followers_url: '/user/followers',
  following_url: '/user/following{/target}',
  gists_url: '/gists{/gist_id}',
  issue_search_url: '/search/issues?q={query}{&page,per_page,sort,order}',
  issues_url: '/issues',
  keys_url: '/user/keys',
  label_search_url: '/search/labels?q={query}&repository_id={repository_id}{&page,per_page}',
  notifications_url: '/notifications',
  organization_url: '/orgs/{org}',
  organization_repositories_url: '/orgs/{org}/repos{?type,page,per_page,sort}',
  organization_teams_url: '/orgs/{org}/teams',
  public_gists_url: '/gists/public',
  rate_limit_url: '/rate_limit',
  repository_url: '/repos/{owner}/{repo}',
  repository_search_url: '/search/repositories?q={query}{&page,per_page,sort,order}',
  current_user_repositories_url: '/user/repos{?type,page,per_page,sort}',
  starred_url: '/user/starred{/owner}{/repo}',
  starred_gists_url: '/gists/starred',
  user_url: '/users/{user}',
  user_organizations_url: '/user/orgs',
  user_repositories_url: '/users/{user}/repos{?type,page,per_page,sort}',
  user_search_url: '/search/users?q={query}{&page,per_page,sort,order}',
};

export const metaRoutes = [
  route({
    method: 'GET',
    path: '/',
    access: { who: 'anyone' },
    summary: 'The root of the API',
    operation: 'meta/meta#github-api-root',
    handle: async ({ baseUrl }) => {
      const { api, base } = urls(baseUrl);
      return ok(Object.fromEntries(Object.entries(templates).map(([key, path]) => [key, (key.endsWith('html_url') ? base : api) + path])));
    },
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
