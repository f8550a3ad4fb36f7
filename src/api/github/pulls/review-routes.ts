import type { Caller } from '#model/caller.ts';
import type { PullReview } from '#model/pull-request.ts';
import type { RepositoryKey } from '#operations/access.ts';
import type { Context } from '#operations/context.ts';
import { deleteReview, dismissReview, rewordReview } from '#operations/pulls/edit-review.ts';
import { reachPull } from '#operations/pulls/reach-pull.ts';
import { listComments, listReviews, readReview, showReview } from '#operations/pulls/read-reviews.ts';
import { createReview, submitReview } from '#operations/pulls/write-review.ts';
import { ok, type Reply, route } from '../../route.ts';
import { linkHeader, readPaging } from '../pagination.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { pageQuery } from '../schemas.ts';
import { urls } from '../urls.ts';
import { commentInReview, reviewObject } from './review-from-model.ts';
import { stateOf, toReview } from './review-to-model.ts';
import { dismissBody, newReviewBody, reviewBody, submitBody } from './schema.ts';
import { idOf, numberOf } from './to-model.ts';

const all = '/repos/{owner}/{repo}/pulls/{pull_number}/reviews';
const one = '/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}';
const write = { who: 'signed-in', capability: 'review:write' } as const;

/** What was done, as its author sees it. */
async function reply(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  number: number,
  baseUrl: string,
  done: PullReview,
): Promise<Reply> {
  const reached = await reachPull(context.store.read, caller, key, number, Date.now());
  const { review } = await showReview(context, reached, done);
  return ok(reviewObject(review, reached, number, urls(baseUrl)));
}

export const reviewRoutes = [
  route({
    method: 'GET',
    path: all,
    access: { who: 'anyone' },
    summary: 'Reviews, in the order in which they came',
    operation: 'pulls/reviews#list-reviews-for-a-pull-request',
    query: pageQuery,
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const number = numberOf(params.pull_number);
      const { reviews, total, ...reached } = await listReviews(context, caller, repositoryKey(params), number, paging);
      return ok(
        reviews.map((review) => reviewObject(review, reached, number, urls(baseUrl))),
        linkHeader(baseUrl, url, paging, { total }),
      );
    },
  }),
  route({
    method: 'POST',
    path: all,
    access: write,
    summary: 'Review a pull request, or begin to',
    operation: 'pulls/reviews#create-a-review-for-a-pull-request',
    body: newReviewBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const [key, number] = [repositoryKey(params), numberOf(params.pull_number)];
      return reply(context, caller, key, number, baseUrl, await createReview(context, caller, key, number, toReview(body)));
    },
  }),
  route({
    method: 'GET',
    path: one,
    access: { who: 'anyone' },
    summary: 'A review',
    operation: 'pulls/reviews#get-a-review-for-a-pull-request',
    handle: async ({ context, caller, params, baseUrl }) => {
      const number = numberOf(params.pull_number);
      const { review, ...reached } = await readReview(context, caller, repositoryKey(params), number, idOf(params.review_id));
      return ok(reviewObject(review, reached, number, urls(baseUrl)));
    },
  }),
  route({
    method: 'PUT',
    path: one,
    access: write,
    summary: 'Change the words of an own review',
    operation: 'pulls/reviews#update-a-review-for-a-pull-request',
    body: reviewBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const [key, number] = [repositoryKey(params), numberOf(params.pull_number)];
      const review = await rewordReview(context, caller, key, number, idOf(params.review_id), body.body);
      return reply(context, caller, key, number, baseUrl, review);
    },
  }),
  route({
    method: 'DELETE',
    path: one,
    access: write,
    summary: 'Delete a review that was not submitted',
    operation: 'pulls/reviews#delete-a-pending-review-for-a-pull-request',
    handle: async ({ context, caller, params, baseUrl }) => {
      const [key, number] = [repositoryKey(params), numberOf(params.pull_number)];
      return reply(context, caller, key, number, baseUrl, await deleteReview(context, caller, key, number, idOf(params.review_id)));
    },
  }),
  route({
    method: 'GET',
    path: `${one}/comments`,
    access: { who: 'anyone' },
    summary: 'The comments of a review',
    operation: 'pulls/reviews#list-comments-for-a-pull-request-review',
    query: pageQuery,
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const of = { pull: numberOf(params.pull_number), review: idOf(params.review_id) };
      const order = { since: null, sort: 'created', descending: false } as const;
      const { comments, total, ...reached } = await listComments(context, caller, repositoryKey(params), of, order, paging);
      return ok(
        comments.map((comment) => commentInReview(comment, reached, urls(baseUrl))),
        linkHeader(baseUrl, url, paging, { total }),
      );
    },
  }),
  route({
    method: 'PUT',
    path: `${one}/dismissals`,
    access: write,
    summary: 'Dismiss a review',
    operation: 'pulls/reviews#dismiss-a-review-for-a-pull-request',
    body: dismissBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const [key, number] = [repositoryKey(params), numberOf(params.pull_number)];
      const review = await dismissReview(context, caller, key, number, idOf(params.review_id), body.message);
      return reply(context, caller, key, number, baseUrl, review);
    },
  }),
  route({
    method: 'POST',
    path: `${one}/events`,
    access: write,
    summary: 'Submit a pending review',
    operation: 'pulls/reviews#submit-a-review-for-a-pull-request',
    body: submitBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const [key, number] = [repositoryKey(params), numberOf(params.pull_number)];
      const input = { state: stateOf[body.event], body: body.body ?? null };
      return reply(context, caller, key, number, baseUrl, await submitReview(context, caller, key, number, idOf(params.review_id), input));
    },
  }),
];
