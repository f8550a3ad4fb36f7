import * as github from '#api/github/terminal.ts';
import { isGitlabViolation, reasonsOf, sentenceOf, shortfallsOf, standingViolations } from '#api/github/violations.ts';
import * as gitlab from '#api/gitlab/violations.ts';
import { REFUSED_WITH_OTHERS } from '#gate/landing.ts';
import type { JudgedUpdate, PushWordsContext, Words } from '#gate/words.ts';
import { BYPASS_SCOPE } from '#model/capability.ts';
import type { JudgedViolation, Violation } from '#model/verdict.ts';

/** Refs that are shown in full; a push of thousands must not drown its own reasons. */
const maximumRefs = 20;

/**
 * The words of a push, each violation in the terms of the origin it comes from (decision 22). Where several origins refuse one ref all of them are
 * printed, and the reason is GitLab's, else the protection's, else the ruleset's (spec/model.md 3.2).
 */
export function pushWords(publicUrl: () => string): Words {
  return {
    refusal(refused, context) {
      const blocks = refused.map((one) => refusalOf(one, rulesUrl(publicUrl(), one, context)));
      const lines = blocks.slice(0, maximumRefs).flatMap((block) => block.lines);
      const more = blocks.length > maximumRefs ? [`… and ${blocks.length - maximumRefs} more refs were refused.`] : [];
      const unread = context.contentUnread && refused.length > 0 ? ['The pushed content was not examined.'] : [];
      return { lines: [...lines, ...more, ...unread], reasons: blocks.map((block) => block.reason) };
    },

    receipt(bypassed, { auditNumber, token }) {
      const by = token === null ? '' : `token ${JSON.stringify(token.name)} (${BYPASS_SCOPE}), `;
      const record = `Bypass recorded: ${by}audit entry ${auditNumber}.`;
      return bypassed.flatMap(({ update, verdict }) => github.receiptLines({ refName: update.refName, verdict }, sentencesOf, record));
    },

    dryRun: (judged) => judged.slice(0, maximumRefs).flatMap(dryRunLines),

    describe: describeViolation,
  };
}

function describeViolation(violation: Violation): string {
  const own = isGitlabViolation(violation) ? gitlab.sentenceOf(violation) : null;
  return own ?? sentenceOf(violation) ?? gitlab.sentenceOf(violation) ?? violation.code;
}

function rulesUrl(publicUrl: string, { update }: JudgedUpdate, { repository }: PushWordsContext): string {
  return `${publicUrl}/${repository}/rules?ref=${encodeURIComponent(update.refName)}`;
}

function refusalOf({ update, verdict }: JudgedUpdate, url: string): { lines: string[]; reason: string } {
  const ofGitlab = standingViolations(verdict).filter(isGitlabViolation);
  const ofGithub = github.refusalLines({ refName: update.refName, verdict }, url);
  const lines = [...ofGithub.lines, ...gitlab.refusalLines(ofGitlab, describeViolation)];
  const reason = ofGitlab.length > 0 ? gitlab.HOOK_DECLINED : (ofGithub.reason ?? REFUSED_WITH_OTHERS);
  return { lines, reason };
}

/** GitHub's way of grouping, with GitLab's sentences among them. */
function sentencesOf(violations: readonly Violation[]): string[] {
  const inGithubTerms = violations.filter((one) => !isGitlabViolation(one));
  return [
    ...reasonsOf(inGithubTerms).map((reason) => reason.sentence),
    ...new Set(violations.filter(isGitlabViolation).map(describeViolation)),
  ];
}

function dryRunLines({ update, verdict }: JudgedUpdate): string[] {
  const outcome = { pass: 'would be accepted', bypass: 'would be accepted, by a bypass', fail: 'would be refused' }[verdict.result];
  const operation = verdict.operation === null ? '' : ` (${verdict.operation})`;
  return [
    `Dry run: ${update.refName}${operation} ${outcome}.`,
    '',
    ...verdict.violations.flatMap((one) => [`- ${describeViolation(one)}`, `  ${waiverLine(one)}`, '']),
    ...(verdict.letInBy.length > 0 ? [`Let in by: ${verdict.letInBy.join(', ')}.`, ''] : []),
  ];
}

function waiverLine(violation: JudgedViolation): string {
  if (violation.observedOnly) return 'observed only: the ruleset is being evaluated';
  if (violation.waivedBy !== null) return `bypassed by: ${violation.waivedBy.kind.replaceAll('_', ' ')}`;
  const shortfalls = shortfallsOf([violation]);
  if (shortfalls.length > 0) return `not bypassed; the elevated token does not pass it: ${shortfalls.join('; ')}`;
  return violation.waivable ? 'not bypassed' : 'nothing bypasses this';
}
