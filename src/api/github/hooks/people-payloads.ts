import type { Tidings } from '#model/telling.ts';
import { simpleUser } from '../accounts/from-model.ts';
import { membershipObject } from '../organizations/from-model.ts';
import { legacyPermission, permissionFlags, roleName } from '../permissions.ts';
import { simpleTeam } from '../teams/from-model.ts';
import { inOrganization, type Scene, surroundings, webhookRepository } from './scene.ts';

type Of<K extends Tidings['kind']> = Extract<Tidings, { kind: K }>;

export async function memberPayload(scene: Scene, { action, member, rung, oldRung, ...place }: Of<'member'>) {
  const from = { from: legacyPermission(oldRung ?? 0) };
  const to = { to: legacyPermission(rung ?? 0) };
  const changes = {
    added: { permission: to, role_name: { to: roleName(rung ?? 0) } },
    edited: { old_permission: from, permission: { ...from, ...to } },
    removed: null,
  }[action];
  return { action, member: simpleUser(member, scene.urls), ...(changes && { changes }), ...(await surroundings(scene, place)) };
}

/** A new name stands in a place of its own. */
export async function repositoryPayload(scene: Scene, { action, before, ...place }: Of<'repository'>) {
  const changed = Object.entries(before).map(([field, from]) => [snake(field), { from }] as const);
  const changes = action === 'renamed' ? { repository: Object.fromEntries(changed) } : Object.fromEntries(changed);
  const hasChanges = action === 'renamed' || action === 'edited';
  return { action, ...(hasChanges && { changes }), ...(await surroundings(scene, place)) };
}

export async function teamMessages(scene: Scene, tidings: Of<'team' | 'team-repository'>) {
  const { action, organization } = tidings;
  const team = { ...simpleTeam(tidings.team, organization, scene.urls), parent: null };
  const around = inOrganization(scene, organization);
  if (tidings.kind === 'team') {
    const told = ['name', 'description', 'privacy', 'notificationSetting'].filter((field) => field in tidings.before);
    const changes = Object.fromEntries(told.map((field) => [snake(field), { from: tidings.before[field] ?? '' }]));
    return [{ event: 'team', action, payload: { action, team, ...(action === 'edited' && { changes }), ...around } }];
  }
  const repository = await webhookRepository(scene, tidings);
  const changes = { repository: { permissions: { from: permissionFlags(tidings.oldRung ?? 0) } } };
  return [
    { event: 'team', action, payload: { action, team, repository, ...(action === 'edited' && { changes }), ...around } },
    ...(action === 'added_to_repository' ? [{ event: 'team_add', action: null, payload: { team, repository, ...around } }] : []),
  ];
}

export function membershipPayload(scene: Scene, { action, member, team, organization }: Of<'membership'>) {
  return {
    action,
    scope: 'team',
    member: simpleUser(member, scene.urls),
    team: simpleTeam(team, organization, scene.urls),
    ...inOrganization(scene, organization),
  };
}

export function organizationPayload(scene: Scene, { action, member, level, organization }: Of<'organization-member'>) {
  const membership = membershipObject({ organization, user: member, level }, scene.urls);
  return { action, membership, ...inOrganization(scene, organization) };
}

function snake(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
