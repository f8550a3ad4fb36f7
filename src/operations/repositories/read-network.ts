import type { Caller } from '#model/caller.ts';
import type { Page, PageRequest } from '#model/ports/store-accounts.ts';
import type { ForkOrder } from '#model/ports/store-repositories.ts';
import { ProblemError } from '#model/problem.ts';
import type { Repository } from '#model/repository.ts';
import { type Reached, type RepositoryKey, reachRepository } from '../access.ts';
import type { Context } from '../context.ts';
import { viewerOf, withStanding } from './read-repositories.ts';

/** Where a repository stands among its relatives, as far as the caller may see them. */
export interface Network {
  /** Null: it is no fork, or the caller does not see of what. */
  readonly parent: Reached | null;
  readonly source: Reached | null;
  /** By the ids of the three: direct forks. */
  readonly forks: ReadonlyMap<number, number>;
  /** Forks in the whole network. */
  readonly size: number;
}

export async function readNetwork(context: Context, caller: Caller, { id, parentId, sourceId }: Repository): Promise<Network> {
  const { repositories } = context.store.read;
  const [parent, source, size] = await Promise.all([
    reachIfVisible(context, caller, parentId),
    reachIfVisible(context, caller, sourceId),
    repositories.countNetwork(sourceId ?? id),
  ]);
  const shown = [id, ...[parent, source].flatMap((one) => one?.repository.id ?? [])];
  return { parent, source, size, forks: await repositories.countForks(shown) };
}

/** How many direct forks each of some repositories has, by their ids; those without are left out. */
export function countForks({ store }: Context, repositories: readonly Repository[]): Promise<ReadonlyMap<number, number>> {
  return store.read.repositories.countForks([...new Set(repositories.map(({ id }) => id))]);
}

/** The direct forks that the caller may see. */
export async function listForks(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  order: ForkOrder,
  page: PageRequest,
): Promise<Page<Reached>> {
  const { read } = context.store;
  const { repository } = await reachRepository(read, caller, key, Date.now());
  return withStanding(context, caller, await read.repositories.listForks(repository.id, viewerOf(caller), order, page));
}

async function reachIfVisible({ store }: Context, caller: Caller, id: number | null): Promise<Reached | null> {
  if (id === null) return null;
  return reachRepository(store.read, caller, { id }, Date.now()).catch((error: unknown) => {
    if (error instanceof ProblemError && error.problem.kind === 'not-found') return null;
    throw error;
  });
}
