import { createOrganization } from '#operations/accounts/create-organization.ts';
import { removeMember } from '#operations/organizations/remove-member.ts';
import { setMembership } from '#operations/organizations/set-membership.ts';
import { updateOrganization } from '#operations/organizations/update-organization.ts';
import { createTeam } from '#operations/teams/create-team.ts';
import { deleteTeam } from '#operations/teams/delete-team.ts';
import { removeTeamMember } from '#operations/teams/remove-team-member.ts';
import { setTeamMember } from '#operations/teams/set-team-member.ts';
import { setTeamRepository } from '#operations/teams/set-team-repository.ts';
import { updateTeam } from '#operations/teams/update-team.ts';
import { must } from '../../support/api.ts';
import { operator } from '../../support/personas.ts';
import type { AuditStage, Row } from './stage.ts';

export const organizationRows: readonly Row[] = [
  {
    operation: 'organizations/set-membership.ts setMembership',
    what: 'somebody becomes a member',
    async ready(stage) {
      const [by, { login }] = [await stage.by(stage.cast.owner), await stage.person()];
      const entries = [{ action: 'org.add_member', data: { permission: 'member' } }];
      return { by, ask: (context) => setMembership(context, by, 'acme', login, 'member'), entries };
    },
  },
  {
    operation: 'organizations/set-membership.ts setMembership',
    what: 'a member becomes an owner',
    async ready(stage) {
      const [by, { login }] = [await stage.by(stage.cast.owner), await stage.member()];
      const entries = [{ action: 'org.update_member', data: { permission: 'admin', old_permission: 'member' } }];
      return { by, ask: (context) => setMembership(context, by, 'acme', login, 'admin'), entries };
    },
  },
  {
    operation: 'organizations/remove-member.ts removeMember',
    what: 'a member leaves, and the team with it',
    async ready(stage) {
      const [by, { login }, slug] = [await stage.by(stage.cast.owner), await stage.member(), await stage.team()];
      await setTeamMember(stage.context, by, { org: 'acme', slug }, login, 'member');
      const entries = [{ action: 'org.remove_member', data: { old_permission: 'member' } }, { action: 'team.remove_member' }];
      return { by, ask: (context) => removeMember(context, by, 'acme', login), entries };
    },
  },
  {
    operation: 'organizations/update-organization.ts updateOrganization',
    what: 'an organization gets another name and base permission',
    async ready(stage) {
      const by = await stage.by(stage.cast.owner);
      const login = stage.name('org');
      await createOrganization(stage.context, operator, { login, admin: 'olga', name: 'Before', basePermission: 0 });
      const entries = [
        { action: 'org.update', data: { name: 'After', old_name: 'Before' } },
        { action: 'org.update_default_repository_permission', data: { basePermission: 20, old_basePermission: 0 } },
      ];
      return { by, ask: (context) => updateOrganization(context, by, login, { name: 'After', basePermission: 20 }), entries };
    },
  },
  {
    operation: 'teams/create-team.ts createTeam',
    what: 'a team is created with a maintainer',
    async ready(stage) {
      const [by, { login }] = [await stage.by(stage.cast.owner), await stage.member()];
      const input = {
        ...{ name: stage.name('team'), description: null, privacy: null, notificationSetting: 'notifications_enabled' as const },
        ...{ defaultRung: 20, parentId: null, maintainers: [login] },
      };
      const entries = [
        { action: 'team.create', data: { name: input.name, privacy: 'secret' } },
        { action: 'team.add_member', data: { role: 'maintainer' } },
      ];
      return { by, ask: (context) => createTeam(context, by, 'acme', input), entries };
    },
  },
  {
    operation: 'teams/update-team.ts updateTeam',
    what: 'a team is changed',
    async ready(stage) {
      const [by, slug] = [await stage.by(stage.cast.owner), await stage.team()];
      const changes = { description: 'now with words', privacy: 'secret' as const };
      const entries = [
        { action: 'team.edit', data: { description: 'now with words', old_description: null } },
        { action: 'team.edit', data: { privacy: 'secret', old_privacy: 'closed' } },
      ];
      return { by, ask: (context) => updateTeam(context, by, { org: 'acme', slug }, changes), entries };
    },
  },
  {
    operation: 'teams/delete-team.ts deleteTeam',
    what: 'a team is deleted',
    async ready(stage) {
      const [by, slug] = [await stage.by(stage.cast.owner), await stage.team()];
      const entries = [{ action: 'team.destroy', data: { name: slug, privacy: 'closed' } }];
      return { by, ask: (context) => deleteTeam(context, by, { org: 'acme', slug }), entries };
    },
  },
  {
    operation: 'teams/set-team-member.ts setTeamMember',
    what: 'somebody joins a team',
    async ready(stage) {
      const [by, { login }, slug] = [await stage.by(stage.cast.owner), await stage.member(), await stage.team()];
      const entries = [{ action: 'team.add_member', data: { role: 'member' } }];
      return { by, ask: (context) => setTeamMember(context, by, { org: 'acme', slug }, login, 'member'), entries };
    },
  },
  {
    operation: 'teams/set-team-member.ts setTeamMember',
    what: 'a member of a team becomes its maintainer',
    async ready(stage) {
      const [by, { login }, slug] = [await stage.by(stage.cast.owner), await stage.member(), await stage.team()];
      await setTeamMember(stage.context, by, { org: 'acme', slug }, login, 'member');
      const entries = [{ action: 'team.update_member', data: { role: 'maintainer', old_role: 'member' } }];
      return { by, ask: (context) => setTeamMember(context, by, { org: 'acme', slug }, login, 'maintainer'), entries };
    },
  },
  {
    operation: 'teams/remove-team-member.ts removeTeamMember',
    what: 'somebody leaves a team',
    async ready(stage) {
      const [by, { login }, slug] = [await stage.by(stage.cast.owner), await stage.member(), await stage.team()];
      await setTeamMember(stage.context, by, { org: 'acme', slug }, login, 'member');
      const entries = [{ action: 'team.remove_member' }];
      return { by, ask: (context) => removeTeamMember(context, by, { org: 'acme', slug }, login), entries };
    },
  },
  ...(
    [
      ['team.add_repository', null, 30],
      ['team.update_repository_permission', 20, 30],
      ['team.remove_repository', 20, null],
    ] as const
  ).map(
    ([action, old, level]): Row => ({
      operation: 'teams/set-team-repository.ts setTeamRepository',
      what: `a team’s grant in a repository goes from ${old} to ${level}`,
      async ready(stage) {
        const [by, slug, { key }] = [await stage.by(stage.cast.owner), await stage.team(), await stage.repository()];
        if (old !== null) await setTeamRepository(stage.context, by, { org: 'acme', slug }, key, old);
        const entries = [{ action, data: { level, old_level: old } }];
        return { by, ask: (context) => setTeamRepository(context, by, { org: 'acme', slug }, key, level), entries };
      },
    }),
  ),
];

/** For rows elsewhere that need one. */
export async function teamId(stage: AuditStage): Promise<number> {
  const slug = await stage.team();
  return (await must(stage.cast.owner.api('GET', `/orgs/acme/teams/${slug}`))).id;
}
