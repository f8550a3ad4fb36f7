import type { Violation } from '#model/verdict.ts';

/** GitLab's sentence for each of our codes, for protections of its origin (spec/gitlab.md 2.5 to 2.8). */
const sentencesByCode: Readonly<Record<string, string>> = {
  push_not_allowed: 'You are not allowed to push code to protected branches on this project.',
  merge_not_allowed: 'You are not allowed to merge code into protected branches on this project.',
  force_push: 'You are not allowed to force push code to a protected branch on this project.',
  creation_not_allowed: 'You are not allowed to create protected branches on this project.',
  creation_from_unprotected: 'You can only use an existing protected branch ref as the basis of a new protected branch.',
  creation_by_git: 'You can only create protected branches using the web interface and API.',
  deletion_needs_maintainer:
    'You are not allowed to delete protected branches from this project. Only a project maintainer or owner can delete a protected branch.',
  deletion_not_by_git: 'You can only delete protected branches using the web interface.',
};

/** The reason git shows behind every ref of a push that such a protection refused. */
export const HOOK_DECLINED = 'pre-receive hook declined';

export function sentenceOf({ code }: Violation): string | null {
  return sentencesByCode[code] ?? null;
}

/** What a git client is shown: every violation, each on a line that begins as GitLab's do. */
export function refusalLines(violations: readonly Violation[], otherwise: (violation: Violation) => string): string[] {
  return [...new Set(violations.map((violation) => `GitLab: ${sentenceOf(violation) ?? otherwise(violation)}`))];
}
