import type { Caller } from '#model/caller.ts';
import type { Transaction } from '#model/ports/store.ts';
import { conflict } from '#model/problem.ts';
import type { PullRequest } from '#model/pull-request.ts';
import { branchOf, branchRef } from '#model/ref-name.ts';
import { TRIAGE, WRITE } from '#model/rung.ts';
import type { RepositoryKey } from '../access.ts';
import { change, type Recorder, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';
import { atRest, untilAtRest } from './at-rest.ts';
import { dismissApprovals } from './dismiss-approvals.ts';
import { hasTwin, labelOf, type Proposal, readProposal, refusal, seenOf } from './propose.ts';
import { aboutPull, type PullReached, reachPull, requireAuthorOr, requireParticipant } from './reach-pull.ts';

export interface PullUpdate {
  readonly title?: string;
  readonly body?: string | null;
  readonly state?: 'open' | 'closed';
  /** A branch. */
  readonly base?: string;
  readonly draft?: boolean;
  readonly maintainerCanModify?: boolean;
}

/**
 * Changes a pull request. Its author and writers may; closing and opening again also who triages. Where it is to lead elsewhere, or comes
 * back, what it proposes is read anew: approvals outlive neither another base nor a head that changed while it was closed.
 */
export async function updatePull(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  number: number,
  update: PullUpdate,
): Promise<PullRequest> {
  return untilAtRest(async () => {
    const early = admitted(caller, await reachPull(context.store.read, caller, key, number, Date.now()), update);
    const { repository } = early;
    const anew = await readAnew(context, early, update);
    const write = (): Promise<PullRequest> =>
      change(context, caller, async (tx, record, as) => {
        const reached = admitted(as, await reachPull(tx, as, { id: repository.id }, number, tx.now), update);
        const { pull } = reached;
        if (pull.state !== early.pull.state || pull.base.refName !== early.pull.base.refName)
          throw conflict('The pull request was changed meanwhile; please try again.');
        const isChanged = [
          anew !== null && (await propose(tx, record, reached, anew)),
          await edit(tx, record, reached, update),
          await turn(tx, record, reached, update),
        ];
        return isChanged.includes(true) ? (await tx.pulls.findPull(pull.id))! : new Unchanged(pull);
      });
    return anew === null ? write() : atRest(context.gate, repository, seenOf(repository, anew), write);
  });
}

function admitted(caller: Caller, reached: PullReached, { state, ...others }: PullUpdate): PullReached {
  requireParticipant(caller, reached, 'pull:write');
  const isOnlyState = state !== undefined && Object.keys(others).length === 0;
  requireAuthorOr(isOnlyState ? TRIAGE : WRITE, caller, reached);
  return reached;
}

/** What is proposed from now on; null: nothing else than before. */
async function readAnew(context: Context, reached: PullReached, { base, state }: PullUpdate): Promise<Proposal | null> {
  const { pull } = reached;
  const isRetargeted = base !== undefined && branchRef(base) !== pull.base.refName;
  const comesBack = state === 'open' && pull.state !== 'open';
  if (!isRetargeted && !comesBack) return null;
  if (pull.state === 'merged' && comesBack) throw refusal('state cannot be changed. The pull request was merged.', 'state', 'invalid');
  if (pull.state !== 'open' && isRetargeted) throw refusal('Cannot change the base branch of a closed pull request.', 'base', 'invalid');
  const baseRef = isRetargeted ? branchRef(base) : pull.base.refName;
  const [to, from] = [branchOf(baseRef), branchOf(pull.head.refName)];
  const proposal = await readProposal(context, reached, baseRef, pull.head);
  const refuse = (why: string) =>
    comesBack ? refusal(`state cannot be changed. ${why}`, 'state', 'invalid') : refusal(why, 'base', 'invalid');
  switch (proposal) {
    case 'no base':
      throw refuse(comesBack ? `The ${to} branch has been deleted.` : `Proposed base branch '${to}' was not found`);
    case 'no head':
      throw refuse(`The ${from} branch has been deleted.`);
    case 'nothing new':
      throw refuse(`There are no new commits between base branch '${to}' and head branch '${from}'`);
    case 'unrelated':
      throw refuse(`The ${from} branch has no history in common with ${to}`);
    default:
      if (await hasTwin(context.store.read, pull.repositoryId, proposal, pull.id)) throw refuse(twin(proposal));
      return proposal;
  }
}

function twin({ base, head }: Proposal): string {
  return `A pull request already exists for base branch '${branchOf(base.refName)}' and head branch '${branchOf(head.refName)}'`;
}

async function propose(tx: Transaction, record: Recorder, reached: PullReached, anew: Proposal): Promise<true> {
  const { pull } = reached;
  if (await hasTwin(tx, pull.repositoryId, anew, pull.id)) throw refusal(twin(anew));
  const { base, head, changeId } = anew;
  const hasMoved = head.id !== pull.head.id;
  await tx.pulls.updatePull(pull.id, { base, changeId });
  if (hasMoved) await tx.pulls.updateHead(pull.id, { headId: head.id, baseId: base.id, changeId, pusherId: anew.lastPusherId });
  if (pull.state === 'closed') {
    await tx.pulls.reopen(pull.id);
    record(aboutPull(reached, pull, { action: 'pull_request.reopen', operation: 'modify', data: { head_sha: head.id } }));
  }
  if (base.refName !== pull.base.refName) {
    record(
      aboutPull(reached, pull, {
        action: 'pull_request.update',
        operation: 'modify',
        data: { base: base.refName, old_base: pull.base.refName },
      }),
    );
    await dismissApprovals(tx, record, reached, pull, 'The base branch was changed.');
  } else {
    // What the row says of the head may be older than the approvals: each is held against the commit that it was given to.
    await dismissApprovals(tx, record, reached, pull, `${labelOf(head)} changed while the pull request was closed.`, head.id);
  }
  return true;
}

async function edit(tx: Transaction, record: Recorder, reached: PullReached, update: PullUpdate): Promise<boolean> {
  const { pull } = reached;
  const fields = (['title', 'body', 'maintainerCanModify'] as const).filter(
    (field) => update[field] !== undefined && update[field] !== pull[field],
  );
  if (fields.length === 0) return false;
  await tx.pulls.updatePull(pull.id, Object.fromEntries(fields.map((field) => [field, update[field]])));
  // The log is for ever, and what people write is theirs to take back: it says that the body changed, not from what to what.
  const titles = fields.includes('title') ? { title: update.title, old_title: pull.title } : {};
  record(aboutPull(reached, pull, { action: 'pull_request.update', operation: 'modify', data: { ...titles, changed: fields } }));
  return true;
}

/** Closed, or a draft, or none any more. */
async function turn(tx: Transaction, record: Recorder, reached: PullReached, { state, draft }: PullUpdate): Promise<boolean> {
  const { pull } = reached;
  const isClosed = state === 'closed' && pull.state === 'open';
  const isTurned = draft !== undefined && draft !== pull.draft && pull.state !== 'merged';
  if (isTurned) {
    await tx.pulls.updatePull(pull.id, { draft });
    const action = draft ? 'pull_request.converted_to_draft' : 'pull_request.ready_for_review';
    record(aboutPull(reached, pull, { action, operation: 'modify' }));
  }
  if (isClosed) {
    await tx.pulls.close(pull.id);
    record(aboutPull(reached, pull, { action: 'pull_request.close', operation: 'modify' }));
  }
  return isTurned || isClosed;
}
