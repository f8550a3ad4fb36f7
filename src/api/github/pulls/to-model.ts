import type { Static } from 'typebox';
import type { PullFilter } from '#model/ports/store-pull-requests.ts';
import { invalid, notFound } from '#model/problem.ts';
import { branchRef } from '#model/ref-name.ts';
import type { PullInput } from '#operations/pulls/create-pull.ts';
import type { PullUpdate } from '#operations/pulls/update-pull.ts';
import type { newPullBody, pullChangesBody, pullsQuery } from './schema.ts';

export function numberOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw notFound('pull request');
  return Number(text);
}

/** An id of a review or a comment. */
export function idOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw notFound('review');
  return Number(text);
}

export function toPull(body: Static<typeof newPullBody>): PullInput {
  const { title, base, head } = body;
  if (title.trim() === '') throw invalid('title', `"title" wasn't supplied.`, 'missing_field', 'PullRequest');
  return {
    ...{ title, base, head, body: body.body ?? null },
    ...{ draft: body.draft ?? false, maintainerCanModify: body.maintainer_can_modify ?? false },
  };
}

/** What is left out, or null where null is no value, stays. */
export function toPullUpdate(body: Static<typeof pullChangesBody>): PullUpdate {
  if (body.title?.trim() === '') throw invalid('title', `"title" wasn't supplied.`, 'missing_field', 'PullRequest');
  return {
    ...(body.title != null && { title: body.title }),
    ...(body.body !== undefined && { body: body.body }),
    ...(body.state != null && { state: body.state }),
    ...(body.base != null && { base: body.base }),
    ...(body.draft != null && { draft: body.draft }),
    ...(body.maintainer_can_modify != null && { maintainerCanModify: body.maintainer_can_modify }),
  };
}

/** Sorted by creation the newest come first, by anything else too only if asked (spec/github.md 1.8). */
export function toPullFilter({ state = 'open', head, base, sort = 'created', direction }: Static<typeof pullsQuery>): PullFilter {
  return {
    state,
    baseRefName: base === undefined ? null : branchRef(base),
    head: head === undefined ? null : headOf(head),
    sort: sort === 'updated' || sort === 'created' ? sort : sort === 'popularity' ? 'comments' : 'created',
    descending: direction === undefined ? sort === 'created' : direction === 'desc',
  };
}

/** `owner:branch`; GitHub passes over what has no owner, and so does everything that was written for it. */
function headOf(head: string): PullFilter['head'] {
  const [owner, branch] = head.split(':', 2) as [string, string | undefined];
  if (branch === undefined) return null;
  return { owner, refName: branch === '' ? null : branchRef(branch) };
}
