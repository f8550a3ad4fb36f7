import type { Caller } from '#model/caller.ts';
import { notFound } from '#model/problem.ts';
import { OWNER } from '#model/rung.ts';
import { inOrganization } from '#model/telling.ts';
import { findOrganization, findUser, requireOrganizationOwner } from '../access.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';
import { refuseLosingLastOwner } from './last-owner.ts';

/** Takes somebody out of an organization and all its teams. Rows in rule lists stay and are dead. People may leave by themselves. */
export function removeMember(context: Context, caller: Caller, org: string, login: string): Promise<void> {
  return change(
    context,
    caller,
    async (tx, record, as) => {
      const organization = await findOrganization(tx, org);
      const user = await findUser(tx, login);
      const isLeaving = as.kind === 'actor' && as.user.id === user.id;
      if (!isLeaving) await requireOrganizationOwner(tx, as, organization, tx.now);
      const membership = await tx.organizations.findMembership(organization.id, user.id);
      if (membership === null) throw notFound('membership');
      if (membership.level >= OWNER) await refuseLosingLastOwner(tx, organization);
      const teams = (await tx.teams.listOfUser(user.id)).filter((team) => team.organizationId === organization.id);
      await tx.teams.removeFromOrganization(organization.id, user.id);
      await tx.organizations.removeMembership(organization.id, user.id);
      const subject = { organization: { id: organization.id, login: organization.login }, user: { id: user.id, login: user.login } };
      const permission = membership.level >= OWNER ? 'admin' : 'member';
      const { level } = membership;
      const tells = [inOrganization(organization, { kind: 'organization-member', action: 'member_removed', member: user, level })];
      record({ action: 'org.remove_member', operation: 'remove', ...subject, data: { old_permission: permission }, tells });
      for (const team of teams)
        record({
          action: 'team.remove_member',
          operation: 'remove',
          ...subject,
          team: { id: team.id, slug: team.slug },
          tells: [inOrganization(organization, { kind: 'membership', action: 'removed', team, member: user })],
        });
    },
    () => 'everywhere',
  );
}
