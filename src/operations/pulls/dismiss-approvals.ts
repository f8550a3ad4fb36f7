import type { Transaction } from '#model/ports/store.ts';
import type { PullRequest } from '#model/pull-request.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Reached } from '../access.ts';
import type { Recorder } from '../change.ts';
import { aboutPull } from './reach-pull.ts';

/** Approvals of what is proposed no longer end, by the server; those of the commit `except` stay. Who wanted changes still does. */
export async function dismissApprovals(
  tx: Transaction,
  record: Recorder,
  reached: Reached,
  pull: PullRequest,
  message: string,
  except: ObjectId | null = null,
): Promise<void> {
  for (const review of await tx.reviews.listSubmitted([pull.id])) {
    if (review.state !== 'approved' || review.commit === except) continue;
    await tx.reviews.dismissReview(review.id, { by: null, message });
    record(
      aboutPull(reached, pull, {
        action: 'pull_request_review.dismiss',
        operation: 'modify',
        data: { review_id: review.id, reviewer_id: review.userId, reason: message, by_server: true },
      }),
    );
  }
}
