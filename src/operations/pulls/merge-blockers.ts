import { readRules } from '#gate/rule-book.ts';
import type { CheckResult } from '#model/facts.ts';
import type { Reads } from '#model/ports/store.ts';
import type { Rule } from '#model/protection.ts';
import type { PullReview } from '#model/pull-request.ts';
import { branchRef } from '#model/ref-name.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Review } from '#model/review.ts';
import { effectiveSources, isObserving } from '#policy/combine.ts';
import { type ReviewedPull, reviewState } from '#policy/review-state.ts';
import { parametersFit } from '#policy/rules/index.ts';
import { type RequiredCheck, unmetChecks } from '#policy/rules/required-status-checks.ts';
import { readParticipants, readReviewers } from './people.ts';
import type { Ends } from './pull-change.ts';
import type { PullReached } from './reach-pull.ts';

/** What the rules of the base have against a merge now, whoever may pass in spite of them. It is shown; the gate decides for itself. */
export interface Blockers {
  readonly isBlocked: boolean;
  /** A rule wants the head to have what the base has. */
  readonly isStrict: boolean;
}

export async function mergeBlockers(reads: Reads, reached: PullReached, { head }: Ends, now: number): Promise<Blockers> {
  const { repository, pull } = reached;
  const sources = effectiveSources(await readRules(reads, repository), pull.base.refName, branchRef(repository.defaultBranch)).filter(
    (source) => !isObserving(source),
  );
  if (sources.length === 0) return { isBlocked: false, isStrict: false };
  const seen = await readSeen(reads, reached, head, now);
  const rules = sources.flatMap((source) => source.rules);
  return {
    isBlocked: sources.some(({ damage }) => damage.length > 0) || rules.some((rule) => blocks(rule, seen)),
    isStrict: rules.some((rule) => rule.type === 'required_status_checks' && (rule.parameters as { strict?: boolean }).strict === true),
  };
}

interface Seen {
  readonly reviewed: ReviewedPull;
  readonly unresolved: number;
  readonly checks: readonly CheckResult[];
}

interface PullRequestRule {
  readonly approvals: number;
  readonly lastPush: boolean;
  readonly codeOwners: boolean;
  readonly threads?: boolean;
}

function blocks(rule: Rule, { reviewed, unresolved, checks }: Seen): boolean {
  if (!parametersFit(rule)) return true;
  switch (rule.type) {
    case 'lock':
      return true;
    case 'pull_request': {
      const { approvals, lastPush, codeOwners, threads } = rule.parameters as PullRequestRule;
      // Whether code owners have approved is not found out here; what is not known is not said to be in order.
      if (codeOwners) return true;
      const { unmet } = reviewState(reviewed, { approvals, lastPush, owners: [] });
      return unmet.length > 0 || (threads === true && unresolved > 0);
    }
    case 'code_owner_review':
      return true;
    case 'conversation_resolution':
      return unresolved > 0;
    case 'required_status_checks':
      return unmetChecks(checks, (rule.parameters as { checks: readonly RequiredCheck[] }).checks).length > 0;
    default:
      return false;
  }
}

async function readSeen(reads: Reads, { pull, repository }: PullReached, head: ObjectId, now: number): Promise<Seen> {
  const others = (await reads.pulls.listOpenByHeadId(repository.id, head)).filter(({ id }) => id !== pull.id);
  const [submitted, unresolved, checks] = await Promise.all([
    reads.reviews.listSubmitted([pull.id, ...others.map(({ id }) => id)]),
    reads.reviewComments.countUnresolved(pull.id),
    reads.checks.listResults(repository.id, [head]),
  ]);
  const reviewsOf = (id: number): Review[] => submitted.filter(({ pullId }) => pullId === id).flatMap(asReview);
  const { authorId, lastPusherId } = pull;
  const [people, reviewers] = await Promise.all([
    readParticipants(reads, [authorId, ...(lastPusherId === null ? [] : [lastPusherId])]),
    readReviewers(
      reads,
      repository.id,
      submitted.map(({ userId }) => userId),
      now,
    ),
  ]);
  const reviewed = {
    head,
    author: people.get(authorId) ?? { id: authorId, people: [authorId] },
    lastPusher: lastPusherId === null ? null : (people.get(lastPusherId) ?? null),
    reviews: reviewsOf(pull.id),
    reviewsElsewhere: others.map(({ id }) => reviewsOf(id)),
    reviewers,
  };
  return { reviewed, unresolved, checks: checks.get(head) ?? [] };
}

/** A review as the judgement reads it; one that is pending says nothing. */
function asReview({ id, userId, state, commit, sudoBy, submittedAt }: PullReview): Review[] {
  return state === 'pending' ? [] : [{ id, saidAt: submittedAt ?? 0, reviewer: userId, state, head: commit, sudoBy }];
}
