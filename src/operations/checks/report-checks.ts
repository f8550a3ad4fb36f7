import { type Caller, repositorySubject } from '#model/caller.ts';
import type { CheckRun, CommitStatus } from '#model/checks.ts';
import type { NewCheckRun } from '#model/ports/store-repositories.ts';
import { forbidden, invalid, notFound } from '#model/problem.ts';
import type { ObjectId } from '#model/ref-update.ts';
import { WRITE } from '#model/rung.ts';
import { inRepository } from '#model/telling.ts';
import { type Reached, type RepositoryKey, reachRepository, refuseArchived, requireActor, requireInRepository } from '../access.ts';
import { change, type Tells } from '../change.ts';
import { onDisk } from '../content/names.ts';
import type { Context } from '../context.ts';

export type StatusInput = Pick<CommitStatus, 'state' | 'context' | 'description' | 'targetUrl'>;

const maximumStatuses = 1000;

/** Reports a status of a commit, as oneself or as the app one is. */
export async function createStatus(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  commit: ObjectId,
  input: StatusInput,
): Promise<Reached & { status: CommitStatus }> {
  const early = await admitReporter(context, caller, key, 'status:write');
  await requireCommitObject(context, early, commit);
  return change(context, caller, async (tx, record, as) => {
    const { reached, creatorId, appId } = await admitInside(as, 'status:write', () =>
      reachRepository(tx, as, { id: early.repository.id }, tx.now),
    );
    const { id } = reached.repository;
    if ((await tx.checks.countStatuses(id, commit, input.context)) >= maximumStatuses) {
      throw invalid('base', `This SHA and context has reached the maximum number of statuses.`, 'custom', 'Status');
    }
    const status = await tx.checks.insertStatus({ repositoryId: id, commit, creatorId, appId, ...input });
    record({
      action: 'commit_status.create',
      operation: 'create',
      ...repositorySubject(reached.repository, reached.owner),
      data: { sha: commit, context: input.context, state: input.state },
      tells: [inRepository(reached, { kind: 'status', status })],
    });
    return { ...reached, status };
  });
}

export type CheckRunInput = Omit<NewCheckRun, 'repositoryId' | 'appId' | 'creatorId'>;

export async function createCheckRun(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  input: CheckRunInput,
): Promise<Reached & { run: CheckRun }> {
  const early = await admitReporter(context, caller, key, 'check:write');
  await requireCommitObject(context, early, input.commit);
  return change(context, caller, async (tx, record, as) => {
    const { reached, creatorId, appId } = await admitInside(as, 'check:write', () =>
      reachRepository(tx, as, { id: early.repository.id }, tx.now),
    );
    const run = await tx.checks.insertRun({ repositoryId: reached.repository.id, creatorId, appId, ...input });
    record({
      action: 'check_run.create',
      operation: 'create',
      ...repositorySubject(reached.repository, reached.owner),
      data: summary(run),
      tells: [...tells(reached, 'created', run), ...(run.status === 'completed' ? tells(reached, 'completed', run) : [])],
    });
    return { ...reached, run };
  });
}

export type CheckRunChanges = Partial<Omit<CheckRunInput, 'commit'>>;

/** Changes a check run; only the app, or the person, that made it may: nobody else's word is in it. */
export async function updateCheckRun(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  runId: number,
  changes: CheckRunChanges,
): Promise<Reached & { run: CheckRun }> {
  return change(context, caller, async (tx, record, as) => {
    const { reached, creatorId, appId } = await admitInside(as, 'check:write', () => reachRepository(tx, as, key, tx.now));
    const run = await tx.checks.findRun(reached.repository.id, runId);
    if (run === null) throw notFound('check run');
    if (run.appId !== appId || (appId === null && run.creatorId !== creatorId)) throw forbidden('the app that made the check run');
    await tx.checks.updateRun(runId, changes);
    const after = { ...run, ...changes };
    record({
      action: 'check_run.update',
      operation: 'modify',
      ...repositorySubject(reached.repository, reached.owner),
      data: { ...summary(after), old_status: run.status, old_conclusion: run.conclusion },
      tells: after.status === 'completed' && run.status !== 'completed' ? tells(reached, 'completed', after) : [],
    });
    return { ...reached, run: after };
  });
}

type Reporting = 'status:write' | 'check:write';

function summary({ id, name, commit, status, conclusion }: CheckRun) {
  return { check_run_id: id, name, sha: commit, status, conclusion };
}

function tells(reached: Reached, action: 'created' | 'completed', run: CheckRun): Tells[] {
  return [inRepository(reached, { kind: 'check-run', action, run })];
}

async function admitReporter({ store }: Context, caller: Caller, key: RepositoryKey, capability: Reporting): Promise<Reached> {
  const { reached } = await admitInside(caller, capability, () => reachRepository(store.read, caller, key, Date.now()));
  return reached;
}

async function admitInside(
  caller: Caller,
  capability: Reporting,
  reach: () => Promise<Reached>,
): Promise<{ reached: Reached; creatorId: number; appId: number | null }> {
  const actor = requireActor(caller);
  const reached = await reach();
  const isApp = actor.actor.who.kind === 'app';
  // An app reports by its permission for statuses, or for checks; it need not be able to write code.
  requireInRepository(caller, reached, { rung: isApp ? 10 : WRITE, capability });
  refuseArchived(reached);
  return { reached, creatorId: actor.user.id, appId: isApp ? actor.user.app : null };
}

async function requireCommitObject({ gate }: Context, { repository }: Reached, commit: ObjectId): Promise<void> {
  const found = /^[0-9a-f]{40,64}$/.test(commit) ? await onDisk(gate, repository).objects.info(commit) : null;
  if (found?.type !== 'commit' || found.id !== commit) throw invalid('sha', `No commit found for SHA: ${commit}`, 'missing', 'Status');
}
