import type { Caller } from '#model/caller.ts';
import type { Reached } from '#operations/access.ts';
import type { Context } from '#operations/context.ts';
import { countForks, readNetwork } from '#operations/repositories/read-network.ts';
import { type Urls, urls } from '../urls.ts';
import { fullRepository, repositoryObject } from './from-model.ts';

/** One repository, with its relatives. */
export async function inFull(context: Context, caller: Caller, reached: Reached, baseUrl: string) {
  return fullRepository(reached, urls(baseUrl), await readNetwork(context, caller, reached.repository));
}

/** A page of a list, in its order. */
export async function listed(context: Context, items: readonly Reached[], to: Urls) {
  const forks = await countForks(
    context,
    items.map(({ repository }) => repository),
  );
  return items.map((reached) => repositoryObject(reached, to, forks));
}
