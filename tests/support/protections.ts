import { type Api, must } from './api.ts';

/** GitHub's PUT with everything switched off; a test says what it wants beside. */
export const allOff = { required_status_checks: null, enforce_admins: null, required_pull_request_reviews: null, restrictions: null };

/** Protects a branch by GitHub's API. What is answered is the protection. */
// biome-ignore lint/suspicious/noExplicitAny: tests look at bodies of every shape
export function protect(api: Api, repository: string, branch: string, settings: Readonly<Record<string, unknown>> = {}): Promise<any> {
  return must(api('PUT', `/repos/${repository}/branches/${branch}/protection`, { ...allOff, ...settings }));
}

export interface RuleInput {
  readonly type: string;
  readonly parameters: unknown;
}

/** Rules of GitHub origin: the two that it always has, and these. */
export function githubRules(...rules: readonly RuleInput[]): RuleInput[] {
  const always = [
    { type: 'non_fast_forward', parameters: { allowed: false } },
    { type: 'deletion', parameters: { allowed: 'nobody' } },
  ];
  return [...always.filter((rule) => !rules.some(({ type }) => type === rule.type)), ...rules];
}

/** Rules of GitLab origin: all that it always has. Nobody may push or merge unless listed. */
export function gitlabRules({
  push = [],
  merge = [],
  force = false,
}: {
  push?: unknown[];
  merge?: unknown[];
  force?: boolean;
}): RuleInput[] {
  return [
    { type: 'push_access', parameters: { grants: push } },
    { type: 'merge_access', parameters: { grants: merge } },
    { type: 'non_fast_forward', parameters: { allowed: force } },
    { type: 'deletion', parameters: { allowed: 'maintainers-by-api' } },
    { type: 'creation', parameters: { mode: 'pushers-or-protected-tip-by-api' } },
  ];
}

export interface NativeProtection {
  readonly origin: 'github' | 'gitlab';
  readonly pattern: string;
  readonly rules: readonly RuleInput[];
  readonly enforce_admins?: boolean;
  readonly manage?: readonly unknown[];
  readonly demands_reason?: boolean;
  readonly accepts_elevated?: boolean;
}

/** Protects the branches of a repository (`owner/name`) or an organization (`name`) that a pattern covers. */
// biome-ignore lint/suspicious/noExplicitAny: tests look at bodies of every shape
export function protectPattern(api: Api, owner: string, protection: NativeProtection): Promise<any> {
  const base = owner.includes('/') ? `/repos/${owner}` : `/orgs/${owner}`;
  return must(api('POST', `/api/sallyport/v1${base}/protections`, protection));
}

/** A team of an organization, as its row in a list of GitHub's origin. */
export async function createTeam(
  api: Api,
  organization: string,
  name: string,
  { parent, members = [], grants = {} }: { parent?: number; members?: readonly string[]; grants?: Readonly<Record<string, string>> } = {},
): Promise<{ id: number; slug: string }> {
  const team = await must(
    api('POST', `/orgs/${organization}/teams`, { name, privacy: 'closed', ...(parent !== undefined && { parent_team_id: parent }) }),
  );
  for (const login of members) await must(api('PUT', `/orgs/${organization}/teams/${team.slug}/memberships/${login}`, {}));
  for (const [repository, permission] of Object.entries(grants))
    await must(api('PUT', `/orgs/${organization}/teams/${team.slug}/repos/${repository}`, { permission }));
  return { id: team.id, slug: team.slug };
}
