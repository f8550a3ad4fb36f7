import { invalid, type ProblemError } from '#model/problem.ts';
import type { PullReview } from '#model/pull-request.ts';
import type { ObjectId } from '#model/ref-update.ts';
import { onDisk } from '../content/names.ts';
import type { Context } from '../context.ts';
import { changeBetween, changeIdOf, type PullChange, readChange } from './pull-change.ts';
import type { PullReached } from './reach-pull.ts';

/** A review is of no more commits than are shown. */
const maximumCommits = 250;

export function reviewProblem(message: string, field = 'review'): ProblemError {
  return invalid(field, message, 'custom', 'PullRequestReview');
}

/** What is reviewed: the pull request as it is, or as it was at one of its commits. */
export async function readReviewed(
  { gate }: Context,
  { repository, pull }: PullReached,
  commit: ObjectId | null,
): Promise<{ readonly present: PullChange; readonly reviewed: PullChange }> {
  const present = await readChange(gate, repository, pull);
  if (present === null) throw reviewProblem('The branches of the pull request are gone');
  if (commit === null || commit === present.head) return { present, reviewed: present };
  const { commits } = await onDisk(gate, repository).divergence(present.base, present.head, maximumCommits);
  const reviewed = commits.includes(commit) ? await changeBetween(gate, repository, { base: present.base, head: commit }) : null;
  if (reviewed === null) throw reviewProblem('commit_id is not part of the pull request', 'commit_id');
  return { present, reviewed };
}

/**
 * Refuses an approval of something else than what is proposed now. Attack: a review is begun, or a commit is named, and more is pushed: said
 * afterwards, such an approval would be newer than the push that should have ended it.
 */
export async function refuseStaleApproval(
  { gate }: Context,
  { repository }: PullReached,
  state: PullReview['state'],
  { present, reviewed }: { readonly present: PullChange; readonly reviewed: PullChange },
): Promise<void> {
  if (state !== 'approved' || reviewed.head === present.head) return;
  const [seen, proposed] = await Promise.all([reviewed, present].map((change) => changeIdOf(gate, repository, change)));
  if (seen === null || seen !== proposed) throw reviewProblem('Can not approve a commit that is not what is proposed any more');
}
