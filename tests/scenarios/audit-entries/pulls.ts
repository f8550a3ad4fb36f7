import type { PullRequest } from '#model/pull-request.ts';
import { createPull } from '#operations/pulls/create-pull.ts';
import { deleteReview, dismissReview, rewordReview } from '#operations/pulls/edit-review.ts';
import { requestReviews, withdrawRequests } from '#operations/pulls/request-reviews.ts';
import { type PullUpdate, updatePull } from '#operations/pulls/update-pull.ts';
import { createComment, deleteComment, replyTo, rewordComment, setResolution } from '#operations/pulls/write-comment.ts';
import { createReview, type ReviewWord, submitReview } from '#operations/pulls/write-review.ts';
import { must } from '../../support/api.ts';
import type { AuditStage, Expected, Row, StagedRepository } from './stage.ts';

const input = { title: 'Add it', body: null, draft: false, base: 'main', head: 'topic', maintainerCanModify: false };
const place = {
  ...{ path: 'b.txt', subject: 'line' as const, line: 1, side: null, startLine: null, startSide: null, position: null },
  body: 'why?',
};

interface Staged {
  readonly repository: StagedRepository;
  readonly pull: PullRequest;
}

/** A pull request of a writer, so that the owner may review it. */
async function opened(stage: AuditStage): Promise<Staged> {
  const repository = await stage.repository();
  const { owner, developer } = stage.cast;
  await must(owner.api('PUT', `/repos/${repository.fullName}/collaborators/${developer.login}`, { permission: 'push' }));
  return { repository, pull: await createPull(stage.context, await stage.by(developer), repository.key, input) };
}

async function reviewed(stage: AuditStage, state: ReviewWord) {
  const staged = await opened(stage);
  const by = await stage.by(stage.cast.owner);
  const words = { commit: null, body: 'words', state, comments: [] };
  return { ...staged, by, review: await createReview(stage.context, by, staged.repository.key, 1, words) };
}

async function remarked(stage: AuditStage) {
  const staged = await opened(stage);
  const by = await stage.by(stage.cast.owner);
  return { ...staged, by, comment: await createComment(stage.context, by, staged.repository.key, 1, { ...place, commit: null }) };
}

const updated = (what: string, update: PullUpdate, entries: readonly Expected[], before: PullUpdate = {}): Row => ({
  operation: 'pulls/update-pull.ts updatePull',
  what,
  async ready(stage) {
    const { repository } = await opened(stage);
    const by = await stage.by(stage.cast.owner);
    const review = { commit: null, body: '', state: 'approved' as const, comments: [] };
    await createReview(stage.context, by, repository.key, 1, review);
    await must(stage.cast.owner.api('POST', `/repos/${repository.fullName}/git/refs`, { ref: 'refs/heads/side', sha: repository.base }));
    if (Object.keys(before).length > 0) await updatePull(stage.context, by, repository.key, 1, before);
    return { by, ask: (context) => updatePull(context, by, repository.key, 1, update), entries };
  },
});

export const pullRows: readonly Row[] = [
  {
    operation: 'pulls/create-pull.ts createPull',
    what: 'a pull request is opened',
    async ready(stage) {
      const [by, { key, fullName, tip }] = [await stage.by(stage.cast.owner), await stage.repository()];
      const data = { number: 1, title: 'Add it', base: 'refs/heads/main', head: `${fullName.split('/')[0]}:topic`, head_sha: tip };
      return { by, ask: (context) => createPull(context, by, key, input), entries: [{ action: 'pull_request.create', data }] };
    },
  },
  updated('a pull request gets other words', { title: 'Other' }, [
    { action: 'pull_request.update', data: { number: 1, title: 'Other', old_title: 'Add it' } },
  ]),
  updated('a pull request leads elsewhere, and its approvals end', { base: 'side' }, [
    { action: 'pull_request.update', data: { base: 'refs/heads/side', old_base: 'refs/heads/main' } },
    { action: 'pull_request_review.dismiss', data: { by_server: true } },
  ]),
  updated('a pull request is closed', { state: 'closed' }, [{ action: 'pull_request.close' }]),
  updated('a pull request comes back', { state: 'open' }, [{ action: 'pull_request.reopen' }], { state: 'closed' }),
  updated('a pull request becomes a draft', { draft: true }, [{ action: 'pull_request.converted_to_draft' }]),
  updated('a draft is ready', { draft: false }, [{ action: 'pull_request.ready_for_review' }], { draft: true }),
  {
    operation: 'pulls/write-review.ts createReview',
    what: 'a pull request is reviewed',
    async ready(stage) {
      const { repository } = await opened(stage);
      const by = await stage.by(stage.cast.owner);
      const words = { commit: null, body: '', state: 'approved' as const, comments: [place] };
      const data = { state: 'approved', sha: repository.tip, comments: 1 };
      return {
        by,
        ask: (context) => createReview(context, by, repository.key, 1, words),
        entries: [{ action: 'pull_request_review.submit', data }],
      };
    },
  },
  {
    operation: 'pulls/write-review.ts createReview',
    what: 'a review is begun',
    async ready(stage) {
      const { repository } = await opened(stage);
      const by = await stage.by(stage.cast.owner);
      const words = { commit: null, body: '', state: 'pending' as const, comments: [] };
      return {
        by,
        ask: (context) => createReview(context, by, repository.key, 1, words),
        entries: [{ action: 'pull_request_review.create' }],
      };
    },
  },
  {
    operation: 'pulls/write-review.ts submitReview',
    what: 'a review is submitted',
    async ready(stage) {
      const { repository, by, review } = await reviewed(stage, 'pending');
      const words = { state: 'changes_requested' as const, body: 'no' };
      const data = { review_id: review.id, state: 'changes_requested' };
      return {
        by,
        ask: (context) => submitReview(context, by, repository.key, 1, review.id, words),
        entries: [{ action: 'pull_request_review.submit', data }],
      };
    },
  },
  {
    operation: 'pulls/edit-review.ts rewordReview',
    what: 'a review gets other words',
    async ready(stage) {
      const { repository, by, review } = await reviewed(stage, 'commented');
      const entries = [{ action: 'pull_request_review.update', data: { review_id: review.id } }];
      return { by, ask: (context) => rewordReview(context, by, repository.key, 1, review.id, 'other'), entries };
    },
  },
  {
    operation: 'pulls/edit-review.ts deleteReview',
    what: 'a review that was begun is deleted',
    async ready(stage) {
      const { repository, by, review } = await reviewed(stage, 'pending');
      const entries = [{ action: 'pull_request_review.delete', data: { review_id: review.id } }];
      return { by, ask: (context) => deleteReview(context, by, repository.key, 1, review.id), entries };
    },
  },
  {
    operation: 'pulls/edit-review.ts dismissReview',
    what: 'a review is dismissed',
    async ready(stage) {
      const { repository, by, review } = await reviewed(stage, 'approved');
      const data = { review_id: review.id, old_state: 'approved', reason: 'stale' };
      const entries = [{ action: 'pull_request_review.dismiss', data }];
      return { by, ask: (context) => dismissReview(context, by, repository.key, 1, review.id, 'stale'), entries };
    },
  },
  {
    operation: 'pulls/request-reviews.ts requestReviews',
    what: 'a review is asked for',
    async ready(stage) {
      const [{ repository }, by] = [await opened(stage), await stage.by(stage.cast.owner)];
      const entries = [{ action: 'pull_request.create_review_request', data: { teams: [] } }];
      return { by, ask: (context) => requestReviews(context, by, repository.key, 1, { users: ['olga'], teams: [] }), entries };
    },
  },
  {
    operation: 'pulls/request-reviews.ts withdrawRequests',
    what: 'a review is asked for no longer',
    async ready(stage) {
      const [{ repository }, by] = [await opened(stage), await stage.by(stage.cast.owner)];
      const names = { users: ['olga'], teams: [] };
      await requestReviews(stage.context, by, repository.key, 1, names);
      const entries = [{ action: 'pull_request.remove_review_request', data: { teams: [] } }];
      return { by, ask: (context) => withdrawRequests(context, by, repository.key, 1, names), entries };
    },
  },
  {
    operation: 'pulls/write-comment.ts createComment',
    what: 'a line is remarked upon',
    async ready(stage) {
      const [{ repository }, by] = [await opened(stage), await stage.by(stage.cast.owner)];
      const entries = [{ action: 'pull_request_review_comment.create', data: { path: 'b.txt', in_reply_to: null } }];
      return { by, ask: (context) => createComment(context, by, repository.key, 1, { ...place, commit: null }), entries };
    },
  },
  {
    operation: 'pulls/write-comment.ts replyTo',
    what: 'a remark is answered',
    async ready(stage) {
      const { repository, by, comment } = await remarked(stage);
      const entries = [{ action: 'pull_request_review_comment.create', data: { in_reply_to: comment.id } }];
      return { by, ask: (context) => replyTo(context, by, repository.key, 1, comment.id, 'because'), entries };
    },
  },
  {
    operation: 'pulls/write-comment.ts rewordComment',
    what: 'a remark gets other words',
    async ready(stage) {
      const { repository, by, comment } = await remarked(stage);
      const entries = [{ action: 'pull_request_review_comment.update', data: { comment_id: comment.id } }];
      return { by, ask: (context) => rewordComment(context, by, repository.key, comment.id, 'how?'), entries };
    },
  },
  {
    operation: 'pulls/write-comment.ts deleteComment',
    what: 'a remark is taken back',
    async ready(stage) {
      const { repository, by, comment } = await remarked(stage);
      const entries = [{ action: 'pull_request_review_comment.delete', data: { comment_id: comment.id } }];
      return { by, ask: (context) => deleteComment(context, by, repository.key, comment.id), entries };
    },
  },
  ...([true, false] as const).map(
    (isResolved): Row => ({
      operation: 'pulls/write-comment.ts setResolution',
      what: isResolved ? 'a thread is resolved' : 'a thread is opened again',
      async ready(stage) {
        const { repository, by, comment } = await remarked(stage);
        if (!isResolved) await setResolution(stage.context, by, repository.key, comment.id, true);
        const action = `pull_request_review_thread.${isResolved ? 'resolve' : 'unresolve'}`;
        const entries = [{ action, data: { comment_id: comment.id } }];
        return { by, ask: (context) => setResolution(context, by, repository.key, comment.id, isResolved), entries };
      },
    }),
  ),
];
