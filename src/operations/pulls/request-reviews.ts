import type { Caller } from '#model/caller.ts';
import type { Reads } from '#model/ports/store.ts';
import { invalid } from '#model/problem.ts';
import type { PullRequest, ReviewRequests } from '#model/pull-request.ts';
import { READ, TRIAGE } from '#model/rung.ts';
import { effectiveRung } from '#policy/effective-rung.ts';
import type { RepositoryKey } from '../access.ts';
import { change, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';
import { grantOfTeam } from '../protections/resolver.ts';
import { aboutPull, type PullReached, reachPull, requireAuthorOr, requireParticipant } from './reach-pull.ts';

export interface RequestNames {
  readonly users: readonly string[];
  readonly teams: readonly string[];
}

/** Asks people and teams for their reviews: all of them, or none. */
export function requestReviews(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  number: number,
  names: RequestNames,
): Promise<PullRequest> {
  return change(context, caller, async (tx, record, as) => {
    const reached = await reachToAsk(tx, as, key, number, tx.now);
    const asked = await resolve(tx, reached, names, tx.now);
    const present = await tx.reviews.listRequests(reached.pull.id);
    const added = without(asked, present);
    if (isNobody(added)) return new Unchanged(reached.pull);
    await tx.reviews.addRequests(reached.pull.id, added);
    record(aboutPull(reached, reached.pull, { action: 'pull_request.create_review_request', operation: 'modify', data: { ...added } }));
    return reached.pull;
  });
}

/** Asks them no longer; who was not asked is passed over. */
export function withdrawRequests(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  number: number,
  names: RequestNames,
): Promise<PullRequest> {
  return change(context, caller, async (tx, record, as) => {
    const reached = await reachToAsk(tx, as, key, number, tx.now);
    const named = await find(tx, reached, names);
    const present = await tx.reviews.listRequests(reached.pull.id);
    const removed = {
      users: present.users.filter((id) => named.users.some((user) => user.id === id)),
      teams: present.teams.filter((id) => named.teams.some((team) => team.id === id)),
    };
    if (isNobody(removed)) return new Unchanged(reached.pull);
    await tx.reviews.removeRequests(reached.pull.id, removed);
    record(aboutPull(reached, reached.pull, { action: 'pull_request.remove_review_request', operation: 'modify', data: { ...removed } }));
    return reached.pull;
  });
}

async function reachToAsk(reads: Reads, caller: Caller, key: RepositoryKey, number: number, now: number): Promise<PullReached> {
  const reached = await reachPull(reads, caller, key, number, now);
  requireParticipant(caller, reached, 'pull:write');
  requireAuthorOr(TRIAGE, caller, reached);
  return reached;
}

async function find(reads: Reads, { owner }: PullReached, { users, teams }: RequestNames) {
  const [accounts, found] = await Promise.all([
    reads.accounts.listByLogins(users),
    owner.kind === 'organization' ? reads.teams.listBySlugs(owner.id, teams) : [],
  ]);
  return { users: accounts, teams: found };
}

async function resolve(reads: Reads, reached: PullReached, names: RequestNames, now: number): Promise<ReviewRequests> {
  const { repository, owner, pull } = reached;
  const found = await find(reads, reached, names);
  if (found.users.some(({ id }) => id === pull.authorId)) throw refusal('Review cannot be requested from pull request author.');
  const users = await Promise.all(
    found.users.map(async ({ id, kind }) => {
      if (kind === 'organization') return false;
      return effectiveRung(await reads.standings.readRungSources(id, repository.id, now)) >= READ;
    }),
  );
  const teams = await Promise.all(found.teams.map(async ({ id }) => (await grantOfTeam(reads, id, repository.id)) >= READ));
  const distinct = (all: readonly string[]): number => new Set(all.map((name) => name.toLowerCase())).size;
  const areAllFound = found.users.length === distinct(names.users) && found.teams.length === distinct(names.teams);
  if (!areAllFound || users.includes(false) || teams.includes(false))
    throw refusal(
      `Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the ${owner.login}/${repository.name} repository.`,
    );
  return { users: found.users.map(({ id }) => id), teams: found.teams.map(({ id }) => id) };
}

function without(asked: ReviewRequests, present: ReviewRequests): ReviewRequests {
  return {
    users: asked.users.filter((id) => !present.users.includes(id)),
    teams: asked.teams.filter((id) => !present.teams.includes(id)),
  };
}

function isNobody({ users, teams }: ReviewRequests): boolean {
  return users.length + teams.length === 0;
}

function refusal(message: string) {
  return invalid('reviewers', message, 'custom', 'PullRequest');
}
