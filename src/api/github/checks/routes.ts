import { Type } from 'typebox';
import { notFound } from '#model/problem.ts';
import { listCheckRuns, listStatuses, readCheckRun, readCombinedStatus, withApps } from '#operations/checks/read-checks.ts';
import { createCheckRun, createStatus, updateCheckRun } from '#operations/checks/report-checks.ts';
import { created, ok, route } from '../../route.ts';
import { linkHeader, readPaging } from '../pagination.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { OneOf, pageQuery } from '../schemas.ts';
import { urls } from '../urls.ts';
import { checkRunObject, combinedStatus, statusObject } from './from-model.ts';
import { checkRunChangesBody, newCheckRunBody, statusBody } from './schema.ts';
import { toCheckRun, toCheckRunChanges } from './to-model.ts';

const report = { who: 'signed-in', capability: 'any' } as const;
const base = '/repos/{owner}/{repo}';

export const checkRoutes = [
  route({
    method: 'POST',
    path: `${base}/statuses/{sha}`,
    access: report,
    summary: 'Report a status of a commit',
    operation: 'commits/statuses#create-a-commit-status',
    body: statusBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const input = {
        state: body.state,
        context: body.context ?? 'default',
        description: body.description ?? null,
        targetUrl: body.target_url ?? null,
      };
      const { status, ...reached } = await createStatus(context, caller, repositoryKey(params), params.sha, input);
      const creator = caller.kind === 'actor' ? caller.user : null;
      const shown = statusObject({ ...status, creator }, reached, urls(baseUrl));
      return created(shown, shown.url);
    },
  }),
  route({
    method: 'GET',
    path: `${base}/commits/{ref+}/status`,
    access: { who: 'anyone' },
    summary: 'The newest status of each context, and all of them together',
    operation: 'commits/statuses#get-the-combined-status-for-a-specific-reference',
    query: pageQuery,
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const { commit, statuses, ...reached } = await readCombinedStatus(context, caller, repositoryKey(params), params.ref);
      const page = statuses.slice(paging.offset, paging.offset + paging.limit);
      return ok(
        combinedStatus(commit, statuses, page, reached, urls(baseUrl)),
        linkHeader(baseUrl, url, paging, { total: statuses.length }),
      );
    },
  }),
  route({
    method: 'GET',
    path: `${base}/commits/{ref+}/statuses`,
    access: { who: 'anyone' },
    summary: 'Every status of a commit, newest first',
    operation: 'commits/statuses#list-commit-statuses-for-a-reference',
    query: pageQuery,
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const { items, total, ...reached } = await listStatuses(context, caller, repositoryKey(params), params.ref, paging);
      return ok(
        items.map((status) => statusObject(status, reached, urls(baseUrl))),
        linkHeader(baseUrl, url, paging, { total }),
      );
    },
  }),
  route({
    method: 'POST',
    path: `${base}/check-runs`,
    access: report,
    summary: 'Report a check run; by an app it carries the app’s identity',
    operation: 'checks/runs#create-a-check-run',
    body: newCheckRunBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const { run, ...reached } = await createCheckRun(context, caller, repositoryKey(params), toCheckRun(body, Date.now()));
      const [shown] = await withApps(context, [run]);
      return created(checkRunObject(shown!, reached, urls(baseUrl)));
    },
  }),
  route({
    method: 'GET',
    path: `${base}/check-runs/{check_run_id}`,
    access: { who: 'anyone' },
    summary: 'A check run',
    operation: 'checks/runs#get-a-check-run',
    handle: async ({ context, caller, params, baseUrl }) => {
      const { run, ...reached } = await readCheckRun(context, caller, repositoryKey(params), idOf(params.check_run_id));
      return ok(checkRunObject(run, reached, urls(baseUrl)));
    },
  }),
  route({
    method: 'PATCH',
    path: `${base}/check-runs/{check_run_id}`,
    access: report,
    summary: 'Change a check run',
    operation: 'checks/runs#update-a-check-run',
    body: checkRunChangesBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const { run, ...reached } = await updateCheckRun(
        context,
        caller,
        repositoryKey(params),
        idOf(params.check_run_id),
        toCheckRunChanges(body, Date.now()),
      );
      const [shown] = await withApps(context, [run]);
      return ok(checkRunObject(shown!, reached, urls(baseUrl)));
    },
  }),
  route({
    method: 'GET',
    path: `${base}/commits/{ref+}/check-runs`,
    access: { who: 'anyone' },
    summary: 'Check runs of a commit',
    operation: 'checks/runs#list-check-runs-for-a-git-reference',
    query: Type.Object({
      ...pageQuery.properties,
      check_name: Type.Optional(Type.String()),
      status: Type.Optional(OneOf('queued', 'in_progress', 'completed')),
      filter: Type.Optional(OneOf('latest', 'all')),
      app_id: Type.Optional(Type.String({ pattern: '^\\d+$' })),
    }),
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const filter = {
        name: query.check_name ?? null,
        status: query.status ?? null,
        appId: query.app_id === undefined ? null : Number(query.app_id),
        latest: query.filter !== 'all',
      };
      const { runs, ...reached } = await listCheckRuns(context, caller, repositoryKey(params), params.ref, filter);
      const page = runs.slice(paging.offset, paging.offset + paging.limit);
      const body = { total_count: runs.length, check_runs: page.map((run) => checkRunObject(run, reached, urls(baseUrl))) };
      return ok(body, linkHeader(baseUrl, url, paging, { total: runs.length }));
    },
  }),
];

function idOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw notFound('check run');
  return Number(text);
}
