import type { ObjectId } from './ref-update.ts';

/** Asked for: what a head has that a base has not, to be merged into it. Numbers count up in each repository. */
export interface PullRequest {
  readonly id: number;
  /** The one it is to be merged into, and in which it has its number. */
  readonly repositoryId: number;
  readonly number: number;
  readonly authorId: number;
  readonly title: string;
  readonly body: string | null;
  readonly state: 'open' | 'closed' | 'merged';
  readonly draft: boolean;
  readonly base: PullEnd;
  readonly head: PullEnd & {
    /** Null: the repository is gone. */
    readonly repositoryId: number | null;
    /** The login of its owner, which outlives it. */
    readonly owner: string;
  };
  /** Names what it changes (docs/decisions/0043); null: not known, so nothing is the same. */
  readonly changeId: string | null;
  /** The account that moved the head last; null: nobody knows. */
  readonly lastPusherId: number | null;
  readonly headMovedAt: number;
  /** How it was merged; null: it was not. */
  readonly merge: PullMerge | null;
  readonly closedAt: number | null;
  readonly maintainerCanModify: boolean;
  readonly autoMerge: AutoMerge | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A branch and where it was when it was looked at last. While a pull request is open git knows better: nothing is decided by this id. */
interface PullEnd {
  readonly refName: string;
  readonly id: ObjectId;
}

type MergeMethod = 'merge' | 'squash' | 'rebase';

export interface PullMerge {
  readonly at: number;
  readonly by: number | null;
  readonly commit: ObjectId;
}

export interface AutoMerge {
  readonly enabledBy: number;
  readonly method: MergeMethod;
  readonly commitTitle: string | null;
  readonly commitMessage: string | null;
}

/** A review as it is kept; `Review` is what the judgement makes of it. */
export interface PullReview {
  /** Grows with time. */
  readonly id: number;
  readonly pullId: number;
  readonly userId: number;
  /** `pending`: seen by its author alone, and said to nobody yet. */
  readonly state: 'pending' | 'commented' | 'approved' | 'changes_requested' | 'dismissed';
  readonly body: string;
  /** The commit that was looked at. */
  readonly commit: ObjectId;
  /** The site admin who wrote it in the user's name. */
  readonly sudoBy: number | null;
  /** Null while it is pending. */
  readonly submittedAt: number | null;
  readonly dismissal: Dismissal | null;
}

export interface Dismissal {
  readonly at: number;
  /** Null: the server, because what was reviewed has changed. */
  readonly by: number | null;
  readonly message: string;
}

export type DiffSide = 'LEFT' | 'RIGHT';

/** Where a review comment stands: at a file, at a line of its diff, or at several. */
export interface CommentPlace {
  readonly path: string;
  readonly subject: 'line' | 'file';
  /** In the old file (LEFT) or the new one; null: the whole file. */
  readonly line: number | null;
  readonly side: DiffSide;
  readonly startLine: number | null;
  readonly startSide: DiffSide | null;
  /** Lines down from the first hunk's head, as older clients count; null: the whole file. */
  readonly position: number | null;
}

/** A remark in a review. */
export interface ReviewComment extends CommentPlace {
  readonly id: number;
  readonly pullId: number;
  readonly reviewId: number;
  readonly userId: number;
  readonly threadId: number;
  /** The comment that began the thread; null: this one did. */
  readonly inReplyTo: number | null;
  /** The commit whose diff it stands in. */
  readonly commit: ObjectId;
  readonly originalCommit: ObjectId;
  /** The part of the diff that was remarked upon, as it was then. */
  readonly diffHunk: string;
  readonly body: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A conversation: a comment and the answers to it. */
export interface ReviewThread {
  readonly id: number;
  readonly pullId: number;
  readonly resolution: { readonly by: number; readonly at: number } | null;
}

/** Who was asked for a review and has not given one since. */
export interface ReviewRequests {
  readonly users: readonly number[];
  readonly teams: readonly number[];
}
