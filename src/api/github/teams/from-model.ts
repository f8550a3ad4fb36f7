import type { Organization, Team } from '#model/account.ts';
import type { TeamWithParent } from '#operations/teams/read-teams.ts';
import { fullOrganization } from '../organizations/from-model.ts';
import { permissionFlags, permissionOf } from '../permissions.ts';
import { nodeId, timestamp } from '../time.ts';
import type { Urls } from '../urls.ts';

/** A team without its parent, as it stands inside other objects. */
export function simpleTeam(team: Team, organization: Pick<Organization, 'id' | 'login'>, urls: Urls) {
  const url = `${urls.api}/organizations/${organization.id}/team/${team.id}`;
  return {
    id: team.id,
    node_id: nodeId('Team', team.id),
    name: team.name,
    slug: team.slug,
    description: team.description,
    privacy: team.privacy,
    notification_setting: team.notificationSetting,
    permission: permissionOf(team.defaultRung),
    url,
    html_url: `${urls.base}/orgs/${organization.login}/teams/${team.slug}`,
    members_url: `${url}/members{/member}`,
    repositories_url: `${url}/repos`,
    type: 'organization',
    organization_id: organization.id,
  };
}

export interface TeamExtras {
  /** The grant on the repository that the list is about. */
  readonly grant?: number;
  readonly full?: { readonly members: number; readonly repositories: number };
}

/** A team with its parent; with counts and organization where the whole of it is shown. */
export function teamObject(team: TeamWithParent, organization: Organization, urls: Urls, { grant, full }: TeamExtras = {}) {
  return {
    ...simpleTeam(team, organization, urls),
    ...(grant !== undefined && { permission: permissionOf(grant), permissions: permissionFlags(grant) }),
    parent: team.parent === null ? null : simpleTeam(team.parent, organization, urls),
    ...(full && {
      members_count: full.members,
      repos_count: full.repositories,
      created_at: timestamp(team.createdAt),
      updated_at: timestamp(team.updatedAt),
      organization: fullOrganization(organization, urls, { isOwner: false }),
    }),
  };
}

export function teamMembership(team: Team, organization: Organization, login: string, level: number, urls: Urls) {
  return {
    url: `${urls.api}/organizations/${organization.id}/team/${team.id}/memberships/${encodeURIComponent(login)}`,
    role: level >= 50 ? 'maintainer' : 'member',
    state: 'active',
  };
}
