import type { Account, User } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import type { Reads } from '#model/ports/store.ts';
import type { Page, PageRequest } from '#model/ports/store-accounts.ts';
import type { Viewer } from '#model/ports/store-repositories.ts';
import { notFound, ProblemError } from '#model/problem.ts';
import type { Repository } from '#model/repository.ts';
import { type Rung, WRITE } from '#model/rung.ts';
import { asRung, effectiveRung } from '#policy/effective-rung.ts';
import {
  findUser,
  type Reached,
  type RepositoryKey,
  reachRepository,
  requireActor,
  requireInRepository,
  rungOf,
  seesPrivate,
} from '../access.ts';
import { readOwners } from '../accounts/read-accounts.ts';
import type { Context } from '../context.ts';

/** One repository as the caller sees it; throws `not-found` for what they may not see. */
export function readRepository({ store }: Context, caller: Caller, key: RepositoryKey): Promise<Reached> {
  return reachRepository(store.read, caller, key, Date.now());
}

/** The present place of a repository that was renamed, if the caller may see it; null: there was none by that name. */
export async function findRenamed(
  { store }: Context,
  caller: Caller,
  { owner, name }: { owner: string; name: string },
): Promise<Reached | null> {
  const account = await store.read.accounts.findByLogin(owner);
  const id = account === null ? null : await store.read.repositories.findRenamed(account.id, name);
  if (id === null) return null;
  return reachRepository(store.read, caller, { id }, Date.now()).catch((error: unknown) => {
    if (error instanceof ProblemError && error.problem.kind === 'not-found') return null;
    throw error;
  });
}

export async function listOwnRepositories(context: Context, caller: Caller, page: PageRequest): Promise<Page<Reached>> {
  const actor = requireActor(caller);
  const only = seesPrivate(actor) ? 'all' : 'public';
  return withStanding(context, caller, await context.store.read.repositories.listOfUser(actor.user.id, only, page));
}

/** Repositories of one owner that the caller may see. */
export async function listRepositoriesOf(context: Context, caller: Caller, login: string, page: PageRequest): Promise<Page<Reached>> {
  const owner = await context.store.read.accounts.findByLogin(login);
  if (owner === null) throw notFound('owner');
  return withStanding(context, caller, await context.store.read.repositories.listOfOwner(owner.id, viewerOf(caller), page));
}

/** Who looks at a list, for the store: nobody where the credential shows public repositories only. */
export function viewerOf(caller: Caller): Viewer {
  return caller.kind === 'actor' && seesPrivate(caller) ? { userId: caller.user.id, siteAdmin: caller.user.siteAdmin } : null;
}

/** Owners and the caller's rungs for a whole page, in a fixed number of queries. */
export async function withStanding({ store }: Context, caller: Caller, { items, total }: Page<Repository>): Promise<Page<Reached>> {
  const owners: ReadonlyMap<number, Account> = await readOwners(
    store.read,
    items.map((repository) => repository.ownerId),
  );
  const rungs = await rungsIn(store.read, caller, items);
  return {
    items: items.map((repository) => ({ repository, owner: owners.get(repository.ownerId)!, rung: rungs.get(repository.id) ?? 0 })),
    total,
  };
}

/** The caller's rungs in many repositories, by their ids. */
export async function rungsIn(reads: Reads, caller: Caller, repositories: readonly Repository[]): Promise<ReadonlyMap<number, Rung>> {
  const now = Date.now();
  // An app is installed on a few accounts and asks about repositories one by one.
  if (caller.kind !== 'actor' || caller.actor.who.kind === 'app') {
    return new Map(await Promise.all(repositories.map(async (one) => [one.id, await rungOf(reads, caller, one, now)] as const)));
  }
  const sources = await reads.standings.readRungSourcesOfMany(
    caller.user.id,
    repositories.map((one) => one.id),
    now,
  );
  return new Map([...sources].map(([id, paths]) => [id, effectiveRung(paths)]));
}

export interface CollaboratorShown {
  readonly user: User;
  readonly rung: Rung;
}

/** People with a row of their own in the repository. */
export async function listCollaborators(
  { store }: Context,
  caller: Caller,
  key: RepositoryKey,
  page: PageRequest,
): Promise<Page<CollaboratorShown>> {
  const reached = await reachRepository(store.read, caller, key, Date.now());
  requireInRepository(caller, reached, { rung: WRITE, capability: 'code:read', siteAdminMay: true });
  const { items, total } = await store.read.repositories.listCollaborators(reached.repository.id, page);
  return { items: items.map(({ user, level }) => ({ user, rung: asRung(level) })), total };
}

/** What one person may do in a repository, by all paths together. */
export async function readCollaborator(
  { store }: Context,
  caller: Caller,
  key: RepositoryKey,
  login: string,
): Promise<CollaboratorShown & { readonly repository: Repository }> {
  const reached = await reachRepository(store.read, caller, key, Date.now());
  requireInRepository(caller, reached, { rung: WRITE, capability: 'code:read', siteAdminMay: true });
  const user = await findUser(store.read, login);
  const paths = await store.read.standings.readRungSources(user.id, reached.repository.id, Date.now());
  return { user, rung: effectiveRung(paths), repository: reached.repository };
}
