/** A route of ours that the published description does not have. */
export interface Undescribed {
  /** `GET /repos/{owner}/{repo}/git/refs`, as the dialect names it. */
  readonly route: string;
  /** The described operation whose answers it gives, if there is one. */
  readonly as: string | null;
  readonly reason: string;
  /** Where the specification asks for it. */
  readonly section: string;
}

const protection = '/repos/{owner}/{repo}/branches/{branch+}/protection';
const admins = '/repos/{owner}/{repo}/branches/{branch}/protection/enforce_admins';

/** Every one of them, with what it is for. */
export const undescribed: readonly Undescribed[] = [
  ...['allow_deletions', 'allow_force_pushes'].flatMap((name) =>
    ['GET', 'POST', 'DELETE'].map((method) => ({
      route: `${method} ${protection}/${name}`,
      as: `${method} ${admins}`,
      reason: 'PyGithub asks for the first; the second is its twin',
      section: 'github.md 1.1.12',
    })),
  ),
  {
    route: 'GET /repos/{owner}/{repo}/git/refs',
    as: 'GET /repos/{owner}/{repo}/git/matching-refs/{ref}',
    reason: 'the older list of refs, which clients still ask for',
    section: 'github.md 1.9',
  },
  {
    route: 'GET /repos/{owner}/{repo}/git/refs/{ref+}',
    as: null,
    reason: 'the older way to read a ref, or the refs below a name, which clients still use',
    section: 'clients.md 4',
  },
  {
    route: 'GET /repos/{owner}/{repo}/contents',
    as: 'GET /repos/{owner}/{repo}/contents/{path}',
    reason: 'the described path with nothing after its slash: the root folder',
    section: 'github.md 1.9',
  },
  ...['PUT', 'DELETE'].map((method) => ({
    route: `${method} /repos/{owner}/{repo}/pulls/comments/{comment_id}/resolution`,
    as: null,
    reason: 'ours: GitHub resolves threads by GraphQL alone, and what a rule demands must be possible here',
    section: 'github.md 1.8',
  })),
];

/** Other names of described paths: by id, as Link headers and Terraform write them. */
export const aliases: readonly { readonly path: string; readonly of: string; readonly section: string }[] = [
  { path: '/repositories/{repository_id}', of: '/repos/{owner}/{repo}', section: 'github.md 1.6' },
  { path: '/organizations/{org_id}/team/{team_id}', of: '/orgs/{org}/teams/{team_slug}', section: 'clients.md 4' },
];

/** Operations whose place in the documentation is not what the description says it is. */
export const documentedElsewhere: Readonly<Record<string, string>> = {
  // A template of theirs that was not filled in.
  'meta/meta#get-github-meta-information': 'meta/meta#get-apiname-meta-information',
  // The description links to pages that have moved.
  'checks/runs#create-a-check-run': 'checks#create-a-check-run',
  'pulls/review-requests#request-reviewers-for-a-pull-request': 'pulls#request-reviewers-for-a-pull-request',
};
