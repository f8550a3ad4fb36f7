import type { Organization } from '#model/account.ts';
import type { Reads } from '#model/ports/store.ts';
import { forbidden } from '#model/problem.ts';
import { OWNER } from '#model/rung.ts';

/** An organization without an owner could never be administered again. */
export async function refuseLosingLastOwner(reads: Reads, organization: Organization): Promise<void> {
  const owners = await reads.organizations.listMembers(organization.id, OWNER, { limit: 2, offset: 0 });
  if (owners.total < 2) throw forbidden('another owner: an organization keeps at least one');
}
