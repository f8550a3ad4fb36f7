import { createPull } from '#operations/pulls/create-pull.ts';
import { readPullCommits, readPullFiles, readPullText } from '#operations/pulls/read-pull-content.ts';
import { listPulls, readPull, requireMerged } from '#operations/pulls/read-pulls.ts';
import { updatePull } from '#operations/pulls/update-pull.ts';
import { created, noContent, ok, type Reply, route } from '../../route.ts';
import { commitObject, diffEntries } from '../commits/from-model.ts';
import { requestedFormat } from '../media.ts';
import { linkHeader, readPaging } from '../pagination.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { pageQuery } from '../schemas.ts';
import { urls } from '../urls.ts';
import { newPullBody, pullChangesBody, pullsQuery } from './schema.ts';
import { listedPulls, pullInFull } from './shown.ts';
import { numberOf, toPull, toPullFilter, toPullUpdate } from './to-model.ts';

const base = '/repos/{owner}/{repo}/pulls';
const one = '/repos/{owner}/{repo}/pulls/{pull_number}';
const write = { who: 'signed-in', capability: 'any' } as const;

export const pullRoutes = [
  route({
    method: 'GET',
    path: base,
    access: { who: 'anyone' },
    summary: 'Pull requests, the open ones unless asked otherwise',
    operation: 'pulls/pulls#list-pull-requests',
    query: pullsQuery,
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const { pulls, total } = await listPulls(context, caller, repositoryKey(params), toPullFilter(query), paging);
      return ok(await listedPulls(context, pulls, urls(baseUrl)), linkHeader(baseUrl, url, paging, { total }));
    },
  }),
  route({
    method: 'POST',
    path: base,
    access: write,
    summary: 'Open a pull request',
    operation: 'pulls/pulls#create-a-pull-request',
    body: newPullBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const pull = await createPull(context, caller, repositoryKey(params), toPull(body));
      const made = await readPull(context, caller, { id: pull.repositoryId }, pull.number);
      const shown = await pullInFull(context, made, urls(baseUrl));
      return created(shown, shown.url);
    },
  }),
  route({
    method: 'GET',
    path: one,
    access: { who: 'anyone' },
    summary: 'A pull request, or its diff or patch as text',
    operation: 'pulls/pulls#get-a-pull-request',
    handle: async ({ context, caller, params, baseUrl, header }): Promise<Reply> => {
      const [key, number] = [repositoryKey(params), numberOf(params.pull_number)];
      const format = requestedFormat(header('accept'));
      if (format !== 'diff' && format !== 'patch')
        return ok(await pullInFull(context, await readPull(context, caller, key, number), urls(baseUrl)));
      const body = await readPullText(context, caller, key, number, format);
      return { status: 200, body, contentType: `application/vnd.github.v3.${format}; charset=utf-8` };
    },
  }),
  route({
    method: 'PATCH',
    path: one,
    access: write,
    summary: 'Change a pull request: words, base, draft, closed or open',
    operation: 'pulls/pulls#update-a-pull-request',
    body: pullChangesBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const pull = await updatePull(context, caller, repositoryKey(params), numberOf(params.pull_number), toPullUpdate(body));
      const changed = await readPull(context, caller, { id: pull.repositoryId }, pull.number);
      return ok(await pullInFull(context, changed, urls(baseUrl)));
    },
  }),
  route({
    method: 'GET',
    path: `${one}/commits`,
    access: { who: 'anyone' },
    summary: 'The commits of a pull request, oldest first',
    operation: 'pulls/pulls#list-commits-on-a-pull-request',
    query: pageQuery,
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const { commits, total, ...reached } = await readPullCommits(
        context,
        caller,
        repositoryKey(params),
        numberOf(params.pull_number),
        paging,
      );
      return ok(
        commits.map((commit) => commitObject(commit, reached, urls(baseUrl))),
        linkHeader(baseUrl, url, paging, { total }),
      );
    },
  }),
  route({
    method: 'GET',
    path: `${one}/files`,
    access: { who: 'anyone' },
    summary: 'What a pull request changes, file by file',
    operation: 'pulls/pulls#list-pull-requests-files',
    query: pageQuery,
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const { files, change, ...reached } = await readPullFiles(context, caller, repositoryKey(params), numberOf(params.pull_number));
      const page = files.slice(paging.offset, paging.offset + paging.limit);
      return ok(diffEntries(page, change.head, reached, urls(baseUrl)), linkHeader(baseUrl, url, paging, { total: files.length }));
    },
  }),
  route({
    method: 'GET',
    path: `${one}/merge`,
    access: { who: 'anyone' },
    summary: 'Whether a pull request was merged: 204 yes, 404 no',
    operation: 'pulls/pulls#check-if-a-pull-request-has-been-merged',
    handle: async ({ context, caller, params }) => {
      await requireMerged(context, caller, repositoryKey(params), numberOf(params.pull_number));
      return noContent;
    },
  }),
];
