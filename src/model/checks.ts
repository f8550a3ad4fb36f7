import type { ObjectId } from './ref-update.ts';

export interface CommitStatus {
  readonly id: number;
  readonly repositoryId: number;
  readonly commit: ObjectId;
  readonly context: string;
  readonly state: 'error' | 'failure' | 'pending' | 'success';
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly creatorId: number;
  /** The app that reported it; null: a person. */
  readonly appId: number | null;
  readonly createdAt: number;
}

export type CheckConclusion = 'action_required' | 'cancelled' | 'failure' | 'neutral' | 'success' | 'skipped' | 'stale' | 'timed_out';

export interface CheckRun {
  readonly id: number;
  readonly repositoryId: number;
  readonly commit: ObjectId;
  readonly name: string;
  readonly appId: number | null;
  readonly creatorId: number;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly conclusion: CheckConclusion | null;
  readonly detailsUrl: string | null;
  readonly externalId: string | null;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly output: { readonly title: string | null; readonly summary: string | null; readonly text: string | null };
}
