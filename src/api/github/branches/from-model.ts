import type { Protection } from '#model/protection.ts';
import type { Reached } from '#operations/access.ts';
import type { BranchShown } from '#operations/content/read-branches.ts';
import type { CommitShown } from '#operations/content/read-commits.ts';
import { commitObject } from '../commits/from-model.ts';
import { fullName } from '../repositories/from-model.ts';
import { encodePath, type Urls } from '../urls.ts';

/** A branch as lists show it. */
export function shortBranch(branch: BranchShown, reached: Reached, urls: Urls) {
  return {
    name: branch.name,
    commit: { sha: branch.commit, url: `${urls.repo(fullName(reached))}/commits/${branch.commit}` },
    protected: branch.isProtected,
    protection: protectionSummary(branch.protection),
    protection_url: urls.branchProtection(fullName(reached), branch.name),
  };
}

/** One branch with its commit. */
export function fullBranch(branch: BranchShown, commit: CommitShown, reached: Reached, urls: Urls) {
  const name = fullName(reached);
  return {
    name: branch.name,
    commit: commitObject(commit, reached, urls),
    _links: {
      self: `${urls.repo(name)}/branches/${encodePath(branch.name)}`,
      html: `${urls.repoHtml(name)}/tree/${encodePath(branch.name)}`,
    },
    protected: branch.isProtected,
    protection: protectionSummary(branch.protection),
    protection_url: urls.branchProtection(name, branch.name),
  };
}

/** What readers who are no admins see of a protection: its checks, and whom they bind (spec/github.md 1.2). */
function protectionSummary(protection: Protection | null) {
  const checks = protection?.rules.find((rule) => rule.type === 'required_status_checks')?.parameters as
    | { checks: readonly { context: string; app: number | null }[] }
    | undefined;
  return {
    enabled: protection !== null,
    required_status_checks: {
      enforcement_level: checks === undefined ? 'off' : protection?.enforceAdmins ? 'everyone' : 'non_admins',
      contexts: (checks?.checks ?? []).map((check) => check.context),
      checks: (checks?.checks ?? []).map((check) => ({ context: check.context, app_id: check.app })),
    },
  };
}
