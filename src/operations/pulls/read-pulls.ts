import type { Account, Team } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import type { PageRequest } from '#model/ports/store-accounts.ts';
import type { PullFilter } from '#model/ports/store-pull-requests.ts';
import { notFound, ProblemError } from '#model/problem.ts';
import type { PullRequest } from '#model/pull-request.ts';
import type { ObjectId } from '#model/ref-update.ts';
import { WRITE } from '#model/rung.ts';
import { type Reached, type RepositoryKey, reachCode, reachRepository } from '../access.ts';
import type { Context } from '../context.ts';
import { type TeamWithParent, withParents } from '../teams/read-teams.ts';
import { type Association, readAssociations } from './association.ts';
import { type MergeState, readMergeState } from './merge-state.ts';
import { readEnds } from './pull-change.ts';
import { type PullReached, reachPull } from './reach-pull.ts';

/** A pull request with everybody and everything that its view names. */
export interface PullShown extends PullReached {
  readonly baseId: ObjectId;
  readonly headId: ObjectId;
  readonly author: Account | null;
  readonly association: Association;
  readonly mergedBy: Account | null;
  readonly autoMergeBy: Account | null;
  /** Null: it is gone, or the viewer may not see it. */
  readonly headRepository: Reached | null;
  readonly headOwner: Account | null;
  readonly requested: { readonly users: readonly Account[]; readonly teams: readonly TeamWithParent[] };
}

export interface PullInFull extends PullShown {
  readonly merge: MergeState;
  readonly reviewComments: number;
}

export async function readPull(context: Context, caller: Caller, key: RepositoryKey, number: number): Promise<PullInFull> {
  const { store } = context;
  const { pull, ...reached } = await reachPull(store.read, caller, key, number, Date.now());
  const [[shown], merge, reviewComments] = await Promise.all([
    showPulls(context, caller, reached, [pull]),
    readMergeState(context, { ...reached, pull }),
    store.read.reviewComments.countComments(pull.id),
  ]);
  return { ...shown!, merge, reviewComments };
}

/** The same without what merging would come to. */
export async function readRequested(context: Context, caller: Caller, key: RepositoryKey, number: number): Promise<PullShown> {
  const { pull, ...reached } = await reachPull(context.store.read, caller, key, number, Date.now());
  const [shown] = await showPulls(context, caller, reached, [pull]);
  return shown!;
}

/** Refuses one that was not merged: its merge is not there. */
export async function requireMerged({ store }: Context, caller: Caller, key: RepositoryKey, number: number): Promise<void> {
  const { pull } = await reachPull(store.read, caller, key, number, Date.now());
  if (pull.state !== 'merged') throw notFound('merge');
}

export async function listPulls(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  filter: PullFilter,
  page: PageRequest,
): Promise<{ pulls: PullShown[]; total: number }> {
  const reached = await reachCode(context.store.read, caller, key, Date.now(), 'pull:write');
  const { items, total } = await context.store.read.pulls.listPulls(reached.repository.id, filter, page);
  return { pulls: await showPulls(context, caller, reached, items), total };
}

async function showPulls(context: Context, caller: Caller, reached: Reached, pulls: readonly PullRequest[]): Promise<PullShown[]> {
  const { store, gate } = context;
  const requests = await store.read.reviews.listRequestsOfMany(pulls.map(({ id }) => id));
  const asked = [...requests.values()];
  const [accounts, teams, associations, heads] = await Promise.all([
    store.read.accounts.listByIds([...new Set([...pulls.flatMap(peopleIn), ...asked.flatMap(({ users }) => users)])]),
    store.read.teams.listByIds([...new Set(asked.flatMap((one) => one.teams))]).then((found) => withParents(context, found)),
    readAssociations(store.read, reached, new Set(pulls.map(({ authorId }) => authorId))),
    readHeadRepositories(context, caller, reached, pulls),
  ]);
  const byId = new Map(accounts.map((account) => [account.id, account]));
  const one = (id: number | null | undefined): Account | null => (id == null ? null : (byId.get(id) ?? null));
  return Promise.all(
    pulls.map(async (pull): Promise<PullShown> => {
      const { base, head } = await readEnds(gate, reached.repository, pull);
      const { users, teams: teamIds } = requests.get(pull.id) ?? { users: [], teams: [] };
      const headRepository = pull.head.repositoryId === null ? null : (heads.get(pull.head.repositoryId) ?? null);
      return {
        ...{ ...reached, pull, baseId: base ?? pull.base.id, headId: head ?? pull.head.id },
        ...{ author: one(pull.authorId), association: associations.get(pull.authorId) ?? 'NONE' },
        ...{ mergedBy: one(pull.merge?.by), autoMergeBy: one(pull.autoMerge?.enabledBy) },
        ...{ headRepository, headOwner: headRepository?.owner ?? null },
        requested: {
          users: users.flatMap((id) => one(id) ?? []),
          teams: teams.filter((team) => teamIds.includes(team.id) && mayKnow(reached, team)),
        },
      };
    }),
  );
}

function peopleIn({ authorId, merge, autoMerge }: PullRequest): number[] {
  return [authorId, merge?.by, autoMerge?.enabledBy].filter((id) => id != null);
}

/** A secret team is none of a reader's business. */
function mayKnow({ rung }: Reached, { privacy }: Team): boolean {
  return privacy === 'closed' || rung >= WRITE;
}

/** The repositories that heads are in, as far as the viewer may see them. */
async function readHeadRepositories(
  { store }: Context,
  caller: Caller,
  reached: Reached,
  pulls: readonly PullRequest[],
): Promise<ReadonlyMap<number, Reached>> {
  const ids = new Set(pulls.flatMap(({ head }) => head.repositoryId ?? []));
  ids.delete(reached.repository.id);
  const others = [...ids].map(async (id): Promise<readonly [number, Reached][]> => {
    try {
      return [[id, await reachRepository(store.read, caller, { id }, Date.now())]];
    } catch (error) {
      if (error instanceof ProblemError && error.problem.kind === 'not-found') return [];
      throw error;
    }
  });
  return new Map([[reached.repository.id, reached], ...(await Promise.all(others)).flat()]);
}
