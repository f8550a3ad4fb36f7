import { type Selectable, sql } from 'kysely';
import type { CheckConclusion, CheckRun, CommitStatus } from '#model/checks.ts';
import type { CheckResult } from '#model/facts.ts';
import type { Checks, NewCheckRun } from '#model/ports/store-repositories.ts';
import { prepared } from './prepared.ts';
import { type Executor, nameKey, page, parseJson } from './rows.ts';
import type { Schema } from './schema.ts';

export function checks(db: Executor, now: () => number): Checks {
  const statusesOf = (repositoryId: number, commit: string) =>
    db.selectFrom('commit_status').selectAll().where('repository_id', '=', repositoryId).where('commit_id', '=', commit);

  return {
    async insertStatus({ repositoryId, commit, context, state, description, targetUrl, creatorId, appId }) {
      const row = {
        repository_id: repositoryId,
        commit_id: commit,
        context,
        context_key: nameKey(context),
        state,
        description,
        target_url: targetUrl,
        creator_id: creatorId,
        app_id: appId,
        created_at: now(),
      };
      return toStatus(await db.insertInto('commit_status').values(row).returningAll().executeTakeFirstOrThrow());
    },

    async countStatuses(repositoryId, commit, context) {
      const { statuses } = await db
        .selectFrom('commit_status')
        .select((expression) => expression.fn.countAll<number>().as('statuses'))
        .where('repository_id', '=', repositoryId)
        .where('commit_id', '=', commit)
        .where('context_key', '=', nameKey(context))
        .executeTakeFirstOrThrow();
      return Number(statuses);
    },

    listStatuses: (repositoryId, commit, request) => page(statusesOf(repositoryId, commit).orderBy('id', 'desc'), request, toStatus),

    async listNewestStatuses(repositoryId, commit) {
      const newest = db
        .selectFrom('commit_status')
        .select((expression) => expression.fn.max('id').as('id'))
        .where('repository_id', '=', repositoryId)
        .where('commit_id', '=', commit)
        .groupBy('context_key');
      const rows = await db.selectFrom('commit_status').selectAll().where('id', 'in', newest).orderBy('context_key').execute();
      return rows.map(toStatus);
    },

    async insertRun(run) {
      const row = toRunColumns(run) as Omit<Schema['check_run'], 'id'>;
      return toRun(await db.insertInto('check_run').values(row).returningAll().executeTakeFirstOrThrow());
    },

    async updateRun(id, changes) {
      await db.updateTable('check_run').set(toRunColumns(changes)).where('id', '=', id).execute();
    },

    async findRun(repositoryId, id) {
      const row = await db
        .selectFrom('check_run')
        .selectAll()
        .where('repository_id', '=', repositoryId)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ? toRun(row) : null;
    },

    async listRuns(repositoryId, commit) {
      const rows = await db
        .selectFrom('check_run')
        .selectAll()
        .where('repository_id', '=', repositoryId)
        .where('commit_id', '=', commit)
        .orderBy('id', 'desc')
        .execute();
      return rows.map(toRun);
    },

    async listResults(repositoryId, commits) {
      const results = new Map<string, CheckResult[]>(commits.map((commit) => [commit, []]));
      const distinct = [...results.keys()];
      for (let from = 0; from < distinct.length; from += commitsPerStatement)
        await addResults(db, results, repositoryId, distinct.slice(from, from + commitsPerStatement));
      return results;
    },

    async findRecentApp(repositoryId, context, since) {
      const reported = await db
        .selectFrom('commit_status')
        .select(['app_id', sql<number>`created_at`.as('at')])
        .where('repository_id', '=', repositoryId)
        .where('context_key', '=', nameKey(context))
        .where('created_at', '>=', since)
        .where('app_id', 'is not', null)
        .unionAll(
          db
            .selectFrom('check_run')
            .select(['app_id', sql<number>`coalesce(completed_at, started_at, 0)`.as('at')])
            .where('repository_id', '=', repositoryId)
            .where('name_key', '=', nameKey(context))
            .where('app_id', 'is not', null)
            .where((expression) => expression(sql<number>`coalesce(completed_at, started_at, 0)`, '>=', since)),
        )
        .orderBy('at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return reported?.app_id ?? null;
    },
  };
}

/** A push may name more commits than a statement takes parameters: SQLite 32,766, PostgreSQL 65,535. */
const commitsPerStatement = 10_000;

interface OneCommit {
  readonly repositoryId: number;
  readonly commit: string;
}

const newestStatusesOfOne = prepared((db, { repositoryId, commit }: OneCommit) => selectNewestStatuses(db, repositoryId, [commit]));
const newestRunsOfOne = prepared((db, { repositoryId, commit }: OneCommit) => selectNewestRuns(db, repositoryId, [commit]));

function selectNewestStatuses(db: Executor, repositoryId: number, commits: readonly string[]) {
  const newest = db
    .selectFrom('commit_status')
    .select((expression) => expression.fn.max('id').as('id'))
    .where('repository_id', '=', repositoryId)
    .where('commit_id', 'in', [...commits])
    .groupBy(['commit_id', 'context_key', 'app_id']);
  return db.selectFrom('commit_status').selectAll().where('id', 'in', newest);
}

function selectNewestRuns(db: Executor, repositoryId: number, commits: readonly string[]) {
  const newest = db
    .selectFrom('check_run')
    .select((expression) => expression.fn.max('id').as('id'))
    .where('repository_id', '=', repositoryId)
    .where('commit_id', 'in', [...commits])
    .groupBy(['commit_id', 'name_key', 'app_id']);
  return db.selectFrom('check_run').selectAll().where('id', 'in', newest);
}

async function addResults(
  db: Executor,
  results: Map<string, CheckResult[]>,
  repositoryId: number,
  commits: readonly string[],
): Promise<void> {
  const one = { repositoryId, commit: commits[0]! };
  const isOne = commits.length === 1;
  const [statuses, runs] = await Promise.all([
    isOne ? newestStatusesOfOne(db, one).then(({ rows }) => rows) : selectNewestStatuses(db, repositoryId, commits).execute(),
    isOne ? newestRunsOfOne(db, one).then(({ rows }) => rows) : selectNewestRuns(db, repositoryId, commits).execute(),
  ]);
  for (const row of statuses) {
    results
      .get(row.commit_id)!
      .push({ context: row.context, app: row.app_id, kind: 'status', order: row.id, state: stateOfStatus(row.state) });
  }
  for (const row of runs) {
    results.get(row.commit_id)!.push({ context: row.name, app: row.app_id, kind: 'check-run', order: row.id, state: stateOfRun(row) });
  }
}

function stateOfStatus(state: CommitStatus['state']): CheckResult['state'] {
  if (state === 'success') return 'passing';
  return state === 'pending' ? 'pending' : 'failing';
}

/** Skipped and neutral pass (spec/github.md 2.5 b). */
function stateOfRun({ status, conclusion }: { status: CheckRun['status']; conclusion: string | null }): CheckResult['state'] {
  if (status !== 'completed') return status;
  return conclusion === 'success' || conclusion === 'skipped' || conclusion === 'neutral' ? 'passing' : 'failing';
}

function toStatus(row: Selectable<Schema['commit_status']>): CommitStatus {
  return {
    id: row.id,
    repositoryId: row.repository_id,
    commit: row.commit_id,
    context: row.context,
    state: row.state,
    description: row.description,
    targetUrl: row.target_url,
    creatorId: row.creator_id,
    appId: row.app_id,
    createdAt: row.created_at,
  };
}

function toRun(row: Selectable<Schema['check_run']>): CheckRun {
  return {
    id: row.id,
    repositoryId: row.repository_id,
    commit: row.commit_id,
    name: row.name,
    appId: row.app_id,
    creatorId: row.creator_id,
    status: row.status,
    conclusion: row.conclusion as CheckConclusion | null,
    detailsUrl: row.details_url,
    externalId: row.external_id,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    output: parseJson<CheckRun['output']>(row.output),
  };
}

function toRunColumns(run: Partial<NewCheckRun>): Partial<Omit<Schema['check_run'], 'id'>> {
  return {
    ...(run.repositoryId !== undefined && { repository_id: run.repositoryId }),
    ...(run.commit !== undefined && { commit_id: run.commit }),
    ...(run.name !== undefined && { name: run.name, name_key: nameKey(run.name) }),
    ...(run.appId !== undefined && { app_id: run.appId }),
    ...(run.creatorId !== undefined && { creator_id: run.creatorId }),
    ...(run.status !== undefined && { status: run.status }),
    ...(run.conclusion !== undefined && { conclusion: run.conclusion }),
    ...(run.detailsUrl !== undefined && { details_url: run.detailsUrl }),
    ...(run.externalId !== undefined && { external_id: run.externalId }),
    ...(run.startedAt !== undefined && { started_at: run.startedAt }),
    ...(run.completedAt !== undefined && { completed_at: run.completedAt }),
    ...(run.output !== undefined && { output: JSON.stringify(run.output) }),
  };
}
