import type { Account } from '#model/account.ts';
import type { AuditSubject } from '#model/audit-entry.ts';
import { type Caller, repositorySubject } from '#model/caller.ts';
import type { Reads } from '#model/ports/store.ts';
import { notFound } from '#model/problem.ts';
import type { Protection, RuleOwner } from '#model/protection.ts';
import type { Repository } from '#model/repository.ts';
import {
  findOrganization,
  type Reached,
  type RepositoryKey,
  reachRepository,
  refuseArchived,
  requireOrganizationOwner,
} from '../access.ts';
import type { Reach } from '../change.ts';
import { requireAdministrator, requireInspector } from './branch-protection.ts';

/** Whose protections: a repository's, or an organization's. */
export type RuleOwnerKey = { readonly repository: RepositoryKey } | { readonly organization: string };

export interface RuleOwnerReached {
  readonly owner: Account;
  readonly repository: Repository | null;
  readonly reached: Reached | null;
  readonly ruleOwner: RuleOwner;
  readonly subject: AuditSubject;
  readonly reach: Reach;
}

/** Finds it and asks whether the caller may look at its protections, or change them. */
export async function reachRuleOwner(
  reads: Reads,
  caller: Caller,
  key: RuleOwnerKey,
  to: 'read' | 'change',
  now: number,
): Promise<RuleOwnerReached> {
  if ('organization' in key) {
    const organization = await findOrganization(reads, key.organization);
    await requireOrganizationOwner(reads, caller, organization, now);
    const subject = { organization: { id: organization.id, login: organization.login } };
    return {
      owner: organization,
      repository: null,
      reached: null,
      ruleOwner: { organization: organization.id },
      subject,
      reach: 'everywhere',
    };
  }
  const reached = await reachRepository(reads, caller, key.repository, now);
  if (to === 'read') requireInspector(caller, reached);
  else {
    requireAdministrator(caller, reached);
    refuseArchived(reached);
  }
  const { repository, owner } = reached;
  const subject = repositorySubject(repository, owner);
  return { owner, repository, reached, ruleOwner: { repository: repository.id }, subject, reach: { repositories: [repository.id] } };
}

/** The protections that belong to it, its organization's apart. */
export async function ownProtections(reads: Reads, { ruleOwner }: RuleOwnerReached): Promise<Protection[]> {
  if ('organization' in ruleOwner) return reads.rules.listProtectionsOfOrganization(ruleOwner.organization);
  return (await reads.rules.listProtections(ruleOwner.repository, 0)).filter((one) => 'repository' in one.owner);
}

export async function ownProtection(reads: Reads, reached: RuleOwnerReached, id: number): Promise<Protection> {
  const protection = (await ownProtections(reads, reached)).find((one) => one.id === id);
  if (protection === undefined) throw notFound('protection');
  return protection;
}
