import type { Account, Organization, User } from '#model/account.ts';
import { nodeId, timestamp } from '../time.ts';
import type { Urls } from '../urls.ts';

/** The user object that stands in every other object, with all its keys in GitHub's order (spec/github.md 1.0). */
export function simpleUser(account: Account, urls: Urls) {
  const { login } = account;
  const url = urls.user(login);
  const isBot = account.kind === 'robot';
  const html = isBot && account.app !== null ? `${urls.base}/apps/${login.replace(/\[bot\]$/, '')}` : `${urls.base}/${login}`;
  return {
    login,
    id: account.id,
    node_id: nodeId(typeOf(account), account.id),
    avatar_url: `${urls.base}/${encodeURIComponent(login)}.png`,
    gravatar_id: '',
    url,
    html_url: html,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: typeOf(account),
    site_admin: account.kind !== 'organization' && account.siteAdmin,
    user_view_type: 'public',
  };
}

function typeOf({ kind }: Account): 'User' | 'Organization' | 'Bot' {
  if (kind === 'organization') return 'Organization';
  return kind === 'robot' ? 'Bot' : 'User';
}

/** A user's own page; the address is shown to themselves only. */
export function fullUser(user: User, urls: Urls, counts: { readonly publicRepositories: number }, isSelf: boolean) {
  return {
    ...simpleUser(user, urls),
    user_view_type: isSelf ? 'private' : 'public',
    name: user.name,
    company: null,
    blog: '',
    location: null,
    email: isSelf ? user.email : null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: counts.publicRepositories,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: timestamp(user.createdAt),
    updated_at: timestamp(user.updatedAt),
    ...(isSelf && {
      private_gists: 0,
      total_private_repos: 0,
      owned_private_repos: 0,
      disk_usage: 0,
      collaborators: 0,
      two_factor_authentication: false,
    }),
  };
}

export function simpleOrganization({ login, id, description }: Organization, urls: Urls) {
  const url = urls.org(login);
  return {
    login,
    id,
    node_id: nodeId('Organization', id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${urls.base}/${login}.png`,
    description: description ?? '',
  };
}
