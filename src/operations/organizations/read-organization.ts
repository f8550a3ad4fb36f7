import type { Organization } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import type { Member, Page, PageRequest } from '#model/ports/store-accounts.ts';
import { forbidden, notFound } from '#model/problem.ts';
import { findOrganization, findUser, levelIn, requireActor, requireCapability } from '../access.ts';
import type { Context } from '../context.ts';
import type { MembershipShown } from './set-membership.ts';

export interface OrganizationShown {
  readonly organization: Organization;
  /** The caller's level in it: what it shows depends on that. */
  readonly level: number;
}

export async function readOrganization({ store }: Context, caller: Caller, login: string): Promise<OrganizationShown> {
  const organization = await findOrganization(store.read, login);
  return { organization, level: await levelIn(store.read, caller, organization, Date.now()) };
}

/** Members are shown to members. */
export async function listMembers(
  context: Context,
  caller: Caller,
  login: string,
  minimumLevel: number,
  page: PageRequest,
): Promise<Page<Member>> {
  const { organization, level } = await readOrganization(context, caller, login);
  if (level < 10) return { items: [], total: 0 };
  return context.store.read.organizations.listMembers(organization.id, minimumLevel, page);
}

/** The level of a person in an organization; throws `not-found` for strangers. Only members may ask about others. */
export async function readMembership(context: Context, caller: Caller, org: string, login: string): Promise<MembershipShown> {
  requireCapability(caller, 'org:read');
  const { organization, level } = await readOrganization(context, caller, org);
  const user = await findUser(context.store.read, login);
  const isSelf = caller.kind === 'actor' && caller.user.id === user.id;
  if (level < 10 && !isSelf) throw forbidden('a member of the organization');
  const membership = await context.store.read.organizations.findMembership(organization.id, user.id);
  if (membership === null) throw notFound('membership');
  return { organization, user, level: membership.level };
}

export async function listOwnOrganizations({ store }: Context, caller: Caller): Promise<Organization[]> {
  return store.read.organizations.listOfUser(requireActor(caller).user.id);
}
