import type { Protection } from '#model/protection.ts';
import type { Urls } from '../urls.ts';
import { actorObjects, type Directory } from './actors.ts';
import { type PullRequestParameters, type RestrictionParameters, readRules, type StatusCheckParameters } from './rules.ts';

/** Where a protection is shown: its own URL, and who is who. */
export interface Showing {
  /** `…/branches/main/protection` */
  readonly url: string;
  readonly directory: Directory;
  readonly urls: Urls;
}

/**
 * A protection with keys in the order that GitHub answers with. What is not switched on is absent, never null (spec/github.md 1.1.1).
 */
export function protectionObject(protection: Protection, showing: Showing) {
  const rules = readRules(protection);
  const { url } = showing;
  return {
    url,
    ...(rules.statusChecks && {
      required_status_checks: {
        ...statusChecksObject(rules.statusChecks, showing),
        enforcement_level: protection.enforceAdmins ? 'everyone' : 'non_admins',
      },
    }),
    ...(rules.restriction && { restrictions: restrictionsObject(rules.restriction, showing) }),
    ...(rules.pullRequest && { required_pull_request_reviews: reviewsObject(rules.pullRequest, showing) }),
    required_signatures: signaturesObject(protection, showing),
    enforce_admins: adminsObject(protection, showing),
    required_linear_history: { enabled: rules.linearHistory },
    allow_force_pushes: { enabled: rules.forcePushes },
    allow_deletions: { enabled: rules.deletions },
    block_creations: { enabled: rules.restriction?.coversCreation === true },
    required_conversation_resolution: { enabled: rules.conversations },
    lock_branch: { enabled: rules.lock !== null },
    allow_fork_syncing: { enabled: rules.lock?.forkSync === true },
  };
}

export function statusChecksObject({ strict, checks }: StatusCheckParameters, { url }: Showing) {
  const own = `${url}/required_status_checks`;
  return {
    url: own,
    strict,
    contexts: checks.map((check) => check.context),
    contexts_url: `${own}/contexts`,
    checks: checks.map(({ context, app }) => ({ context, app_id: app })),
  };
}

export function reviewsObject(
  { approvals, dismissStale, codeOwners, lastPush, dismissal, passes }: PullRequestParameters,
  { url, directory, urls }: Showing,
) {
  const dismissalUrl = `${url}/dismissal_restrictions`;
  return {
    url: `${url}/required_pull_request_reviews`,
    ...(dismissal.mode === 'listed' && {
      dismissal_restrictions: {
        url: dismissalUrl,
        users_url: `${dismissalUrl}/users`,
        teams_url: `${dismissalUrl}/teams`,
        ...actorObjects(dismissal.actors, directory, urls),
      },
    }),
    ...(passes.length > 0 && { bypass_pull_request_allowances: actorObjects(passes, directory, urls) }),
    dismiss_stale_reviews: dismissStale,
    require_code_owner_reviews: codeOwners,
    required_approving_review_count: approvals,
    require_last_push_approval: lastPush,
  };
}

export function restrictionsObject({ grants }: RestrictionParameters, { url, directory, urls }: Showing) {
  const own = `${url}/restrictions`;
  return {
    url: own,
    users_url: `${own}/users`,
    teams_url: `${own}/teams`,
    apps_url: `${own}/apps`,
    ...actorObjects(grants, directory, urls),
  };
}

export function signaturesObject(protection: Protection, { url }: Pick<Showing, 'url'>) {
  return { url: `${url}/required_signatures`, enabled: readRules(protection).signatures };
}

export function adminsObject({ enforceAdmins }: Protection, { url }: Pick<Showing, 'url'>) {
  return { url: `${url}/enforce_admins`, enabled: enforceAdmins };
}
