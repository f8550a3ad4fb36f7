import type { Dismissal, PullMerge, PullRequest, PullReview, ReviewComment, ReviewRequests, ReviewThread } from '../pull-request.ts';
import type { ObjectId } from '../ref-update.ts';
import type { Page, PageRequest } from './store-accounts.ts';

export type NewPullRequest = Omit<
  PullRequest,
  'id' | 'number' | 'state' | 'merge' | 'closedAt' | 'headMovedAt' | 'createdAt' | 'updatedAt' | 'autoMerge'
>;

export type PullChanges = Partial<
  Pick<PullRequest, 'title' | 'body' | 'draft' | 'base' | 'changeId' | 'maintainerCanModify' | 'autoMerge'> & {
    readonly headId: ObjectId;
  }
>;

export interface PullFilter {
  /** `closed`: the merged ones too. */
  readonly state: 'open' | 'closed' | 'all';
  readonly baseRefName: string | null;
  /** The owner of the head's repository, without regard to case, and perhaps the branch there. */
  readonly head: { readonly owner: string; readonly refName: string | null } | null;
  /** `comments`: by how much was remarked. */
  readonly sort: 'created' | 'updated' | 'comments';
  readonly descending: boolean;
}

/** Where the head of a pull request is now, and who brought it there. */
interface MovedHead {
  readonly headId: ObjectId;
  readonly baseId: ObjectId;
  readonly changeId: string | null;
  readonly pusherId: number | null;
}

export interface PullRequests {
  findPull(id: number): Promise<PullRequest | null>;
  findPullByNumber(repositoryId: number, number: number): Promise<PullRequest | null>;
  listPulls(repositoryId: number, filter: PullFilter, page: PageRequest): Promise<Page<PullRequest>>;
  /** Open ones that come from a branch, whatever repository they lead to. */
  listOpenByHead(headRepositoryId: number, refName: string): Promise<PullRequest[]>;
  /** Open ones that lead to a branch. */
  listOpenByBase(repositoryId: number, refName: string): Promise<PullRequest[]>;
  /** Open ones of a repository whose head was last seen at a commit. */
  listOpenByHeadId(repositoryId: number, headId: ObjectId): Promise<PullRequest[]>;
  /** Gives it the repository's next number. */
  insertPull(pull: NewPullRequest): Promise<PullRequest>;
  updatePull(id: number, changes: PullChanges): Promise<void>;
  updateHead(id: number, moved: MovedHead): Promise<void>;
  /** It ends, merged. `at` is now. */
  markMerged(id: number, merge: Omit<PullMerge, 'at'>): Promise<void>;
  close(id: number): Promise<void>;
  reopen(id: number): Promise<void>;
}

export type NewPullReview = Omit<PullReview, 'id' | 'submittedAt' | 'dismissal'>;

export interface Reviews {
  findReview(pullId: number, id: number): Promise<PullReview | null>;
  /** A user's review that is not submitted yet; there is at most one. */
  findPending(pullId: number, userId: number): Promise<PullReview | null>;
  /** In the order in which they came; pending ones only of `viewerId`. */
  listReviews(pullId: number, viewerId: number | null, page: PageRequest): Promise<Page<PullReview>>;
  /** All that were submitted, of several pull requests, oldest first: what the judgement reads. */
  listSubmitted(pullIds: readonly number[]): Promise<PullReview[]>;
  /** Submitted now, unless it is pending. */
  insertReview(review: NewPullReview): Promise<PullReview>;
  submitReview(id: number, review: Pick<PullReview, 'state' | 'body' | 'commit'>): Promise<void>;
  updateReview(id: number, body: string): Promise<void>;
  dismissReview(id: number, dismissal: Omit<Dismissal, 'at'>): Promise<void>;
  /** With its comments. */
  removeReview(id: number): Promise<void>;

  listRequests(pullId: number): Promise<ReviewRequests>;
  /** By pull request; one with none is not in it. */
  listRequestsOfMany(pullIds: readonly number[]): Promise<ReadonlyMap<number, ReviewRequests>>;
  /** Who was asked already stays asked. */
  addRequests(pullId: number, requests: ReviewRequests): Promise<void>;
  removeRequests(pullId: number, requests: ReviewRequests): Promise<void>;
}

export type NewReviewComment = Omit<ReviewComment, 'id' | 'threadId' | 'createdAt' | 'updatedAt'> & {
  /** Null: it begins a thread. */
  readonly threadId: number | null;
};

export interface CommentFilter {
  readonly pull: { readonly id: number } | { readonly repositoryId: number };
  readonly reviewId: number | null;
  readonly since: number | null;
  readonly sort: 'created' | 'updated';
  readonly descending: boolean;
  /** Comments of pending reviews are seen by this user alone. */
  readonly viewerId: number | null;
}

export interface ReviewComments {
  findComment(repositoryId: number, id: number): Promise<ReviewComment | null>;
  listComments(filter: CommentFilter, page: PageRequest): Promise<Page<ReviewComment>>;
  /** Those of submitted reviews. */
  countComments(pullId: number): Promise<number>;
  insertComment(comment: NewReviewComment): Promise<ReviewComment>;
  updateComment(id: number, body: string): Promise<void>;
  /** With the last comment of a thread the thread goes. */
  removeComment(id: number): Promise<void>;

  findThread(pullId: number, id: number): Promise<ReviewThread | null>;
  /** Threads of submitted reviews that nobody has resolved. */
  countUnresolved(pullId: number): Promise<number>;
  resolveThread(id: number, by: number): Promise<void>;
  unresolveThread(id: number): Promise<void>;
}
