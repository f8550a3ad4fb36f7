import type { Caller } from '#model/caller.ts';
import type { ReviewComment } from '#model/pull-request.ts';
import type { RepositoryKey } from '#operations/access.ts';
import type { Context } from '#operations/context.ts';
import { listComments, readComment } from '#operations/pulls/read-reviews.ts';
import { createComment, deleteComment, replyTo, rewordComment, setResolution } from '#operations/pulls/write-comment.ts';
import { created, noContent, ok, route } from '../../route.ts';
import { linkHeader, readPaging } from '../pagination.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { urls } from '../urls.ts';
import { commentObject } from './review-from-model.ts';
import { toComment, toCommentOrder } from './review-to-model.ts';
import { commentBody, commentsQuery, newCommentBody } from './schema.ts';
import { idOf, numberOf } from './to-model.ts';

const inRepository = '/repos/{owner}/{repo}/pulls/comments';
const one = '/repos/{owner}/{repo}/pulls/comments/{comment_id}';
const inPull = '/repos/{owner}/{repo}/pulls/{pull_number}/comments';
const write = { who: 'signed-in', capability: 'review:write' } as const;

async function show(context: Context, caller: Caller, key: RepositoryKey, { id }: Pick<ReviewComment, 'id'>, baseUrl: string) {
  const { comment, ...reached } = await readComment(context, caller, key, id);
  return commentObject(comment, reached, urls(baseUrl));
}

export const reviewCommentRoutes = [
  route({
    method: 'GET',
    path: inRepository,
    access: { who: 'anyone' },
    summary: 'Review comments of a repository',
    operation: 'pulls/comments#list-review-comments-in-a-repository',
    query: commentsQuery,
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const of = { repository: true } as const;
      const { comments, total, ...reached } = await listComments(context, caller, repositoryKey(params), of, toCommentOrder(query), paging);
      return ok(
        comments.map((comment) => commentObject(comment, reached, urls(baseUrl))),
        linkHeader(baseUrl, url, paging, { total }),
      );
    },
  }),
  route({
    method: 'GET',
    path: inPull,
    access: { who: 'anyone' },
    summary: 'Review comments of a pull request',
    operation: 'pulls/comments#list-review-comments-on-a-pull-request',
    query: commentsQuery,
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const of = { pull: numberOf(params.pull_number) };
      const { comments, total, ...reached } = await listComments(context, caller, repositoryKey(params), of, toCommentOrder(query), paging);
      return ok(
        comments.map((comment) => commentObject(comment, reached, urls(baseUrl))),
        linkHeader(baseUrl, url, paging, { total }),
      );
    },
  }),
  route({
    method: 'POST',
    path: inPull,
    access: write,
    summary: 'Remark upon a line or a file, or answer a comment',
    operation: 'pulls/comments#create-a-review-comment-for-a-pull-request',
    body: newCommentBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const [key, number, input] = [repositoryKey(params), numberOf(params.pull_number), toComment(body)];
      const comment =
        'inReplyTo' in input
          ? await replyTo(context, caller, key, number, input.inReplyTo, input.body)
          : await createComment(context, caller, key, number, input);
      const shown = await show(context, caller, key, comment, baseUrl);
      return created(shown, shown.url);
    },
  }),
  route({
    method: 'POST',
    path: `${inPull}/{comment_id}/replies`,
    access: write,
    summary: 'Answer a comment',
    operation: 'pulls/comments#create-a-reply-for-a-review-comment',
    body: commentBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const key = repositoryKey(params);
      const comment = await replyTo(context, caller, key, numberOf(params.pull_number), idOf(params.comment_id), body.body);
      const shown = await show(context, caller, key, comment, baseUrl);
      return created(shown, shown.url);
    },
  }),
  route({
    method: 'GET',
    path: one,
    access: { who: 'anyone' },
    summary: 'A review comment',
    operation: 'pulls/comments#get-a-review-comment-for-a-pull-request',
    handle: async ({ context, caller, params, baseUrl }) =>
      ok(await show(context, caller, repositoryKey(params), { id: idOf(params.comment_id) }, baseUrl)),
  }),
  route({
    method: 'PATCH',
    path: one,
    access: write,
    summary: 'Change the words of a review comment',
    operation: 'pulls/comments#update-a-review-comment-for-a-pull-request',
    body: commentBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const key = repositoryKey(params);
      return ok(await show(context, caller, key, await rewordComment(context, caller, key, idOf(params.comment_id), body.body), baseUrl));
    },
  }),
  route({
    method: 'DELETE',
    path: one,
    access: write,
    summary: 'Delete a review comment',
    operation: 'pulls/comments#delete-a-review-comment-for-a-pull-request',
    handle: async ({ context, caller, params }) => {
      await deleteComment(context, caller, repositoryKey(params), idOf(params.comment_id));
      return noContent;
    },
  }),
  ...(['PUT', 'DELETE'] as const).map((method) =>
    route({
      method,
      path: `${one}/resolution`,
      access: write,
      summary: method === 'PUT' ? 'Resolve the thread of a review comment' : 'Open the thread of a review comment again',
      handle: async ({ context, caller, params }) => {
        await setResolution(context, caller, repositoryKey(params), idOf(params.comment_id), method === 'PUT');
        return noContent;
      },
    }),
  ),
];
