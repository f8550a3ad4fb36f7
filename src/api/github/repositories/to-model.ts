import type { Static } from 'typebox';
import type { Repository, RepositorySettings } from '#model/repository.ts';
import type { NewRepositoryInput } from '#operations/repositories/create-repository.ts';
import type { RepositoryChanges } from '#operations/repositories/update-repository.ts';
import type { newRepositoryBody, repositoryChangesBody } from './schema.ts';

type Body = Static<typeof repositoryChangesBody>;

const settingNames = {
  has_issues: 'hasIssues',
  has_projects: 'hasProjects',
  has_wiki: 'hasWiki',
  allow_squash_merge: 'allowSquashMerge',
  allow_merge_commit: 'allowMergeCommit',
  allow_rebase_merge: 'allowRebaseMerge',
  allow_auto_merge: 'allowAutoMerge',
  delete_branch_on_merge: 'deleteBranchOnMerge',
  allow_update_branch: 'allowUpdateBranch',
  allow_forking: 'allowForking',
  web_commit_signoff_required: 'webCommitSignoffRequired',
  squash_merge_commit_title: 'squashMergeCommitTitle',
  squash_merge_commit_message: 'squashMergeCommitMessage',
  merge_commit_title: 'mergeCommitTitle',
  merge_commit_message: 'mergeCommitMessage',
} as const satisfies Partial<Record<keyof Body, keyof RepositorySettings>>;

function settingsOf(body: Body): Partial<RepositorySettings> {
  const given = Object.entries(settingNames).flatMap(([name, setting]) => {
    const value = body[name as keyof typeof settingNames];
    return value == null ? [] : [[setting, value]];
  });
  return Object.fromEntries(given) as Partial<RepositorySettings>;
}

/** `visibility` wins over the older `private`; a new repository that says neither is public, as on GitHub. */
function visibilityOf(body: Body): Repository['visibility'] | undefined {
  if (body.visibility != null) return body.visibility;
  if (body.private == null) return undefined;
  return body.private ? 'private' : 'public';
}

export function toNewRepository(body: Static<typeof newRepositoryBody>): NewRepositoryInput {
  return {
    name: body.name,
    description: body.description ?? null,
    homepage: body.homepage ?? null,
    visibility: visibilityOf(body) ?? 'public',
    settings: settingsOf(body),
    objectFormat: body.object_format ?? 'sha1',
    defaultBranch: body.default_branch ?? 'main',
    autoInit: body.auto_init ?? false,
    teamId: body.team_id ?? null,
  };
}

/** What a PATCH names changes; what it leaves out, or sets to null where null is no value, stays. */
export function toChanges(body: Body): RepositoryChanges {
  const visibility = visibilityOf(body);
  return {
    ...(body.name != null && { name: body.name }),
    ...(body.description !== undefined && { description: body.description }),
    ...(body.homepage !== undefined && { homepage: body.homepage }),
    ...(visibility !== undefined && { visibility }),
    ...(body.archived != null && { archived: body.archived }),
    ...(body.default_branch != null && { defaultBranch: body.default_branch }),
    settings: settingsOf(body),
  };
}
