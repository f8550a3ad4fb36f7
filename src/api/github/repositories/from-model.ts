import { READ } from '#model/rung.ts';
import type { Reached } from '#operations/access.ts';
import type { Network } from '#operations/repositories/read-network.ts';
import { simpleOrganization, simpleUser } from '../accounts/from-model.ts';
import { permissionFlags } from '../permissions.ts';
import { nodeId, timestamp } from '../time.ts';
import type { Urls } from '../urls.ts';

/** Sub-resources whose URLs stand in every repository object; braces are for the client to fill in. */
const templates: readonly (readonly [key: string, suffix: string])[] = [
  ['archive_url', '/{archive_format}{/ref}'],
  ['assignees_url', '/assignees{/user}'],
  ['blobs_url', '/git/blobs{/sha}'],
  ['branches_url', '/branches{/branch}'],
  ['collaborators_url', '/collaborators{/collaborator}'],
  ['comments_url', '/comments{/number}'],
  ['commits_url', '/commits{/sha}'],
  ['compare_url', '/compare/{base}...{head}'],
  ['contents_url', '/contents/{+path}'],
  ['contributors_url', '/contributors'],
  ['deployments_url', '/deployments'],
  ['downloads_url', '/downloads'],
  ['events_url', '/events'],
  ['forks_url', '/forks'],
  ['git_commits_url', '/git/commits{/sha}'],
  ['git_refs_url', '/git/refs{/sha}'],
  ['git_tags_url', '/git/tags{/sha}'],
  ['hooks_url', '/hooks'],
  ['issue_comment_url', '/issues/comments{/number}'],
  ['issue_events_url', '/issues/events{/number}'],
  ['issues_url', '/issues{/number}'],
  ['keys_url', '/keys{/key_id}'],
  ['labels_url', '/labels{/name}'],
  ['languages_url', '/languages'],
  ['merges_url', '/merges'],
  ['milestones_url', '/milestones{/number}'],
  ['notifications_url', '/notifications{?since,all,participating}'],
  ['pulls_url', '/pulls{/number}'],
  ['releases_url', '/releases{/id}'],
  ['stargazers_url', '/stargazers'],
  ['statuses_url', '/statuses/{sha}'],
  ['subscribers_url', '/subscribers'],
  ['subscription_url', '/subscription'],
  ['tags_url', '/tags'],
  ['teams_url', '/teams'],
  ['trees_url', '/git/trees{/sha}'],
];

export function fullName({ owner, repository }: Pick<Reached, 'owner' | 'repository'>): string {
  return `${owner.login}/${repository.name}`;
}

/** What every mention of a repository carries. */
export function minimalRepository(reached: Pick<Reached, 'owner' | 'repository'>, urls: Urls) {
  const { repository, owner } = reached;
  const url = urls.repo(fullName(reached));
  return {
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: fullName(reached),
    private: repository.visibility !== 'public',
    owner: simpleUser(owner, urls),
    html_url: urls.repoHtml(fullName(reached)),
    description: repository.description,
    fork: repository.parentId !== null,
    url,
    ...Object.fromEntries(templates.map(([key, suffix]) => [key, url + suffix])),
  };
}

/** A repository as lists show it; `forks`: how many direct ones repositories have, by their ids. */
export function repositoryObject(reached: Reached, urls: Urls, forks: ReadonlyMap<number, number>) {
  const { repository, rung } = reached;
  const name = fullName(reached);
  const host = new URL(urls.base);
  const { settings } = repository;
  const forksCount = forks.get(repository.id) ?? 0;
  return {
    ...minimalRepository(reached, urls),
    git_url: `git://${host.host}/${name}.git`,
    ssh_url: `git@${host.hostname}:${name}.git`,
    clone_url: `${urls.base}/${name}.git`,
    svn_url: urls.repoHtml(name),
    mirror_url: null,
    homepage: repository.homepage,
    language: null,
    forks_count: forksCount,
    stargazers_count: 0,
    watchers_count: 0,
    size: 0,
    default_branch: repository.defaultBranch,
    open_issues_count: 0,
    is_template: false,
    topics: [],
    has_issues: settings.hasIssues,
    has_projects: settings.hasProjects,
    has_wiki: settings.hasWiki,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    archived: repository.archived,
    disabled: false,
    visibility: repository.visibility,
    license: null,
    forks: forksCount,
    open_issues: 0,
    watchers: 0,
    allow_forking: settings.allowForking,
    web_commit_signoff_required: settings.webCommitSignoffRequired,
    pushed_at: timestamp(repository.pushedAt ?? repository.createdAt),
    created_at: timestamp(repository.createdAt),
    updated_at: timestamp(repository.updatedAt),
    // Whoever sees a repository that is not private may read it.
    permissions: permissionFlags(repository.visibility === 'private' ? rung : Math.max(rung, READ)),
  };
}

/** One repository in full; how it merges is shown to writers only, and what it is a fork of to those who may see that. */
export function fullRepository(reached: Reached, urls: Urls, { parent, source, forks, size }: Network) {
  const { repository, owner, rung } = reached;
  const { settings } = repository;
  return {
    ...repositoryObject(reached, urls, forks),
    object_format: repository.objectFormat,
    ...(rung >= 30 && {
      allow_rebase_merge: settings.allowRebaseMerge,
      allow_squash_merge: settings.allowSquashMerge,
      allow_auto_merge: settings.allowAutoMerge,
      delete_branch_on_merge: settings.deleteBranchOnMerge,
      allow_merge_commit: settings.allowMergeCommit,
      allow_update_branch: settings.allowUpdateBranch,
      squash_merge_commit_title: settings.squashMergeCommitTitle,
      squash_merge_commit_message: settings.squashMergeCommitMessage,
      merge_commit_title: settings.mergeCommitTitle,
      merge_commit_message: settings.mergeCommitMessage,
    }),
    ...(parent && { parent: repositoryObject(parent, urls, forks) }),
    ...(source && { source: repositoryObject(source, urls, forks) }),
    network_count: size,
    subscribers_count: 0,
    ...(owner.kind === 'organization' && { organization: { ...simpleOrganization(owner, urls), ...simpleUser(owner, urls) } }),
  };
}
