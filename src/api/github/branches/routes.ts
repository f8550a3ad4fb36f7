import { Type } from 'typebox';
import { ProblemError } from '#model/problem.ts';
import { mergeBranches } from '#operations/content/merge-branches.ts';
import { mergeUpstream } from '#operations/content/merge-upstream.ts';
import { findRenamedBranch, listBranches, readBranch } from '#operations/content/read-branches.ts';
import { readCommitsById } from '#operations/content/read-commits.ts';
import { renameBranch } from '#operations/content/rename-branch.ts';
import { noContent, ok, type Reply, route } from '../../route.ts';
import { bypassReason, receiptHeaders } from '../bypass.ts';
import { commitObject } from '../commits/from-model.ts';
import { linkHeader, readPaging } from '../pagination.ts';
import { fullName } from '../repositories/from-model.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { Optional, pageQuery } from '../schemas.ts';
import { encodePath, urls } from '../urls.ts';
import { fullBranch, shortBranch } from './from-model.ts';

const signedIn = { who: 'signed-in', capability: 'any' } as const;

export const branchRoutes = [
  route({
    method: 'GET',
    path: '/repos/{owner}/{repo}/branches',
    access: { who: 'anyone' },
    summary: 'Branches by name',
    operation: 'branches/branches#list-branches',
    query: Type.Object({ ...pageQuery.properties, protected: Type.Optional(Type.String()) }),
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const only = query.protected === 'true' ? true : query.protected === 'false' ? false : null;
      const { items, total, ...reached } = await listBranches(context, caller, repositoryKey(params), only, paging);
      return ok(
        items.map((branch) => shortBranch(branch, reached, urls(baseUrl))),
        linkHeader(baseUrl, url, paging, { total }),
      );
    },
  }),
  route({
    method: 'GET',
    path: '/repos/{owner}/{repo}/branches/{branch+}',
    access: { who: 'anyone' },
    summary: 'A branch with its commit and a summary of its protection',
    operation: 'branches/branches#get-a-branch',
    handle: async ({ context, caller, params, baseUrl }): Promise<Reply> => {
      const key = repositoryKey(params);
      try {
        const { branch, commit, ...reached } = await readBranch(context, caller, key, params.branch);
        return ok(fullBranch(branch, commit, reached, urls(baseUrl)));
      } catch (error) {
        const isMissing = error instanceof ProblemError && error.problem.kind === 'not-found' && error.problem.what === 'branch';
        const renamed = isMissing ? await findRenamedBranch(context, caller, key, params.branch) : null;
        if (renamed === null) throw error;
        const url = `${urls(baseUrl).repo(fullName(renamed))}/branches/${encodePath(renamed.newName)}`;
        return {
          status: 301,
          body: { message: 'Moved Permanently', url, documentation_url: 'https://docs.github.com/rest' },
          headers: { location: url },
        };
      }
    },
  }),
  route({
    method: 'POST',
    path: '/repos/{owner}/{repo}/branches/{branch+}/rename',
    access: signedIn,
    summary: 'Rename a branch; for the rules, its deletion and the creation of the new name',
    operation: 'branches/branches#rename-a-branch',
    body: Type.Object({ new_name: Type.String() }),
    handle: async ({ context, caller, params, body, baseUrl, header }) => {
      const key = repositoryKey(params);
      const { receipt } = await renameBranch(context, { caller, bypassReason: bypassReason(header) }, key, params.branch, body.new_name);
      const { branch, commit, ...reached } = await readBranch(context, caller, key, body.new_name);
      return { status: 201, body: fullBranch(branch, commit, reached, urls(baseUrl)), headers: receiptHeaders(receipt) };
    },
  }),
  route({
    method: 'POST',
    path: '/repos/{owner}/{repo}/merges',
    access: signedIn,
    summary: 'Merge one branch into another; for the rules, a push of the merge commit',
    operation: 'branches/branches#merge-a-branch',
    body: Type.Object({ base: Type.String(), head: Type.String(), commit_message: Optional(Type.String()) }),
    handle: async ({ context, caller, params, body, baseUrl, header }): Promise<Reply> => {
      const input = { base: body.base, head: body.head, message: body.commit_message ?? null };
      const { commit, receipt, ...reached } = await mergeBranches(
        context,
        { caller, bypassReason: bypassReason(header) },
        repositoryKey(params),
        input,
      );
      if (commit === null) return noContent;
      const [shown] = await readCommitsById(context, reached.repository, [commit.id]);
      return { status: 201, body: commitObject(shown!, reached, urls(baseUrl)), headers: receiptHeaders(receipt) };
    },
  }),
  route({
    method: 'POST',
    path: '/repos/{owner}/{repo}/merge-upstream',
    access: signedIn,
    summary: 'Bring a branch of a fork up to its parent’s',
    operation: 'branches/branches#sync-a-fork-branch-with-the-upstream-repository',
    body: Type.Object({ branch: Type.String() }),
    handle: async ({ context, caller, params, body, header }): Promise<Reply> => {
      const writer = { caller, bypassReason: bypassReason(header) };
      const { kind, upstream, receipt } = await mergeUpstream(context, writer, repositoryKey(params), body.branch);
      const base_branch = `${upstream.owner.login}:${body.branch}`;
      return ok({ message: syncMessages[kind](base_branch), merge_type: kind, base_branch }, receiptHeaders(receipt));
    },
  }),
];

const syncMessages = {
  none: (upstream: string) => `This branch is not behind the upstream ${upstream}.`,
  'fast-forward': (upstream: string) => `Successfully fetched and fast-forwarded from upstream ${upstream}.`,
  merge: (upstream: string) => `Successfully fetched and merged from upstream ${upstream}.`,
};
