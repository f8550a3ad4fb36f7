import type { Organization } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import { invalid } from '#model/problem.ts';
import { OWNER } from '#model/rung.ts';
import { requireSiteAdmin } from '../access.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';
import { refuseTakenLogin } from './create-user.ts';

export interface NewOrganization {
  readonly login: string;
  /** The person who will own it. */
  readonly admin: string;
  readonly name: string | null;
  /** What every member may do in every repository: 0, 20, 30 or 40. */
  readonly basePermission: number;
}

/** Creates an organization with its first owner. Site admins and the operator only. */
export function createOrganization(
  context: Context,
  caller: Caller,
  { login, admin, name, basePermission }: NewOrganization,
): Promise<Organization> {
  return change(context, caller, async (tx, record, as) => {
    requireSiteAdmin(as);
    await refuseTakenLogin(tx, login, 'Organization');
    const owner = await tx.accounts.findByLogin(admin);
    if (owner?.kind !== 'user') throw invalid('admin', `there is no user named ${JSON.stringify(admin)}`, 'invalid', 'Organization');
    const organization = await tx.accounts.insertOrganization({ login, name, description: null, basePermission });
    await tx.organizations.setMembership(organization.id, owner.id, OWNER);
    const subject = { organization: { id: organization.id, login }, user: { id: owner.id, login: owner.login } };
    record(
      { action: 'org.create', operation: 'create', ...subject },
      { action: 'org.add_member', operation: 'create', ...subject, data: { permission: 'admin' } },
    );
    return organization;
  });
}
