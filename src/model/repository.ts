import type { ObjectFormat } from './ref-update.ts';

export interface Repository {
  readonly id: number;
  readonly ownerId: number;
  readonly name: string;
  readonly description: string | null;
  readonly homepage: string | null;
  readonly visibility: 'private' | 'internal' | 'public';
  /** Short name. */
  readonly defaultBranch: string;
  readonly archived: boolean;
  readonly objectFormat: ObjectFormat;
  readonly settings: RepositorySettings;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly pushedAt: number | null;
  /** What it is a fork of; null: of nothing, or of nothing that is still there. */
  readonly parentId: number | null;
  /** The root of its network; null: it is that itself. */
  readonly sourceId: number | null;
  /** The most that it may ever be open, because it was made of something that was not more open; null: no limit. */
  readonly visibilityLimit: Repository['visibility'] | null;
}

/** Settings that clients read and write back; those that something enforces are named where it does. */
export interface RepositorySettings {
  readonly hasIssues: boolean;
  readonly hasProjects: boolean;
  readonly hasWiki: boolean;
  readonly allowSquashMerge: boolean;
  readonly allowMergeCommit: boolean;
  readonly allowRebaseMerge: boolean;
  readonly allowAutoMerge: boolean;
  readonly deleteBranchOnMerge: boolean;
  readonly allowUpdateBranch: boolean;
  readonly allowForking: boolean;
  readonly webCommitSignoffRequired: boolean;
  readonly squashMergeCommitTitle: 'PR_TITLE' | 'COMMIT_OR_PR_TITLE';
  readonly squashMergeCommitMessage: 'PR_BODY' | 'COMMIT_MESSAGES' | 'BLANK';
  readonly mergeCommitTitle: 'PR_TITLE' | 'MERGE_MESSAGE';
  readonly mergeCommitMessage: 'PR_BODY' | 'PR_TITLE' | 'BLANK';
}

export const defaultSettings: RepositorySettings = {
  hasIssues: true,
  hasProjects: true,
  hasWiki: true,
  allowSquashMerge: true,
  allowMergeCommit: true,
  allowRebaseMerge: true,
  allowAutoMerge: false,
  deleteBranchOnMerge: false,
  allowUpdateBranch: false,
  allowForking: true,
  webCommitSignoffRequired: false,
  squashMergeCommitTitle: 'COMMIT_OR_PR_TITLE',
  squashMergeCommitMessage: 'COMMIT_MESSAGES',
  mergeCommitTitle: 'MERGE_MESSAGE',
  mergeCommitMessage: 'PR_TITLE',
};
