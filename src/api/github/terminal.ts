import { branchOf } from '#model/ref-name.ts';
import type { RefVerdict, Violation } from '#model/verdict.ts';
import { isGitlabViolation, isRulesetViolation, type Reason, reasonsOf, shortfallsOf, standingViolations } from './violations.ts';

/** Reasons of refused refs as clients know them; scripts search for these very words. */
const CLASSIC = 'protected branch hook declined';
const RULES = 'push declined due to repository rule violations';
const maximumItems = 20;

export interface Refused {
  readonly refName: string;
  readonly verdict: RefVerdict;
}

/**
 * What a git client is shown for one refused ref, in the layouts GH006 (protections) and GH013 (rulesets) of spec/github.md 2.7, and the reason that
 * stands behind the ref. Null as a reason: no rule in GitHub's terms refused it.
 */
export function refusalLines({ refName, verdict }: Refused, rulesUrl: string): { lines: string[]; reason: string | null } {
  const standing = standingViolations(verdict);
  const ofRepository = standing.filter((one) => one.sources[0].kind === 'repository');
  const ofRulesets = standing.filter(isRulesetViolation);
  const ofProtections = standing.filter(
    (one) => !isRulesetViolation(one) && !isGitlabViolation(one) && one.sources[0].kind === 'protection',
  );
  const lines = [
    ...forcePushLine(refName, [...ofProtections, ...ofRulesets]),
    ...(ofProtections.length === 0
      ? []
      : [`error: GH006: Protected branch update failed for ${refName}.`, '', ...reasonLines(ofProtections, rulesUrl)]),
    ...(ofRulesets.length === 0
      ? []
      : [
          `error: GH013: Repository rule violations found for ${refName}.`,
          `Review all repository rules at ${rulesUrl}`,
          '',
          ...reasonLines(ofRulesets, rulesUrl),
        ]),
    ...ofRepository.map((one) => `error: ${reasonsOf([one])[0]?.sentence ?? one.code}`),
    ...shortfallLines(standing),
  ];
  const repositoryReason = ofRepository[0] === undefined ? null : repositoryReasonOf(ofRepository[0], refName);
  return { lines, reason: repositoryReason ?? (ofProtections.length > 0 ? CLASSIC : ofRulesets.length > 0 ? RULES : null) };
}

/** Tools look for this code to tell a forbidden force push from other refusals (spec/clients.md section 3). */
function forcePushLine(refName: string, violations: readonly Violation[]): string[] {
  const isForced = violations.some((one) => one.code === 'force_push');
  return isForced ? [`error: GH003: Sorry, force-pushing to ${branchOf(refName) ?? refName} is not allowed.`] : [];
}

function repositoryReasonOf(violation: Violation, refName: string): string {
  const [reason] = reasonsOf([violation]);
  return violation.code === 'default_branch_deletion'
    ? `refusing to delete the current branch: ${refName}`
    : (reason?.sentence ?? violation.code);
}

/** Each reason on a line of its own, what it speaks of below it, a blank line after. */
function reasonLines(violations: readonly Violation[], moreUrl: string): string[] {
  return reasonsOf(violations).flatMap((reason) => [`- ${reason.sentence}`, ...itemLines(reason, moreUrl), '']);
}

function itemLines({ items }: Reason, moreUrl: string): string[] {
  if (items.length === 0) return [];
  const shown = items.slice(0, maximumItems).map((item) => `  ${item}`);
  const more = items.length > maximumItems ? [`  … and ${items.length - maximumItems} more: ${moreUrl}`] : [];
  return [`  Found ${items.length} ${items.length === 1 ? 'violation' : 'violations'}:`, '', ...shown, ...more];
}

function shortfallLines(standing: ReturnType<typeof standingViolations>): string[] {
  const shortfalls = shortfallsOf(standing);
  return shortfalls.length === 0 ? [] : [`The elevated token of this push did not pass: ${shortfalls.join('; ')}.`, ''];
}

/** What a git client is shown for one ref that passed in spite of violations (spec/github.md 2.8, decision 10). */
export function receiptLines(
  { refName, verdict }: Refused,
  sentences: (violations: readonly Violation[]) => readonly string[],
  record: string,
): string[] {
  const waived = verdict.violations.filter((one) => !one.observedOnly);
  return [`Bypassed rule violations for ${refName}:`, '', ...sentences(waived).flatMap((sentence) => [`- ${sentence}`, '']), record];
}
