import type { WriteRoute } from './write-routes.ts';

/** Pull requests of `acme/app` that the developer has opened, and what the owner has said about them. */
export interface PullsFound {
  readonly pull: number;
  readonly otherPull: number;
  readonly commented: number;
  readonly changesRequested: number;
  /** Begun and not submitted, of either pull request. */
  readonly pending: number;
  readonly otherPending: number;
  readonly comment: number;
  readonly otherComment: number;
}

const base = '/repos/{owner}/{repo}/pulls';
const at = '/repos/acme/app/pulls';
const place = { path: 'p.txt', line: 1, body: 'why?' };

/** Those that write pull requests, in an order in which each finds what it needs. */
export const pullWrites: readonly WriteRoute[] = [
  { route: `POST ${base}`, needs: 'propose', path: at, body: () => ({ title: 'x', head: 'proposed', base: 'behind' }) },
  {
    route: `PATCH ${base}/{pull_number}`,
    needs: 'propose',
    path: ({ pull }) => `${at}/${pull}`,
    body: () => ({ title: 'Other' }),
  },
  ...(['POST', 'DELETE'] as const).map(
    (method): WriteRoute => ({
      route: `${method} ${base}/{pull_number}/requested_reviewers`,
      needs: 'propose',
      path: ({ pull }) => `${at}/${pull}/requested_reviewers`,
      body: () => ({ reviewers: ['mona'] }),
    }),
  ),
  {
    route: `POST ${base}/{pull_number}/reviews`,
    needs: 'review',
    path: ({ pull }) => `${at}/${pull}/reviews`,
    body: () => ({ event: 'APPROVE' }),
  },
  {
    route: `PUT ${base}/{pull_number}/reviews/{review_id}`,
    needs: 'organization owner',
    path: ({ pull, commented }) => `${at}/${pull}/reviews/${commented}`,
    body: () => ({ body: 'other words' }),
  },
  {
    route: `PUT ${base}/{pull_number}/reviews/{review_id}/dismissals`,
    needs: 'judge',
    path: ({ pull, changesRequested }) => `${at}/${pull}/reviews/${changesRequested}/dismissals`,
    body: () => ({ message: 'stale' }),
  },
  {
    route: `POST ${base}/{pull_number}/reviews/{review_id}/events`,
    needs: 'organization owner',
    path: ({ pull, pending }) => `${at}/${pull}/reviews/${pending}/events`,
    body: () => ({ event: 'COMMENT', body: 'said' }),
  },
  {
    route: `DELETE ${base}/{pull_number}/reviews/{review_id}`,
    needs: 'organization owner',
    path: ({ otherPull, otherPending }) => `${at}/${otherPull}/reviews/${otherPending}`,
  },
  {
    route: `POST ${base}/{pull_number}/comments`,
    needs: 'review',
    path: ({ pull }) => `${at}/${pull}/comments`,
    body: () => place,
  },
  {
    route: `POST ${base}/{pull_number}/comments/{comment_id}/replies`,
    needs: 'review',
    path: ({ pull, comment }) => `${at}/${pull}/comments/${comment}/replies`,
    body: () => ({ body: 'because' }),
  },
  {
    route: `PATCH ${base}/comments/{comment_id}`,
    needs: 'judge',
    path: ({ comment }) => `${at}/comments/${comment}`,
    body: () => ({ body: 'how?' }),
  },
  ...(['PUT', 'DELETE'] as const).map(
    (method): WriteRoute => ({
      route: `${method} ${base}/comments/{comment_id}/resolution`,
      needs: 'judge',
      path: ({ comment }) => `${at}/comments/${comment}/resolution`,
    }),
  ),
  { route: `DELETE ${base}/comments/{comment_id}`, needs: 'judge', path: ({ otherComment }) => `${at}/comments/${otherComment}` },
];
