import type { ObjectId } from '#model/ref-update.ts';
import type { OwnerDemand, Participant, Review, Reviewer, UnmetReview } from '#model/review.ts';
import { WRITE } from '#model/rung.ts';

/** A pull request as its reviews see it, read at the moment of the decision. */
export interface ReviewedPull {
  readonly head: ObjectId;
  readonly author: Participant;
  /** Who pushed the head; null: not known. */
  readonly lastPusher: Participant | null;
  readonly reviews: readonly Review[];
  /** Those of each other open pull request with the same head: a demand for changes there counts here. */
  readonly reviewsElsewhere: readonly (readonly Review[])[];
  /** By account. Who is missing may do nothing. */
  readonly reviewers: ReadonlyMap<number, Reviewer>;
}

/** What the rule asks (spec/github.md 2.5 a); no demands where code owners are not asked. */
export interface ReviewRule {
  readonly approvals: number;
  readonly owners: readonly OwnerDemand[];
  readonly lastPush: boolean;
}

export interface ReviewState {
  /** Accounts whose approval stands and counts. */
  readonly approvedBy: readonly number[];
  readonly approvals: number;
  readonly changesRequestedBy: readonly number[];
  /** Everything that is asked and not there; empty: the reviews are in order. */
  readonly unmet: readonly UnmetReview[];
}

/**
 * Where the reviews of a pull request stand. A reviewer's last word counts, comments aside; a word that was dismissed is none, and brings
 * no earlier one back. It counts from who may write now, and never from the author or whoever has a person in common with the author.
 */
export function reviewState(pull: ReviewedPull, rule: ReviewRule): ReviewState {
  const counting = (stances: readonly Stance[]) => stances.filter((stance) => mayCount(stance.reviewer, pull));
  const here = counting(stancesOf(pull.reviews));
  const everywhere = [...here, ...pull.reviewsElsewhere.flatMap((reviews) => counting(stancesOf(reviews)))];
  const approving = here.filter((stance) => stance.approvedHeads.length > 0);
  const approvers = approving.map((stance) => pull.reviewers.get(stance.reviewer)!);
  const changesRequestedBy = [...new Set(everywhere.filter((stance) => stance.wantsChanges).map((stance) => stance.reviewer))];
  const ofHead = approving
    .filter((stance) => stance.approvedHeads.includes(pull.head))
    .map((stance) => pull.reviewers.get(stance.reviewer)!);
  const approvals = approvalsBy(approvers);
  const demands = rule.owners.filter(
    (demand) => approvalsBy(approvers.filter(({ id }) => demand.accounts.includes(id))) < demand.approvals,
  );
  const unmet: UnmetReview[] = [];
  if (changesRequestedBy.length > 0) unmet.push({ kind: 'changes-requested', by: changesRequestedBy });
  if (approvals < rule.approvals) unmet.push({ kind: 'approvals', needed: rule.approvals, given: approvals });
  if (demands.length > 0) unmet.push({ kind: 'code-owners', demands });
  if (rule.lastPush && !lastPushIsApproved(pull.lastPusher, ofHead)) unmet.push({ kind: 'last-push', pusher: pull.lastPusher?.id ?? null });
  return { approvedBy: approvers.map(({ id }) => id), approvals, changesRequestedBy, unmet };
}

/** Where one reviewer stands. */
interface Stance {
  readonly reviewer: number;
  readonly wantsChanges: boolean;
  /** What was approved since anything else was said. More than one: who approves again takes no approval back. */
  readonly approvedHeads: readonly ObjectId[];
}

function stancesOf(reviews: readonly Review[]): Stance[] {
  const stances = new Map<number, Stance>();
  for (const { reviewer, state, head, sudoBy } of [...reviews].sort(inOrder)) {
    if (state === 'commented' || sudoBy !== null) continue;
    const approvedHeads = state === 'approved' ? [...(stances.get(reviewer)?.approvedHeads ?? []), head] : [];
    stances.set(reviewer, { reviewer, wantsChanges: state === 'changes_requested', approvedHeads });
  }
  return [...stances.values()];
}

/** Said in the same millisecond, what stands in the way is the last word. */
function inOrder(a: Review, b: Review): number {
  const weight = ({ state }: Review): number => (state === 'approved' ? 0 : 1);
  return a.saidAt - b.saidAt || weight(a) - weight(b) || a.id - b.id;
}

function mayCount(account: number, { reviewers, author }: ReviewedPull): boolean {
  const reviewer = reviewers.get(account);
  return reviewer !== undefined && reviewer.rung >= WRITE && reviewer.people.length > 0 && !areOne(reviewer, author);
}

/** A person and the robots that the person answers for are one (decision 25). */
export function areOne(a: Participant, b: Participant): boolean {
  return a.people.some((person) => b.people.includes(person));
}

/**
 * How many people approved. What several people answer for together adds to no count: either of them may be behind an approval that
 * is counted already.
 */
function approvalsBy(approvers: readonly Participant[]): number {
  const alone = new Set(approvers.filter(({ people }) => people.length === 1).map(({ people }) => people[0]!));
  return Math.max(alone.size, Math.min(approvers.length, 1));
}

/** Somebody else has approved the very head. Where nobody knows who pushed it, of two people one is somebody else. */
function lastPushIsApproved(pusher: Participant | null, approvers: readonly Participant[]): boolean {
  if (pusher === null) return approvalsBy(approvers) >= 2;
  return approvers.some((approver) => !areOne(approver, pusher));
}
