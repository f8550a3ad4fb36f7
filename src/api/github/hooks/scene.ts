import type { Account, Organization, User } from '#model/account.ts';
import type { AuditEntry } from '#model/audit-entry.ts';
import type { Repository } from '#model/repository.ts';
import type { Told } from '#model/telling.ts';
import type { Context } from '#operations/context.ts';
import { simpleOrganization, simpleUser } from '../accounts/from-model.ts';
import { listed } from '../repositories/shown.ts';
import { type Urls, urls } from '../urls.ts';

/** What payloads have in common: where it happened, and who did it. */
export interface Scene {
  readonly context: Context;
  readonly told: Told;
  readonly urls: Urls;
  readonly sender: User;
}

export interface Place {
  readonly repository: Repository;
  readonly owner: Account;
}

/** The operator at the server's command line has no account; no other can have the login. */
const operator: User = {
  ...{ id: 0, kind: 'robot', login: 'operator', name: null, email: null, siteAdmin: false, state: 'active', maker: null, app: null },
  ...{ createdAt: 0, updatedAt: 0 },
};

export async function sceneOf(context: Context, told: Told): Promise<Scene> {
  const id = 'auditNumber' in told.tidings ? await actorOf(context, told.tidings.auditNumber) : told.senderId;
  const account = id === null ? null : await context.store.read.accounts.findById(id);
  const sender = account === null || account.kind === 'organization' ? operator : account;
  return { context, told, urls: urls(context.server.publicUrl), sender };
}

async function actorOf({ store }: Context, auditNumber: number): Promise<number | null> {
  const [entry] = await store.read.audit.listStored(auditNumber - 1, 1);
  return entry === undefined ? null : (JSON.parse(entry.body) as AuditEntry).actor.id;
}

/** The repository of a telling as it is now; null: it is gone. */
export async function presentPlace({ context: { store }, told }: Pick<Scene, 'context' | 'told'>): Promise<Place | null> {
  const repository = told.repositoryId === null ? null : await store.read.repositories.findById(told.repositoryId);
  const owner = repository && (await store.read.accounts.findById(repository.ownerId));
  return repository && owner && { repository, owner };
}

/** Keys that end most payloads. A hook has no rights of its own, so the repository shows none. */
export async function surroundings(scene: Pick<Scene, 'context' | 'urls' | 'sender'>, place: Place) {
  const { urls: to, sender } = scene;
  return { repository: await webhookRepository(scene, place), ...ofOrganization(place.owner, to), sender: simpleUser(sender, to) };
}

export async function webhookRepository({ context, urls: to }: Pick<Scene, 'context' | 'urls'>, place: Place) {
  const [shown] = await listed(context, [{ ...place, rung: 0 }], to);
  const { permissions: _, ...repository } = shown!;
  return repository;
}

export function ofOrganization(owner: Account, to: Urls) {
  return owner.kind === 'organization' ? { organization: simpleOrganization(owner, to) } : {};
}

export function inOrganization({ urls: to, sender }: Pick<Scene, 'urls' | 'sender'>, organization: Organization) {
  return { organization: simpleOrganization(organization, to), sender: simpleUser(sender, to) };
}
