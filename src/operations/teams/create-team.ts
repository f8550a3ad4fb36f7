import type { Team } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import { slugOf, textProblem } from '#model/names.ts';
import { forbidden, invalid } from '#model/problem.ts';
import { inOrganization } from '#model/telling.ts';
import { findOrganization, requireOrganizationOwner } from '../access.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';

export interface NewTeamInput {
  readonly name: string;
  readonly description: string | null;
  readonly privacy: 'secret' | 'closed' | null;
  readonly notificationSetting: Team['notificationSetting'];
  readonly defaultRung: number;
  readonly parentId: number | null;
  /** Logins; they become maintainers. */
  readonly maintainers: readonly string[];
}

/** Creates a team. A child team is never secret: who sees the parent sees it. */
export function createTeam(context: Context, caller: Caller, org: string, input: NewTeamInput): Promise<Team> {
  return change(context, caller, async (tx, record, as) => {
    const organization = await findOrganization(tx, org);
    await requireOrganizationOwner(tx, as, organization, tx.now);
    const slug = slugOf(input.name);
    const problem = textProblem(input.name, 100) ?? (slug === '' ? 'has no letters or digits' : null);
    if (problem !== null) throw invalid('name', `Name ${problem}`, 'custom', 'Team');
    if ((await tx.teams.findBySlug(organization.id, slug)) !== null)
      throw invalid('name', 'Name must be unique for this org', 'already_exists', 'Team');
    if (input.parentId !== null && (await tx.teams.findById(input.parentId))?.organizationId !== organization.id) {
      throw invalid('parent_team_id', 'there is no such team in this organization', 'invalid', 'Team');
    }
    if (input.parentId !== null && input.privacy === 'secret')
      throw invalid('privacy', 'a team with a parent cannot be secret', 'invalid', 'Team');
    const privacy = input.privacy ?? (input.parentId === null ? 'secret' : 'closed');
    const { name, description, notificationSetting, defaultRung, parentId } = input;
    const team = await tx.teams.insert({
      organizationId: organization.id,
      slug,
      name,
      description,
      privacy,
      notificationSetting,
      defaultRung,
      parentId,
    });
    const subject = { organization: { id: organization.id, login: organization.login }, team: { id: team.id, slug } };
    const tells = [inOrganization(organization, { kind: 'team', action: 'created', team, before: {} })];
    record({ action: 'team.create', operation: 'create', ...subject, data: { name, privacy, parent_id: parentId }, tells });
    const maintainers = await tx.accounts.listByLogins(input.maintainers);
    if (maintainers.length < input.maintainers.length) throw invalid('maintainers', 'one of them is unknown', 'invalid', 'Team');
    for (const user of maintainers) {
      if ((await tx.organizations.findMembership(organization.id, user.id)) === null)
        throw forbidden('members of the organization as maintainers');
      await tx.teams.setMembership(team.id, user.id, 50);
      record({
        action: 'team.add_member',
        operation: 'create',
        ...subject,
        user: { id: user.id, login: user.login },
        data: { role: 'maintainer' },
        tells:
          user.kind === 'organization' ? [] : [inOrganization(organization, { kind: 'membership', action: 'added', team, member: user })],
      });
    }
    return team;
  });
}
