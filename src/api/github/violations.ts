import type { JudgedViolation, RefVerdict, Violation } from '#model/verdict.ts';

const guide =
  'https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches';

/** GitHub's sentence for each of our codes (spec/github.md 9). A rule of a ruleset may say the same thing differently. */
const sentencesByCode: Readonly<Record<string, (values: Violation['values']) => string>> = {
  pull_request_required: () => 'Changes must be made through a pull request.',
  status_check_expected: ({ context }) => `Required status check "${context}" is expected.`,
  status_check_pending: ({ context }) => `Required status check "${context}" is pending.`,
  status_check_queued: ({ context }) => `Required status check "${context}" is queued.`,
  status_check_in_progress: ({ context }) => `Required status check "${context}" is in progress.`,
  status_check_failing: ({ context }) => `Required status check "${context}" is failing.`,
  status_check_wrong_app: ({ context }) => `Required status check "${context}" was not set by the expected GitHub app.`,
  not_listed: () => `You're not authorized to push to this branch. Visit ${guide} for more information.`,
  creation_not_listed: () => `You're not authorized to push to this branch. Visit ${guide} for more information.`,
  push_not_allowed: () => `You're not authorized to push to this branch. Visit ${guide} for more information.`,
  merge_not_allowed: () => `You're not authorized to merge into this branch. Visit ${guide} for more information.`,
  creation_not_allowed: () => 'Cannot create ref due to creations being restricted.',
  creation_from_unprotected: () => 'A new branch of this name must start from an existing protected branch.',
  creation_by_git: () => 'A branch of this name can be created by the API only.',
  deletion_needs_maintainer: () => 'Cannot delete this protected branch: only an administrator of the repository can.',
  deletion_not_by_git: () => 'Cannot delete this protected branch by git: only by the API.',
  force_push: () => 'Cannot force-push to this branch',
  deletion: () => 'Cannot delete this protected branch',
  creation: () => 'Cannot create ref due to creations being restricted.',
  update: () => 'Cannot update this protected ref.',
  merge_commits: () => 'This branch must not contain merge commits.',
  unverified_commits: () => 'Commits must have verified signatures.',
  locked: () => 'Cannot change this locked branch',
  default_branch_deletion: () => 'refusing to delete the current branch',
  archived: () => 'Repository was archived so is read-only.',
  write_needed: () => 'Write access to the repository is needed.',
  credential_dead: ({ why }) => `The credential is not valid any more: ${why}.`,
  reserved_ref: () => 'Refs of this namespace are written by the server only.',
  branch_name_is_id: () => 'A branch name cannot begin like an object id.',
  rule_missing: ({ type }) =>
    `The protection is damaged: it lacks its rule "${type}". Nothing passes it until an administrator saves it again.`,
  rule_unknown: ({ type }) => `The rule "${type}" is not known to this server. Nothing passes it.`,
  rule_damaged: ({ type }) => `The rule "${type}" cannot be read. Nothing passes it until an administrator saves it again.`,
  not_determined: ({ fact, why }) => `It could not be determined whether this is allowed (${fact}: ${why}).`,
};

/** One violation in one sentence, or null for what is not said in GitHub's terms. */
export function sentenceOf(violation: Violation): string | null {
  return sentencesByCode[violation.code]?.(violation.values) ?? null;
}

/** A sentence and what it speaks of: commits, paths, names of checks. */
export interface Reason {
  readonly sentence: string;
  readonly items: readonly string[];
}

/**
 * The reasons of a refusal as GitHub lists them: one for each violation, but several unmet checks in one sentence with their names below it,
 * and what is said twice (by two rules) once.
 */
export function reasonsOf(violations: readonly Violation[]): Reason[] {
  const isCheck = (violation: Violation): boolean => violation.type === 'required_status_checks' && 'unmet' in violation.values;
  const reasons = violations.flatMap((violation): Reason[] => {
    if (isCheck(violation) && Number(violation.values['unmet']) > 1)
      return [
        manyChecks(
          violation,
          violations.filter((one) => isCheck(one) && isSameSource(one, violation)),
        ),
      ];
    const sentence = sentenceOf(violation);
    return sentence === null ? [] : [{ sentence, items: violation.places.map((place) => place.path ?? place.commit ?? '') }];
  });
  return reasons.filter(
    (reason, index) => reasons.findIndex((one) => one.sentence === reason.sentence && String(one.items) === String(reason.items)) === index,
  );
}

function manyChecks({ values }: Violation, all: readonly Violation[]): Reason {
  const states = all.map((one) => one.code.replace('status_check_', '').replaceAll('_', ' '));
  const allExpected = states.every((state) => state === 'expected');
  const counts = Map.groupBy(states, (state) => state);
  const summary = [...counts].map(([state, same]) => `${same.length} ${state}`).join(', ');
  const sentence = allExpected
    ? `${values['unmet']} of ${values['total']} required status checks are expected.`
    : `${values['unmet']} of ${values['total']} required status checks have not succeeded: ${summary}.`;
  return { sentence, items: all.map((one, index) => `${one.values['context']} (${states[index]})`) };
}

function isSameSource(a: Violation, b: Violation): boolean {
  return JSON.stringify(a.sources) === JSON.stringify(b.sources);
}

export function isRulesetViolation(violation: Violation): boolean {
  return violation.sources[0].kind === 'ruleset';
}

export function isGitlabViolation({ sources: [source] }: Violation): boolean {
  return source.kind === 'protection' && source.origin === 'gitlab';
}

/** The violations that stand in the way, those a waiver excuses and those only observed left out. */
export function standingViolations({ violations }: RefVerdict): JudgedViolation[] {
  return violations.filter((violation) => !violation.observedOnly && violation.waivedBy === null);
}

/** Why the token of the request did not help, for people who thought it would. */
const shortfalls: Readonly<Record<string, string>> = {
  via: 'it works on the API and on Git over HTTP only',
  sudo: 'nobody bypasses while acting as somebody else',
  expired: 'it has expired',
  repository: 'it is not for this repository',
  ref: 'it is not for this ref',
  operation: 'it is not for this operation',
  rule_type: 'it does not cover this rule',
  paths: 'it does not cover every path that is touched',
  uses: 'its uses are used up',
  not_accepted: 'this protection accepts no elevated tokens',
  reason_demanded: 'this protection demands a reason: git push -o bypass-reason="…", or the header Sallyport-Bypass-Reason',
  granter: 'whoever granted it may not edit this rule any more',
};

export function shortfallsOf(violations: readonly JudgedViolation[]): string[] {
  return [...new Set(violations.flatMap((violation) => violation.tokenFellShort))].map((shortfall) => shortfalls[shortfall] ?? shortfall);
}
