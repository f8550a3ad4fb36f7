import type { Organization, User } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import { forbidden } from '#model/problem.ts';
import { OWNER } from '#model/rung.ts';
import { inOrganization } from '#model/telling.ts';
import { findOrganization, findUser, requireOrganizationOwner } from '../access.ts';
import { change, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';
import { refuseLosingLastOwner } from './last-owner.ts';

export interface MembershipShown {
  readonly organization: Organization;
  readonly user: User;
  readonly level: number;
}

/**
 * Makes somebody a member (level 10) or an owner (50). `member` for somebody between the two changes nothing, because that is how they
 * are shown (spec/model.md section 6); for an owner it is a demotion.
 */
export function setMembership(
  context: Context,
  caller: Caller,
  org: string,
  login: string,
  role: 'member' | 'admin',
): Promise<MembershipShown> {
  return change(
    context,
    caller,
    async (tx, record, as) => {
      const organization = await findOrganization(tx, org);
      await requireOrganizationOwner(tx, as, organization, tx.now);
      const user = await findUser(tx, login);
      if (user.kind !== 'user') throw forbidden('a person: robots are no members');
      const present = (await tx.organizations.findMembership(organization.id, user.id))?.level ?? 0;
      const wanted = role === 'admin' ? OWNER : 10;
      const isShownAlready = role === 'admin' ? present >= OWNER : present >= 10 && present < OWNER;
      if (isShownAlready) return new Unchanged({ organization, user, level: present });
      if (present >= OWNER) await refuseLosingLastOwner(tx, organization);
      await tx.organizations.setMembership(organization.id, user.id, wanted);
      const action = present === 0 ? 'org.add_member' : 'org.update_member';
      record({
        action,
        operation: present === 0 ? 'create' : 'modify',
        organization: { id: organization.id, login: organization.login },
        user: { id: user.id, login: user.login },
        tells:
          present > 0
            ? []
            : [inOrganization(organization, { kind: 'organization-member', action: 'member_added', member: user, level: wanted })],
        data: { permission: role, ...(present > 0 && { old_permission: present >= OWNER ? 'admin' : 'member' }) },
      });
      return { organization, user, level: wanted };
    },
    () => 'everywhere',
  );
}
