import type { Account } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import type { Reads } from '#model/ports/store.ts';
import { notFound, ProblemError } from '#model/problem.ts';
import type { App, Installation } from '#model/token.ts';
import { findOrganization, type RepositoryKey, reachRepository } from '../access.ts';
import type { Context } from '../context.ts';

export interface AppShown {
  readonly app: App;
  readonly owner: Account;
}

export async function readApp({ store }: Context, slug: string): Promise<AppShown> {
  const app = await store.read.apps.findBySlug(slug);
  const owner = app && (await store.read.accounts.findById(app.ownerId));
  if (!app || !owner) throw notFound('app');
  return { app, owner };
}

/** Apps of a list with their owners, in the order asked for. */
export async function readApps(reads: Reads, ids: readonly number[]): Promise<AppShown[]> {
  const apps = await reads.apps.listByIds(ids);
  const owners = await reads.accounts.listByIds([...new Set(apps.map((app) => app.ownerId))]);
  return apps.flatMap((app) => {
    const owner = owners.find((one) => one.id === app.ownerId);
    return owner ? [{ app, owner }] : [];
  });
}

export interface InstallationShown extends AppShown {
  readonly installation: Installation;
  readonly account: Account;
}

function requireApp(caller: Caller): App {
  if (caller.kind !== 'app') throw new ProblemError({ kind: 'unauthenticated', why: 'a JSON web token of the app is needed' });
  return caller.app;
}

/** The app of a request that proved itself by its key. */
export async function readOwnApp(context: Context, caller: Caller): Promise<AppShown> {
  return readApp(context, requireApp(caller).slug);
}

export async function listOwnInstallations(context: Context, caller: Caller): Promise<InstallationShown[]> {
  const app = requireApp(caller);
  return show(context, app, await context.store.read.apps.listInstallations(app.id));
}

export async function readOwnInstallation(
  context: Context,
  caller: Caller,
  where: { readonly id: number } | { readonly organization: string } | { readonly repository: RepositoryKey },
): Promise<InstallationShown> {
  const app = requireApp(caller);
  const { apps } = context.store.read;
  const installation =
    'id' in where
      ? await apps.findInstallation(where.id)
      : await apps.findInstallationOn(app.id, await accountIdOf(context, caller, where));
  if (installation?.appId !== app.id) throw notFound('installation');
  const [shown] = await show(context, app, [installation]);
  if (shown === undefined) throw notFound('installation');
  return shown;
}

async function accountIdOf(
  { store }: Context,
  caller: Caller,
  where: { readonly organization: string } | { readonly repository: RepositoryKey },
): Promise<number> {
  if ('organization' in where) return (await findOrganization(store.read, where.organization)).id;
  const { repository: key } = where;
  // The app sees where it is installed, private or not; elsewhere it sees what everybody sees.
  const repository =
    'id' in key ? await store.read.repositories.findById(key.id) : await store.read.repositories.findByPath(key.owner, key.name);
  return repository?.ownerId ?? (await reachRepository(store.read, caller, key, Date.now())).repository.ownerId;
}

async function show({ store }: Context, app: App, installations: readonly Installation[]): Promise<InstallationShown[]> {
  const accounts = await store.read.accounts.listByIds([app.ownerId, ...installations.map((one) => one.accountId)]);
  const byId = (id: number): Account => accounts.find((account) => account.id === id)!;
  return installations.map((installation) => ({ app, owner: byId(app.ownerId), installation, account: byId(installation.accountId) }));
}
