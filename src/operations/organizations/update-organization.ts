import type { Organization } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import { findOrganization, requireOrganizationOwner } from '../access.ts';
import { change, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';

export type OrganizationChanges = Partial<Pick<Organization, 'name' | 'description' | 'basePermission'>>;

export function updateOrganization(context: Context, caller: Caller, login: string, changes: OrganizationChanges): Promise<Organization> {
  return change(
    context,
    caller,
    async (tx, record, as) => {
      const organization = await findOrganization(tx, login);
      await requireOrganizationOwner(tx, as, organization, tx.now);
      const changed = Object.entries(changes).filter(([key, value]) => organization[key as keyof OrganizationChanges] !== value);
      if (changed.length === 0) return new Unchanged(organization);
      await tx.accounts.updateOrganization(organization.id, changes);
      for (const [field, value] of changed) {
        record({
          action: field === 'basePermission' ? 'org.update_default_repository_permission' : 'org.update',
          operation: 'modify',
          organization: { id: organization.id, login: organization.login },
          data: { [field]: value, [`old_${field}`]: organization[field as keyof OrganizationChanges] },
        });
      }
      return { ...organization, ...changes };
    },
    () => 'everywhere',
  );
}
