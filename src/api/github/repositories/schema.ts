import { Type } from 'typebox';
import { Id, OneOf, Optional } from '../schemas.ts';

const settings = {
  has_issues: Optional(Type.Boolean()),
  has_projects: Optional(Type.Boolean()),
  has_wiki: Optional(Type.Boolean()),
  allow_squash_merge: Optional(Type.Boolean()),
  allow_merge_commit: Optional(Type.Boolean()),
  allow_rebase_merge: Optional(Type.Boolean()),
  allow_auto_merge: Optional(Type.Boolean()),
  delete_branch_on_merge: Optional(Type.Boolean()),
  allow_update_branch: Optional(Type.Boolean()),
  allow_forking: Optional(Type.Boolean()),
  web_commit_signoff_required: Optional(Type.Boolean()),
  squash_merge_commit_title: Optional(OneOf('PR_TITLE', 'COMMIT_OR_PR_TITLE')),
  squash_merge_commit_message: Optional(OneOf('PR_BODY', 'COMMIT_MESSAGES', 'BLANK')),
  merge_commit_title: Optional(OneOf('PR_TITLE', 'MERGE_MESSAGE')),
  merge_commit_message: Optional(OneOf('PR_BODY', 'PR_TITLE', 'BLANK')),
};

const common = {
  description: Optional(Type.String()),
  homepage: Optional(Type.String()),
  private: Optional(Type.Boolean()),
  visibility: Optional(OneOf('public', 'private', 'internal')),
  ...settings,
};

export const newRepositoryBody = Type.Object({
  name: Type.String(),
  ...common,
  auto_init: Optional(Type.Boolean()),
  team_id: Optional(Id),
  /** Ours: SHA-1 or SHA-256 (decision 34). */
  object_format: Optional(OneOf('sha1', 'sha256')),
  default_branch: Optional(Type.String()),
});

export const repositoryChangesBody = Type.Object({
  name: Optional(Type.String()),
  ...common,
  default_branch: Optional(Type.String()),
  archived: Optional(Type.Boolean()),
});
