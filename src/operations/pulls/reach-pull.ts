import { type Caller, repositorySubject } from '#model/caller.ts';
import type { Capability } from '#model/capability.ts';
import type { Reads } from '#model/ports/store.ts';
import { forbidden, notFound } from '#model/problem.ts';
import type { PullRequest } from '#model/pull-request.ts';
import { type Rung, WRITE } from '#model/rung.ts';
import { type Reached, type RepositoryKey, reachCode, refuseArchived, requireActor, requireInRepository } from '../access.ts';
import type { Happening } from '../change.ts';

/** A pull request as one caller may see it: whoever reads the code does. */
export interface PullReached extends Reached {
  readonly pull: PullRequest;
}

export async function reachPull(reads: Reads, caller: Caller, key: RepositoryKey, number: number, now: number): Promise<PullReached> {
  const reached = await reachCode(reads, caller, key, now, 'pull:write');
  const pull = await reads.pulls.findPullByNumber(reached.repository.id, number);
  if (pull === null) throw notFound('pull request');
  return { ...reached, pull };
}

/**
 * Whether somebody who can see a repository may take part there: open pull requests, review, remark. Reading is enough for a person; an app
 * has to be installed.
 */
export function requireParticipant(caller: Caller, reached: Reached, capability: Extract<Capability, 'pull:write' | 'review:write'>): void {
  requireInRepository(caller, reached, { rung: isApp(caller) ? 10 : 0, capability });
  refuseArchived(reached);
}

/** For somebody who wants to say something about it. */
export async function reachToReview(reads: Reads, caller: Caller, key: RepositoryKey, number: number, now: number): Promise<PullReached> {
  requireActor(caller);
  const reached = await reachPull(reads, caller, key, number, now);
  requireParticipant(caller, reached, 'review:write');
  return reached;
}

/** Its author, an app that may, or this rung. */
export function requireAuthorOr(rung: Rung, caller: Caller, reached: PullReached): void {
  const isAuthor = caller.kind === 'actor' && caller.user.id === reached.pull.authorId;
  if (isAuthor || isApp(caller) || caller.kind === 'operator' || reached.rung >= rung) return;
  throw forbidden(`rung ${WRITE}`);
}

export function isApp(caller: Caller): boolean {
  return caller.kind === 'actor' && caller.actor.who.kind === 'app';
}

/** An entry about a pull request: whatever else it says, it says about which. */
export function aboutPull(
  { repository, owner }: Reached,
  { id, number, title }: Pick<PullRequest, 'id' | 'number' | 'title'>,
  { data, ...happening }: Pick<Happening, 'action' | 'operation' | 'data'>,
): Happening {
  return { ...happening, ...repositorySubject(repository, owner), data: { pull_request_id: id, number, title, ...data } };
}
