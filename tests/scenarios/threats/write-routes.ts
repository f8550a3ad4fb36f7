import { type PullsFound, pullWrites } from './pull-routes.ts';

/** What a row's request finds on the server; `scene.ts` made it. */
export interface Found extends PullsFound {
  readonly sha: string;
  readonly tree: string;
  readonly blob: string;
  /** The file `f.txt` on `main`. */
  readonly fileBlob: string;
  readonly checkRun: number;
  readonly protection: number;
  readonly orgProtection: number;
  readonly token: number;
  readonly gpgKey: number;
  readonly sshKey: number;
  readonly installation: number;
  readonly hook: number;
  readonly orgHook: number;
  /** Deliveries of the two. */
  readonly delivery: number;
  readonly orgDelivery: number;
  readonly newGpgKey: string;
  readonly newSshKey: string;
}

/**
 * Who may, at the least: `self` is anybody with a token that may change its own account, `read` whoever reads the repository, `review` a reader
 * who says what they think, `report` says how checks went, `propose` opens pull requests, `judge` is a writer whose word about reviews counts.
 */
export type Needs =
  | 'self'
  | 'read'
  | 'review'
  | 'report'
  | 'propose'
  | 'judge'
  | 'write'
  | 'admin'
  | 'repository owner'
  | 'organization owner'
  | 'site admin'
  | 'app';

export interface WriteRoute {
  /** As the dialect names it. */
  readonly route: string;
  readonly needs: Needs;
  readonly path: string | ((found: Found) => string);
  readonly body?: (found: Found) => unknown;
}

const protection = '/repos/{owner}/{repo}/branches/{branch+}/protection';
const at = '/repos/acme/app/branches/main/protection';
const native = '/api/sallyport/v1';

const off = { required_status_checks: null, enforce_admins: null, required_pull_request_reviews: null, restrictions: null };
const everything = {
  required_status_checks: { strict: false, contexts: ['build'] },
  enforce_admins: true,
  required_pull_request_reviews: { required_approving_review_count: 1 },
  restrictions: { users: ['dev'], teams: [], apps: [] },
};

/** Settings of a protection, in an order in which each finds what it needs. */
const settings: readonly WriteRoute[] = [
  ...(['required_signatures', 'allow_deletions', 'allow_force_pushes', 'enforce_admins'] as const).flatMap((name) =>
    (['POST', 'DELETE'] as const).map((method): WriteRoute => onProtection(method, `/${name}`)),
  ),
  onProtection('PATCH', '/required_pull_request_reviews', { dismiss_stale_reviews: true }),
  onProtection('PATCH', '/required_status_checks', { strict: true }),
  onProtection('POST', '/required_status_checks/contexts', { contexts: ['test'] }),
  onProtection('PUT', '/required_status_checks/contexts', { contexts: ['build', 'lint'] }),
  onProtection('DELETE', '/required_status_checks/contexts', { contexts: ['lint'] }),
  ...(
    [
      ['users', ['mona']],
      ['teams', ['crew']],
      ['apps', ['helper']],
    ] as const
  ).flatMap(([kind, names]) =>
    (['POST', 'PUT', 'DELETE'] as const).map((method) => onProtection(method, `/restrictions/${kind}`, { [kind]: names })),
  ),
  onProtection('DELETE', '/restrictions'),
  onProtection('DELETE', '/required_status_checks'),
  onProtection('DELETE', '/required_pull_request_reviews'),
  onProtection('DELETE', ''),
];

function onProtection(method: string, rest: string, body?: unknown): WriteRoute {
  return { route: `${method} ${protection}${rest}`, needs: 'admin', path: at + rest, ...(body !== undefined && { body: () => body }) };
}

const author = { name: 'Somebody', email: 'somebody@example.com' };

/** Every route of GitHub's dialect that changes something; those that take things away come last. */
export const githubWrites: readonly WriteRoute[] = [
  { route: 'POST /admin/users', needs: 'site admin', path: '/admin/users', body: () => ({ login: 'made', email: 'made@example.com' }) },
  {
    route: 'POST /admin/organizations',
    needs: 'site admin',
    path: '/admin/organizations',
    body: () => ({ login: 'made-org', admin: 'olga' }),
  },
  {
    route: 'POST /admin/users/{username}/authorizations',
    needs: 'site admin',
    path: '/admin/users/dev/authorizations',
    body: () => ({ scopes: ['repo'] }),
  },
  { route: 'PUT /users/{username}/suspended', needs: 'site admin', path: '/users/victim/suspended' },
  { route: 'DELETE /users/{username}/suspended', needs: 'site admin', path: '/users/victim/suspended' },
  { route: 'PUT /users/{username}/site_admin', needs: 'site admin', path: '/users/victim/site_admin' },
  { route: 'DELETE /users/{username}/site_admin', needs: 'site admin', path: '/users/victim/site_admin' },
  { route: 'PATCH /orgs/{org}', needs: 'organization owner', path: '/orgs/acme', body: () => ({ description: 'changed' }) },
  {
    route: 'PUT /orgs/{org}/memberships/{username}',
    needs: 'organization owner',
    path: '/orgs/acme/memberships/victim',
    body: () => ({ role: 'member' }),
  },
  { route: 'POST /orgs/{org}/teams', needs: 'organization owner', path: '/orgs/acme/teams', body: () => ({ name: 'made' }) },
  {
    route: 'PATCH /orgs/{org}/teams/{team_slug}',
    needs: 'organization owner',
    path: '/orgs/acme/teams/crew',
    body: () => ({ description: 'changed' }),
  },
  {
    route: 'PUT /orgs/{org}/teams/{team_slug}/memberships/{username}',
    needs: 'organization owner',
    path: '/orgs/acme/teams/crew/memberships/victim',
    body: () => ({ role: 'member' }),
  },
  {
    route: 'PUT /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}',
    needs: 'organization owner',
    path: '/orgs/acme/teams/crew/repos/acme/app',
    body: () => ({ permission: 'push' }),
  },
  { route: 'POST /user/repos', needs: 'self', path: '/user/repos', body: () => ({ name: 'made' }) },
  { route: 'POST /orgs/{org}/repos', needs: 'organization owner', path: '/orgs/acme/repos', body: () => ({ name: 'made' }) },
  { route: 'PATCH /repos/{owner}/{repo}', needs: 'admin', path: '/repos/acme/app', body: () => ({ description: 'changed' }) },
  {
    route: 'PUT /repos/{owner}/{repo}/collaborators/{username}',
    needs: 'admin',
    path: '/repos/acme/app/collaborators/victim',
    body: () => ({ permission: 'push' }),
  },
  onProtection('PUT', '', off),
  onProtection('PUT', '', everything),
  ...settings,
  {
    route: 'POST /repos/{owner}/{repo}/branches/{branch+}/rename',
    needs: 'write',
    path: '/repos/acme/app/branches/old/rename',
    body: () => ({ new_name: 'new' }),
  },
  {
    route: 'POST /repos/{owner}/{repo}/merges',
    needs: 'write',
    path: '/repos/acme/app/merges',
    body: () => ({ base: 'behind', head: 'main' }),
  },
  { route: 'POST /repos/{owner}/{repo}/forks', needs: 'read', path: '/repos/acme/app/forks', body: () => ({}) },
  {
    route: 'POST /repos/{owner}/{repo}/merge-upstream',
    needs: 'write',
    path: '/repos/acme/forked/merge-upstream',
    body: () => ({ branch: 'main' }),
  },
  {
    route: 'POST /repos/{owner}/{repo}/git/refs',
    needs: 'write',
    path: '/repos/acme/app/git/refs',
    body: ({ sha }) => ({ ref: 'refs/heads/made', sha }),
  },
  {
    route: 'PATCH /repos/{owner}/{repo}/git/refs/{ref+}',
    needs: 'write',
    path: '/repos/acme/app/git/refs/heads/made',
    body: ({ sha }) => ({ sha, force: true }),
  },
  { route: 'DELETE /repos/{owner}/{repo}/git/refs/{ref+}', needs: 'write', path: '/repos/acme/app/git/refs/heads/made' },
  { route: 'POST /repos/{owner}/{repo}/git/blobs', needs: 'write', path: '/repos/acme/app/git/blobs', body: () => ({ content: 'made' }) },
  {
    route: 'POST /repos/{owner}/{repo}/git/trees',
    needs: 'write',
    path: '/repos/acme/app/git/trees',
    body: ({ fileBlob }) => ({ tree: [{ path: 'a', mode: '100644', type: 'blob', sha: fileBlob }] }),
  },
  {
    route: 'POST /repos/{owner}/{repo}/git/commits',
    needs: 'write',
    path: '/repos/acme/app/git/commits',
    body: ({ sha, tree }) => ({ message: 'made', tree, parents: [sha] }),
  },
  {
    route: 'POST /repos/{owner}/{repo}/git/tags',
    needs: 'write',
    path: '/repos/acme/app/git/tags',
    body: ({ sha }) => ({ tag: 'v1', message: 'made', object: sha, type: 'commit', tagger: author }),
  },
  {
    route: 'PUT /repos/{owner}/{repo}/contents/{path+}',
    needs: 'write',
    path: '/repos/acme/app/contents/made.txt',
    body: () => ({ message: 'made', content: '' }),
  },
  {
    route: 'DELETE /repos/{owner}/{repo}/contents/{path+}',
    needs: 'write',
    path: '/repos/acme/app/contents/f.txt',
    body: ({ fileBlob }) => ({ message: 'gone', sha: fileBlob }),
  },
  {
    route: 'POST /repos/{owner}/{repo}/statuses/{sha}',
    needs: 'report',
    path: ({ sha }) => `/repos/acme/app/statuses/${sha}`,
    body: () => ({ state: 'success' }),
  },
  {
    route: 'POST /repos/{owner}/{repo}/check-runs',
    needs: 'report',
    path: '/repos/acme/app/check-runs',
    body: ({ sha }) => ({ name: 'build', head_sha: sha }),
  },
  {
    route: 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
    needs: 'report',
    path: ({ checkRun }) => `/repos/acme/app/check-runs/${checkRun}`,
    body: () => ({ status: 'in_progress' }),
  },
  ...pullWrites,
  {
    route: 'POST /app/installations/{installation_id}/access_tokens',
    needs: 'app',
    path: ({ installation }) => `/app/installations/${installation}/access_tokens`,
    body: () => ({}),
  },
  {
    route: 'POST /user/gpg_keys',
    needs: 'self',
    path: '/user/gpg_keys',
    body: ({ newGpgKey }) => ({ armored_public_key: newGpgKey }),
  },
  { route: 'DELETE /user/gpg_keys/{gpg_key_id}', needs: 'self', path: ({ gpgKey }) => `/user/gpg_keys/${gpgKey}` },
  {
    route: 'POST /user/ssh_signing_keys',
    needs: 'self',
    path: '/user/ssh_signing_keys',
    body: ({ newSshKey }) => ({ title: 'made', key: newSshKey }),
  },
  { route: 'DELETE /user/ssh_signing_keys/{ssh_signing_key_id}', needs: 'self', path: ({ sshKey }) => `/user/ssh_signing_keys/${sshKey}` },
  ...onHooks('/repos/{owner}/{repo}', '/repos/acme/app', 'admin', ({ hook, delivery }) => [hook, delivery]),
  { route: 'POST /repos/{owner}/{repo}/hooks/{hook_id}/tests', needs: 'admin', path: ({ hook }) => `/repos/acme/app/hooks/${hook}/tests` },
  ...onHooks('/orgs/{org}', '/orgs/acme', 'organization owner', ({ orgHook, orgDelivery }) => [orgHook, orgDelivery]),
];

function onHooks(
  place: string,
  where: string,
  needs: Needs,
  idsOf: (found: Found) => readonly [hook: number, delivery: number],
): WriteRoute[] {
  const url = (path: string): string => `https://example.com/${path}`;
  const one = (rest: string) => (found: Found) => `${where}/hooks/${idsOf(found)[0]}${rest}`;
  return [
    { route: `POST ${place}/hooks`, needs, path: `${where}/hooks`, body: () => ({ name: 'web', config: { url: url('made') } }) },
    { route: `PATCH ${place}/hooks/{hook_id}`, needs, path: one(''), body: () => ({ events: ['create'] }) },
    { route: `PATCH ${place}/hooks/{hook_id}/config`, needs, path: one('/config'), body: () => ({ url: url('changed') }) },
    { route: `POST ${place}/hooks/{hook_id}/pings`, needs, path: one('/pings') },
    {
      route: `POST ${place}/hooks/{hook_id}/deliveries/{delivery_id}/attempts`,
      needs,
      path: (found) => `${where}/hooks/${idsOf(found)[0]}/deliveries/${idsOf(found)[1]}/attempts`,
    },
  ];
}

/** And of the native API. */
export const nativeWrites: readonly WriteRoute[] = [
  { route: 'POST /tokens', needs: 'self', path: `${native}/tokens`, body: () => ({ name: 'made', scopes: ['user'] }) },
  {
    route: 'POST /users/{username}/tokens',
    needs: 'site admin',
    path: `${native}/users/dev/tokens`,
    body: () => ({ name: 'made', scopes: ['user'] }),
  },
  { route: 'DELETE /tokens/{token_id}', needs: 'self', path: ({ token }) => `${native}/tokens/${token}` },
  ...(
    [
      ['/repos/{owner}/{repo}', '/repos/acme/app', 'admin', (found: Found) => found.protection],
      ['/orgs/{org}', '/orgs/acme', 'organization owner', (found: Found) => found.orgProtection],
    ] as const
  ).flatMap(([place, where, needs, idOf]): WriteRoute[] => [
    {
      route: `POST ${place}/protections`,
      needs,
      path: `${native}${where}/protections`,
      body: () => ({ origin: 'gitlab', pattern: 'made', rules: gitlabRules }),
    },
    {
      route: `PATCH ${place}/protections/{protection_id}`,
      needs,
      path: (found) => `${native}${where}/protections/${idOf(found)}`,
      body: () => ({ demands_reason: true }),
    },
    { route: `DELETE ${place}/protections/{protection_id}`, needs, path: (found) => `${native}${where}/protections/${idOf(found)}` },
  ]),
  {
    route: 'POST /repos/{owner}/{repo}/explain',
    needs: 'write',
    path: `${native}/repos/acme/app/explain`,
    body: ({ sha }) => ({ via: 'api', updates: [{ ref: 'refs/heads/x', new: sha }] }),
  },
  {
    route: 'POST /apps',
    needs: 'organization owner',
    path: `${native}/apps`,
    body: () => ({ slug: 'made', name: 'made', owner: 'acme', permissions: {} }),
  },
  { route: 'PUT /apps/{slug}/installations/{owner}', needs: 'organization owner', path: `${native}/apps/idle/installations/acme` },
  { route: 'DELETE /apps/{slug}/installations/{owner}', needs: 'organization owner', path: `${native}/apps/idle/installations/acme` },
];

/** What ends the scene, so it is tried with the right credential last of all. */
export const endings: readonly WriteRoute[] = [
  { route: 'DELETE /repos/{owner}/{repo}/collaborators/{username}', needs: 'admin', path: '/repos/acme/app/collaborators/victim' },
  {
    route: 'DELETE /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}',
    needs: 'organization owner',
    path: '/orgs/acme/teams/crew/repos/acme/app',
  },
  {
    route: 'DELETE /orgs/{org}/teams/{team_slug}/memberships/{username}',
    needs: 'organization owner',
    path: '/orgs/acme/teams/crew/memberships/victim',
  },
  { route: 'DELETE /orgs/{org}/teams/{team_slug}', needs: 'organization owner', path: '/orgs/acme/teams/crew' },
  { route: 'DELETE /orgs/{org}/memberships/{username}', needs: 'organization owner', path: '/orgs/acme/memberships/victim' },
  { route: 'DELETE /orgs/{org}/members/{username}', needs: 'organization owner', path: '/orgs/acme/members/bystander' },
  { route: 'DELETE /repos/{owner}/{repo}/hooks/{hook_id}', needs: 'admin', path: ({ hook }) => `/repos/acme/app/hooks/${hook}` },
  { route: 'DELETE /orgs/{org}/hooks/{hook_id}', needs: 'organization owner', path: ({ orgHook }) => `/orgs/acme/hooks/${orgHook}` },
  { route: 'DELETE /repos/{owner}/{repo}', needs: 'repository owner', path: '/repos/acme/app' },
];

const grants = [{ kind: 'role', level: 40 }];
export const gitlabRules = [
  { type: 'push_access', parameters: { grants } },
  { type: 'merge_access', parameters: { grants } },
  { type: 'non_fast_forward', parameters: { allowed: false } },
  { type: 'deletion', parameters: { allowed: 'maintainers-by-api' } },
  { type: 'creation', parameters: { mode: 'pushers-or-protected-tip-by-api' } },
];
