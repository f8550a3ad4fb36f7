import type { Account } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import type { CheckRun, CommitStatus } from '#model/checks.ts';
import type { Page, PageRequest } from '#model/ports/store-accounts.ts';
import { notFound } from '#model/problem.ts';
import type { ObjectId } from '#model/ref-update.ts';
import { type Reached, type RepositoryKey, reachCode } from '../access.ts';
import type { AppShown } from '../apps/read-apps.ts';
import { readApps } from '../apps/read-apps.ts';
import { requireCommit } from '../content/names.ts';
import type { Context } from '../context.ts';

export interface ChecksOf extends Reached {
  readonly commit: ObjectId;
}

export type StatusShown = CommitStatus & { readonly creator: Account | null };
export type CheckRunShown = CheckRun & { readonly app: AppShown | null };

/** The newest status of each context. */
export async function readCombinedStatus(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  name: string,
): Promise<ChecksOf & { statuses: StatusShown[] }> {
  const reached = await reachCode(context.store.read, caller, key, Date.now(), 'status:write');
  const commit = await requireCommit(context.gate, reached.repository, name);
  const statuses = await context.store.read.checks.listNewestStatuses(reached.repository.id, commit);
  return { ...reached, commit, statuses: await withCreators(context, statuses) };
}

/** Every status, newest first. */
export async function listStatuses(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  name: string,
  page: PageRequest,
): Promise<ChecksOf & Page<StatusShown>> {
  const reached = await reachCode(context.store.read, caller, key, Date.now(), 'status:write');
  const commit = await requireCommit(context.gate, reached.repository, name);
  const { items, total } = await context.store.read.checks.listStatuses(reached.repository.id, commit, page);
  return { ...reached, commit, items: await withCreators(context, items), total };
}

async function withCreators({ store }: Context, statuses: readonly CommitStatus[]): Promise<StatusShown[]> {
  const accounts = await store.read.accounts.listByIds([...new Set(statuses.map((status) => status.creatorId))]);
  return statuses.map((status) => ({ ...status, creator: accounts.find((account) => account.id === status.creatorId) ?? null }));
}

export interface CheckRunFilter {
  readonly name: string | null;
  readonly status: CheckRun['status'] | null;
  readonly appId: number | null;
  /** Only the newest run of each name and app. */
  readonly latest: boolean;
}

export async function listCheckRuns(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  name: string,
  filter: CheckRunFilter,
): Promise<ChecksOf & { runs: CheckRunShown[] }> {
  const reached = await reachCode(context.store.read, caller, key, Date.now(), 'check:write');
  const commit = await requireCommit(context.gate, reached.repository, name);
  const all = await context.store.read.checks.listRuns(reached.repository.id, commit);
  const wanted = (filter.latest ? newestOf(all) : all).filter(
    (run) =>
      (filter.name === null || run.name === filter.name) &&
      (filter.status === null || run.status === filter.status) &&
      (filter.appId === null || run.appId === filter.appId),
  );
  return { ...reached, commit, runs: await withApps(context, wanted) };
}

/** Of each name and app the first, which is the newest. */
function newestOf(runs: readonly CheckRun[]): CheckRun[] {
  const newest = new Map<string, CheckRun>();
  for (const run of runs) {
    const key = JSON.stringify([run.name, run.appId]);
    if (!newest.has(key)) newest.set(key, run);
  }
  return [...newest.values()];
}

export async function readCheckRun(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  id: number,
): Promise<Reached & { run: CheckRunShown }> {
  const reached = await reachCode(context.store.read, caller, key, Date.now(), 'check:write');
  const run = await context.store.read.checks.findRun(reached.repository.id, id);
  if (run === null) throw notFound('check run');
  const [shown] = await withApps(context, [run]);
  return { ...reached, run: shown! };
}

export async function withApps({ store }: Pick<Context, 'store'>, runs: readonly CheckRun[]): Promise<CheckRunShown[]> {
  const apps = await readApps(store.read, [...new Set(runs.flatMap((run) => run.appId ?? []))]);
  return runs.map((run) => ({ ...run, app: apps.find((shown) => shown.app.id === run.appId) ?? null }));
}
