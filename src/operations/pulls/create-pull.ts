import type { Caller } from '#model/caller.ts';
import type { PullRequest } from '#model/pull-request.ts';
import { branchOf, branchRef } from '#model/ref-name.ts';
import { WRITE } from '#model/rung.ts';
import { type Reached, type RepositoryKey, reachCode, requireActor, requireInRepository } from '../access.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';
import { atRest, untilAtRest } from './at-rest.ts';
import { hasTwin, headNamed, labelOf, type Proposal, readProposal, refusal, seenOf } from './propose.ts';
import { aboutPull, isApp, requireParticipant } from './reach-pull.ts';

export interface PullInput {
  readonly title: string;
  readonly body: string | null;
  readonly draft: boolean;
  readonly base: string;
  /** `branch` or `owner:branch`. */
  readonly head: string;
  readonly maintainerCanModify: boolean;
}

/**
 * Proposes what one branch has to be merged into another. Whoever reads a public or an internal repository may; in a private one a writer.
 * What is proposed is read from git, and written while the branches stand still.
 */
export async function createPull(context: Context, caller: Caller, key: RepositoryKey, input: PullInput): Promise<PullRequest> {
  return untilAtRest(async () => {
    const early = await admitOpener(caller, () => reachCode(context.store.read, caller, key, Date.now(), 'pull:write'));
    const { id } = early.repository;
    const proposal = await requireProposal(context, early, input);
    return atRest(context.gate, early.repository, seenOf(early.repository, proposal), () =>
      change(context, caller, async (tx, record, as) => {
        const reached = await admitOpener(as, () => reachCode(tx, as, { id }, tx.now, 'pull:write'));
        if (await hasTwin(tx, id, proposal)) throw refusal(`A pull request already exists for ${labelOf(proposal.head)}.`);
        const { title, body, draft, maintainerCanModify } = input;
        const authorId = requireActor(as).user.id;
        const pull = await tx.pulls.insertPull({ ...proposal, repositoryId: id, authorId, title, body, draft, maintainerCanModify });
        const { base, head } = proposal;
        const ends = { base: base.refName, base_sha: base.id, head: labelOf(head), head_sha: head.id };
        record(aboutPull(reached, pull, { action: 'pull_request.create', operation: 'create', data: { ...ends, draft } }));
        return pull;
      }),
    );
  });
}

async function admitOpener(caller: Caller, reach: () => Promise<Reached>): Promise<Reached> {
  requireActor(caller);
  const reached = await reach();
  requireParticipant(caller, reached, 'pull:write');
  if (reached.repository.visibility === 'private' && !isApp(caller))
    requireInRepository(caller, reached, { rung: WRITE, capability: 'pull:write' });
  return reached;
}

async function requireProposal(context: Context, reached: Reached, { base, head }: PullInput): Promise<Proposal> {
  const from = headNamed(reached, head);
  if (from === null) throw refusal(`There is no branch ${head}`, 'head', 'invalid');
  const proposal = await readProposal(context, reached, branchRef(base), from);
  switch (proposal) {
    case 'no base':
      throw refusal(`There is no branch ${base}`, 'base', 'invalid');
    case 'no head':
      throw refusal(`There is no branch ${head}`, 'head', 'invalid');
    case 'nothing new':
      throw refusal(`No commits between ${base} and ${branchOf(from.refName)}`);
    case 'unrelated':
      throw refusal(`The ${branchOf(from.refName)} branch has no history in common with ${base}`);
    default:
      return proposal;
  }
}
