import type { Account } from '#model/account.ts';
import { branchOf } from '#model/ref-name.ts';
import type { Reached } from '#operations/access.ts';
import type { PullInFull, PullShown } from '#operations/pulls/read-pulls.ts';
import { simpleUser } from '../accounts/from-model.ts';
import { fullName, repositoryObject } from '../repositories/from-model.ts';
import { teamObject } from '../teams/from-model.ts';
import { nodeId, timestamp } from '../time.ts';
import type { Urls } from '../urls.ts';

type Forks = ReadonlyMap<number, number>;

export function pullUrl(reached: Pick<Reached, 'owner' | 'repository'>, number: number, urls: Urls): string {
  return `${urls.repo(fullName(reached))}/pulls/${number}`;
}

export function pullHtmlUrl(reached: Pick<Reached, 'owner' | 'repository'>, number: number, urls: Urls): string {
  return `${urls.repoHtml(fullName(reached))}/pull/${number}`;
}

/**
 * A pull request as lists show it, with all its keys in GitHub's order (spec/github.md 1.8). `forks`: how many direct ones repositories have,
 * by their ids.
 */
export function pullObject(shown: PullShown, urls: Urls, forks: Forks) {
  const { pull, author } = shown;
  const repo = urls.repo(fullName(shown));
  const url = pullUrl(shown, pull.number, urls);
  const html = pullHtmlUrl(shown, pull.number, urls);
  const issue = `${repo}/issues/${pull.number}`;
  const statuses = `${repo}/statuses/${shown.headId}`;
  const commentTemplate = `${repo}/pulls/comments{/number}`;
  const link = (href: string) => ({ href });
  return {
    url,
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: commentTemplate,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    number: pull.number,
    state: pull.state === 'open' ? 'open' : 'closed',
    locked: false,
    title: pull.title,
    user: author && simpleUser(author, urls),
    body: pull.body,
    labels: [],
    milestone: null,
    active_lock_reason: null,
    created_at: timestamp(pull.createdAt),
    updated_at: timestamp(pull.updatedAt),
    closed_at: timestamp(pull.closedAt),
    merged_at: timestamp(pull.merge?.at ?? null),
    merge_commit_sha: pull.merge?.commit ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: shown.requested.users.map((user) => simpleUser(user, urls)),
    requested_teams: requestedTeams(shown, urls),
    head: endObject(pull.head, shown.headId, shown.headRepository, shown.headOwner, urls, forks),
    base: endObject({ ...pull.base, owner: shown.owner.login }, shown.baseId, shown, shown.owner, urls, forks),
    _links: {
      self: link(url),
      html: link(html),
      issue: link(issue),
      comments: link(`${issue}/comments`),
      review_comments: link(`${url}/comments`),
      review_comment: link(commentTemplate),
      commits: link(`${url}/commits`),
      statuses: link(statuses),
    },
    author_association: shown.association,
    auto_merge: autoMergeObject(shown, urls),
    draft: pull.draft,
  };
}

/** One pull request in full. */
export function fullPull(shown: PullInFull, urls: Urls, forks: Forks) {
  const { pull, merge, mergedBy } = shown;
  return {
    ...pullObject(shown, urls, forks),
    merged: pull.state === 'merged',
    mergeable: merge.mergeable,
    rebaseable: merge.rebaseable,
    mergeable_state: merge.word,
    merged_by: mergedBy && simpleUser(mergedBy, urls),
    comments: 0,
    review_comments: shown.reviewComments,
    maintainer_can_modify: pull.maintainerCanModify,
    commits: merge.commits,
    additions: merge.additions,
    deletions: merge.deletions,
    changed_files: merge.files,
  };
}

export function requestedTeams({ requested, owner }: Pick<PullShown, 'requested' | 'owner'>, urls: Urls) {
  return owner.kind === 'organization' ? requested.teams.map((team) => teamObject(team, owner, urls)) : [];
}

function endObject(
  { owner, refName }: { readonly owner: string; readonly refName: string },
  sha: string,
  reached: Reached | null,
  user: Account | null,
  urls: Urls,
  forks: Forks,
) {
  const ref = branchOf(refName);
  return {
    label: `${owner}:${ref}`,
    ref,
    sha,
    user: user && simpleUser(user, urls),
    repo: reached && repositoryObject(reached, urls, forks),
  };
}

function autoMergeObject({ pull, autoMergeBy }: PullShown, urls: Urls) {
  if (pull.autoMerge === null || autoMergeBy === null) return null;
  const { method, commitTitle, commitMessage } = pull.autoMerge;
  return { enabled_by: simpleUser(autoMergeBy, urls), merge_method: method, commit_title: commitTitle, commit_message: commitMessage };
}
