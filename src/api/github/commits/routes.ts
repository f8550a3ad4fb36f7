import { Type } from 'typebox';
import { notFound } from '#model/problem.ts';
import { compareCommits, listCommits, readCommit } from '#operations/content/read-commits.ts';
import { ok, type Reply, route } from '../../route.ts';
import { requestedFormat } from '../media.ts';
import { linkHeader, readPaging } from '../pagination.ts';
import { fullName } from '../repositories/from-model.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { pageQuery } from '../schemas.ts';
import { urls } from '../urls.ts';
import { commitObject, diffEntries } from './from-model.ts';

export const commitRoutes = [
  route({
    method: 'GET',
    path: '/repos/{owner}/{repo}/commits',
    access: { who: 'anyone' },
    summary: 'History, newest first',
    operation: 'commits/commits#list-commits',
    query: Type.Object({
      ...pageQuery.properties,
      sha: Type.Optional(Type.String()),
      path: Type.Optional(Type.String()),
      author: Type.Optional(Type.String()),
      since: Type.Optional(Type.String()),
      until: Type.Optional(Type.String()),
    }),
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const input = {
        from: query.sha ?? null,
        path: query.path ?? null,
        author: query.author ?? null,
        since: timeOf(query.since),
        until: timeOf(query.until),
        limit: paging.limit,
        offset: paging.offset,
      };
      const { commits, more, ...reached } = await listCommits(context, caller, repositoryKey(params), input);
      return ok(
        commits.map((commit) => commitObject(commit, reached, urls(baseUrl))),
        linkHeader(baseUrl, url, paging, { more }),
      );
    },
  }),
  route({
    method: 'GET',
    path: '/repos/{owner}/{repo}/commits/{ref+}',
    access: { who: 'anyone' },
    summary: 'A commit with what it changes',
    operation: 'commits/commits#get-a-commit',
    handle: async ({ context, caller, params, baseUrl, header }): Promise<Reply> => {
      const { commit, files, ...reached } = await readCommit(context, caller, repositoryKey(params), params.ref);
      if (requestedFormat(header('accept')) === 'sha')
        return { status: 200, body: commit.id, contentType: 'application/vnd.github.sha; charset=utf-8' };
      return ok(commitObject(commit, reached, urls(baseUrl), files));
    },
  }),
  route({
    method: 'GET',
    path: '/repos/{owner}/{repo}/compare/{basehead+}',
    access: { who: 'anyone' },
    summary: 'What one commit has that another has not',
    operation: 'commits/commits#compare-two-commits',
    handle: async ({ context, caller, params, baseUrl }) => {
      const [base, head, ...rest] = params.basehead.split('...');
      if (!base || !head || rest.length > 0) throw notFound('comparison');
      const compared = await compareCommits(context, caller, repositoryKey(params), base, head);
      const to = urls(baseUrl);
      const name = fullName(compared);
      const range = `${compared.base.id}...${compared.head.id}`;
      return ok({
        url: `${to.repo(name)}/compare/${params.basehead}`,
        html_url: `${to.repoHtml(name)}/compare/${params.basehead}`,
        permalink_url: `${to.repoHtml(name)}/compare/${range}`,
        diff_url: `${to.repoHtml(name)}/compare/${params.basehead}.diff`,
        patch_url: `${to.repoHtml(name)}/compare/${params.basehead}.patch`,
        base_commit: commitObject(compared.base, compared, to),
        merge_base_commit: commitObject(compared.mergeBase ?? compared.base, compared, to),
        status: statusOf(compared),
        ahead_by: compared.ahead,
        behind_by: compared.behind,
        total_commits: compared.ahead,
        commits: compared.commits.map((commit) => commitObject(commit, compared, to)),
        files: diffEntries(compared.files, compared.head.id, compared, to),
      });
    },
  }),
];

function statusOf({ ahead, behind }: { readonly ahead: number; readonly behind: number }): string {
  if (ahead > 0) return behind > 0 ? 'diverged' : 'ahead';
  return behind > 0 ? 'behind' : 'identical';
}

function timeOf(text: string | undefined): number | null {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? null : at;
}
