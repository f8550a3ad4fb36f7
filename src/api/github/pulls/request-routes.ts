import { readRequested } from '#operations/pulls/read-pulls.ts';
import { requestReviews, withdrawRequests } from '#operations/pulls/request-reviews.ts';
import { created, ok, route } from '../../route.ts';
import { simpleUser } from '../accounts/from-model.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { urls } from '../urls.ts';
import { requestedTeams } from './from-model.ts';
import { toRequests } from './review-to-model.ts';
import { reviewersBody } from './schema.ts';
import { listedPulls } from './shown.ts';
import { numberOf } from './to-model.ts';

const path = '/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers';
const write = { who: 'signed-in', capability: 'any' } as const;

export const reviewRequestRoutes = [
  route({
    method: 'GET',
    path,
    access: { who: 'anyone' },
    summary: 'Whose reviews were asked for and have not come',
    operation: 'pulls/review-requests#get-all-requested-reviewers-for-a-pull-request',
    handle: async ({ context, caller, params, baseUrl }) => {
      const shown = await readRequested(context, caller, repositoryKey(params), numberOf(params.pull_number));
      const to = urls(baseUrl);
      return ok({ users: shown.requested.users.map((user) => simpleUser(user, to)), teams: requestedTeams(shown, to) });
    },
  }),
  route({
    method: 'POST',
    path,
    access: write,
    summary: 'Ask people and teams for reviews',
    operation: 'pulls/review-requests#request-reviewers-for-a-pull-request',
    body: reviewersBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const [key, number] = [repositoryKey(params), numberOf(params.pull_number)];
      await requestReviews(context, caller, key, number, toRequests(body));
      const [shown] = await listedPulls(context, [await readRequested(context, caller, key, number)], urls(baseUrl));
      return created(shown);
    },
  }),
  route({
    method: 'DELETE',
    path,
    access: write,
    summary: 'Ask people and teams for reviews no longer',
    operation: 'pulls/review-requests#remove-requested-reviewers-from-a-pull-request',
    body: reviewersBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const [key, number] = [repositoryKey(params), numberOf(params.pull_number)];
      await withdrawRequests(context, caller, key, number, toRequests(body));
      const [shown] = await listedPulls(context, [await readRequested(context, caller, key, number)], urls(baseUrl));
      return ok(shown);
    },
  }),
];
