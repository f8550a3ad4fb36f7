import type { Organization } from '#model/account.ts';
import type { MembershipShown } from '#operations/organizations/set-membership.ts';
import { simpleOrganization, simpleUser } from '../accounts/from-model.ts';
import { timestamp } from '../time.ts';
import type { Urls } from '../urls.ts';

const permissionNames: Readonly<Record<number, string>> = { 0: 'none', 20: 'read', 30: 'write', 40: 'admin' };
const permissionLevels: Readonly<Record<string, number>> = { none: 0, read: 20, write: 30, admin: 40 };

export function levelOfPermission(name: string): number {
  return permissionLevels[name] ?? 0;
}

export function fullOrganization(organization: Organization, urls: Urls, { isOwner }: { readonly isOwner: boolean }) {
  return {
    ...simpleOrganization(organization, urls),
    name: organization.name ?? organization.login,
    html_url: `${urls.base}/${organization.login}`,
    has_organization_projects: false,
    has_repository_projects: false,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    type: 'Organization',
    created_at: timestamp(organization.createdAt),
    updated_at: timestamp(organization.updatedAt),
    archived_at: null,
    ...(isOwner && {
      default_repository_permission: permissionNames[organization.basePermission] ?? 'none',
      members_can_create_repositories: false,
    }),
  };
}

export function membershipObject({ organization, user, level }: MembershipShown, urls: Urls) {
  return {
    url: `${urls.org(organization.login)}/memberships/${encodeURIComponent(user.login)}`,
    state: 'active',
    role: level >= 50 ? 'admin' : 'member',
    organization_url: urls.org(organization.login),
    organization: simpleOrganization(organization, urls),
    user: simpleUser(user, urls),
  };
}
