import type { Reads } from '#model/ports/store.ts';
import { invalid } from '#model/problem.ts';
import type { PullRequest } from '#model/pull-request.ts';
import { branchOf, branchRef } from '#model/ref-name.ts';
import type { Reached } from '../access.ts';
import { onDisk } from '../content/names.ts';
import type { Context } from '../context.ts';
import type { Seen } from './at-rest.ts';
import { findLastPusher } from './last-pusher.ts';
import { changeBetween, changeIdOf, readHead } from './pull-change.ts';

/** What is proposed, as git has it. */
export type Proposal = Pick<PullRequest, 'base' | 'head' | 'changeId' | 'lastPusherId'>;

/** Why branches cannot be what a pull request is about. The words are the dialect's business where it has its own. */
export type Unfit = 'no base' | 'no head' | 'nothing new' | 'unrelated';

/** What the head's branch has that the base's has not. */
export async function readProposal(
  { gate, store }: Context,
  { repository, owner }: Reached,
  baseRef: string,
  from: Omit<PullRequest['head'], 'id'>,
): Promise<Proposal | Unfit> {
  const base = (await onDisk(gate, repository).refs.table()).refs.get(baseRef)?.id;
  if (base === undefined) return 'no base';
  const head = await readHead(gate, repository, from);
  if (head === null) return 'no head';
  const changed = await changeBetween(gate, repository, { base, head });
  if (changed === null || changed.ahead === 0) return 'nothing new';
  if (changed.mergeBase === null) return 'unrelated';
  return {
    base: { refName: baseRef, id: base },
    head: { ...from, id: head },
    changeId: await changeIdOf(gate, repository, changed),
    lastPusherId: await findLastPusher(store.read, repository, `${owner.login}/${repository.name}`, from.refName, head),
  };
}

/** The branches that must not have moved when the proposal is written. */
export function seenOf({ id }: Reached['repository'], { base, head }: Proposal): Seen {
  return { [base.refName]: base.id, ...(head.repositoryId === id && { [head.refName]: head.id }) };
}

/** Whether an open pull request, another than `except`, proposes the same branch for the same base. */
export async function hasTwin(
  reads: Reads,
  repositoryId: number,
  { base, head }: Proposal,
  except: number | null = null,
): Promise<boolean> {
  if (head.repositoryId === null) return false;
  const alike = await reads.pulls.listOpenByHead(head.repositoryId, head.refName);
  return alike.some((pull) => pull.id !== except && pull.repositoryId === repositoryId && pull.base.refName === base.refName);
}

/** The branch that `branch` or `owner:branch` names; null: its repository is none of this network. */
export function headNamed({ repository, owner }: Reached, head: string): Omit<PullRequest['head'], 'id'> | null {
  // No branch has a colon in its name.
  const [login, branch, ...more] = head.includes(':') ? head.split(':') : [owner.login, head];
  if (login?.toLowerCase() !== owner.login.toLowerCase() || !branch || more.length > 0) return null;
  return { repositoryId: repository.id, owner: owner.login, refName: branchRef(branch) };
}

export function refusal(message: string, field = '', code: 'custom' | 'invalid' = 'custom') {
  return invalid(field, message, code, 'PullRequest');
}

/** `owner:branch` */
export function labelOf({ owner, refName }: Pick<PullRequest['head'], 'owner' | 'refName'>): string {
  return `${owner}:${branchOf(refName)}`;
}
