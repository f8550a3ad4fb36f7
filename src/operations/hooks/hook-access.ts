import type { Account } from '#model/account.ts';
import type { AuditSubject } from '#model/audit-entry.ts';
import { type Caller, repositorySubject } from '#model/caller.ts';
import type { Capability } from '#model/capability.ts';
import type { Hook, HookOwner } from '#model/hook.ts';
import type { Reads } from '#model/ports/store.ts';
import { forbidden, notFound } from '#model/problem.ts';
import type { Repository } from '#model/repository.ts';
import { ADMIN, OWNER } from '#model/rung.ts';
import {
  findOrganization,
  levelIn,
  type RepositoryKey,
  reachRepository,
  refuseArchived,
  requireCapability,
  requireInRepository,
} from '../access.ts';

/** Whose hooks: a repository's, or an organization's. */
export type HookOwnerKey = { readonly repository: RepositoryKey } | { readonly organization: string };

export interface HookOwnerReached {
  readonly hookOwner: HookOwner;
  readonly owner: Account;
  /** Null: the hooks are the organization's. */
  readonly repository: Repository | null;
  readonly subject: AuditSubject;
}

export type HookNeed = Extract<Capability, 'hook:read' | 'hook:ping' | 'hook:write' | 'hook:administer'>;

/** Hooks carry what happens out of the house: they are for admins of the repository and for owners of the organization, also to look at. */
export async function reachHookOwner(
  reads: Reads,
  caller: Caller,
  key: HookOwnerKey,
  need: HookNeed,
  now: number,
): Promise<HookOwnerReached> {
  if ('organization' in key) {
    const organization = await findOrganization(reads, key.organization);
    requireCapability(caller, 'org-hook:administer');
    if ((await levelIn(reads, caller, organization, now)) < OWNER) throw forbidden('an owner of the organization');
    const subject = { organization: { id: organization.id, login: organization.login } };
    return { hookOwner: { organization: organization.id }, owner: organization, repository: null, subject };
  }
  const reached = await reachRepository(reads, caller, key.repository, now);
  // An app has hooks by its permission for them; it need not be able to administer anything else.
  const isApp = caller.kind === 'actor' && caller.actor.who.kind === 'app';
  requireInRepository(caller, reached, { rung: isApp ? 10 : ADMIN, capability: need, siteAdminMay: true });
  if (need === 'hook:write' || need === 'hook:administer') refuseArchived(reached);
  const { repository, owner } = reached;
  return { hookOwner: { repository: repository.id }, owner, repository, subject: repositorySubject(repository, owner) };
}

/** One of its hooks; another's are not there. */
export async function findOwnHook(reads: Reads, { hookOwner }: HookOwnerReached, id: number): Promise<Hook> {
  const hook = await reads.hooks.findHook(id);
  if (hook === null || JSON.stringify(hook.owner) !== JSON.stringify(hookOwner)) throw notFound('hook');
  return hook;
}
