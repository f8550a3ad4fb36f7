import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { User } from '#model/account.ts';
import type { CommentFilter, NewPullReview, NewReviewComment } from '#model/ports/store-pull-requests.ts';
import type { PullRequest } from '#model/pull-request.ts';
import { databases } from '../support/databases.ts';
import { addOrganization, addRepository, addTeam, addUser, openTestStore, type TestStore } from '../support/store.ts';

const all = { limit: 100, offset: 0 };
const head = 'b'.repeat(40);

for (const database of databases) {
  describe(`reviews on ${database}`, () => {
    let opened: TestStore;
    let author: User;
    let rita: User;
    let teamId: number;
    before(async () => {
      opened = await openTestStore(database);
      await opened.store.write(async (tx) => {
        author = await addUser(tx);
        rita = await addUser(tx);
        teamId = (await addTeam(tx, (await addOrganization(tx)).id)).id;
      });
    });
    after(() => opened[Symbol.asyncDispose]());

    const newPull = (): Promise<PullRequest> =>
      opened.store.write(async (tx) => {
        const { id } = await addRepository(tx, author.id);
        return tx.pulls.insertPull({
          ...{ repositoryId: id, authorId: author.id, title: 'Add', body: null, draft: false, changeId: null, lastPusherId: null },
          base: { refName: 'refs/heads/main', id: 'a'.repeat(40) },
          head: { repositoryId: id, owner: author.login, refName: 'refs/heads/topic', id: head },
          maintainerCanModify: false,
        });
      });
    const review = (pull: PullRequest, user: User, state: NewPullReview['state']) =>
      opened.store.write((tx) =>
        tx.reviews.insertReview({ pullId: pull.id, userId: user.id, state, body: 'words', commit: head, sudoBy: null }),
      );
    const comment = (pull: PullRequest, reviewId: number, changes: Partial<NewReviewComment> = {}) =>
      opened.store.write((tx) =>
        tx.reviewComments.insertComment({
          ...{ pullId: pull.id, reviewId, userId: rita.id, threadId: null, inReplyTo: null, body: 'why?', diffHunk: '@@ -1 +1 @@' },
          ...{ path: 'a.txt', subject: 'line', line: 1, side: 'RIGHT', startLine: null, startSide: null, position: 1 },
          ...{ commit: head, originalCommit: head },
          ...changes,
        }),
      );
    const reviews = () => opened.store.read.reviews;
    const comments = () => opened.store.read.reviewComments;

    test('a pending review is seen by its author alone until it is submitted', async () => {
      const pull = await newPull();
      const pending = await review(pull, rita, 'pending');
      assert.deepEqual([pending.submittedAt, pending.dismissal, pending.commit], [null, null, head]);
      const seen = async (viewer: number | null) => (await reviews().listReviews(pull.id, viewer, all)).items;
      assert.deepEqual([await seen(null), await seen(author.id), await seen(rita.id)], [[], [], [pending]]);
      assert.deepEqual(await reviews().findPending(pull.id, rita.id), pending);
      assert.equal(await reviews().findPending(pull.id, author.id), null);
      assert.deepEqual(await reviews().listSubmitted([pull.id]), []);
      await opened.store.write((tx) => tx.reviews.submitReview(pending.id, { state: 'approved', body: 'fine', commit: 'c'.repeat(40) }));
      const submitted = await reviews().findReview(pull.id, pending.id);
      assert.deepEqual([submitted?.state, submitted?.body, submitted?.commit], ['approved', 'fine', 'c'.repeat(40)]);
      assert.ok((submitted?.submittedAt ?? 0) > 0);
      assert.deepEqual([await seen(null), await reviews().listSubmitted([pull.id])], [[submitted], [submitted]]);
      assert.equal(await reviews().findPending(pull.id, rita.id), null);
      assert.equal(await reviews().findReview((await newPull()).id, pending.id), null);
    });

    test('reviews of several pull requests are read together, in the order in which they came', async () => {
      const [one, other] = [await newPull(), await newPull()];
      const first = await review(one, rita, 'approved');
      const second = await review(other, rita, 'changes_requested');
      const third = await review(one, author, 'commented');
      assert.deepEqual(await reviews().listSubmitted([other.id, one.id]), [first, second, third]);
      assert.deepEqual(await reviews().listSubmitted([]), []);
    });

    test('a review is dismissed with who and why, or by the server', async () => {
      const pull = await newPull();
      const { id } = await review(pull, rita, 'approved');
      await opened.store.write((tx) => tx.reviews.updateReview(id, 'other words'));
      await opened.store.write((tx) => tx.reviews.dismissReview(id, { by: author.id, message: 'stale' }));
      const dismissed = await reviews().findReview(pull.id, id);
      assert.deepEqual([dismissed?.state, dismissed?.body, dismissed?.dismissal?.by], ['dismissed', 'other words', author.id]);
      assert.deepEqual([dismissed?.dismissal?.message, typeof dismissed?.dismissal?.at], ['stale', 'number']);
      const other = await review(pull, rita, 'approved');
      await opened.store.write((tx) => tx.reviews.dismissReview(other.id, { by: null, message: 'moved' }));
      assert.equal((await reviews().findReview(pull.id, other.id))?.dismissal?.by, null);
    });

    test('a comment begins a thread, answers join it, and it is resolved and unresolved', async () => {
      const pull = await newPull();
      const { id } = await review(pull, rita, 'commented');
      const root = await comment(pull, id);
      const answer = await comment(pull, id, { threadId: root.threadId, inReplyTo: root.id, userId: author.id });
      const other = await comment(pull, id, { subject: 'file', line: null });
      assert.equal(answer.threadId, root.threadId);
      assert.notEqual(other.threadId, root.threadId);
      assert.deepEqual(await comments().findComment(pull.repositoryId, root.id), root);
      assert.equal(await comments().findComment(pull.repositoryId + 1000, root.id), null);
      assert.deepEqual(await comments().findThread(pull.id, root.threadId), { id: root.threadId, pullId: pull.id, resolution: null });
      assert.equal(await comments().findThread(pull.id + 1000, root.threadId), null);
      assert.equal(await comments().countUnresolved(pull.id), 2);
      await opened.store.write((tx) => tx.reviewComments.resolveThread(root.threadId, author.id));
      assert.equal((await comments().findThread(pull.id, root.threadId))?.resolution?.by, author.id);
      assert.equal(await comments().countUnresolved(pull.id), 1);
      await opened.store.write((tx) => tx.reviewComments.unresolveThread(root.threadId));
      assert.equal(await comments().countUnresolved(pull.id), 2);
    });

    test('a thread stays while a comment is in it', async () => {
      const pull = await newPull();
      const { id } = await review(pull, rita, 'commented');
      const root = await comment(pull, id);
      const answer = await comment(pull, id, { threadId: root.threadId, inReplyTo: root.id });
      await opened.store.write((tx) => tx.reviewComments.removeComment(root.id));
      assert.equal(await comments().countUnresolved(pull.id), 1);
      await opened.store.write((tx) => tx.reviewComments.updateComment(answer.id, 'still'));
      assert.equal((await comments().findComment(pull.repositoryId, answer.id))?.body, 'still');
      await opened.store.write((tx) => tx.reviewComments.removeComment(answer.id));
      assert.equal(await comments().findThread(pull.id, root.threadId), null);
    });

    test('comments are listed by pull request, repository, review and age; those of a pending review to its author', async () => {
      const pull = await newPull();
      const submitted = await review(pull, rita, 'commented');
      const pending = await review(pull, rita, 'pending');
      const [one, two] = [await comment(pull, submitted.id), await comment(pull, submitted.id)];
      const hidden = await comment(pull, pending.id);
      const usual: CommentFilter = {
        ...{ pull: { id: pull.id }, reviewId: null, since: null, sort: 'created', descending: false, viewerId: null },
      };
      const found = async (filter: Partial<CommentFilter>) =>
        (await comments().listComments({ ...usual, ...filter }, all)).items.map((item) => item.id);
      assert.deepEqual(await found({}), [one.id, two.id]);
      assert.deepEqual(await found({ viewerId: rita.id }), [one.id, two.id, hidden.id]);
      assert.deepEqual(await found({ viewerId: author.id, descending: true }), [two.id, one.id]);
      assert.deepEqual(await found({ pull: { repositoryId: pull.repositoryId }, sort: 'updated' }), [one.id, two.id]);
      assert.deepEqual(await found({ reviewId: pending.id, viewerId: rita.id }), [hidden.id]);
      assert.deepEqual(await found({ since: two.updatedAt + 60_000 }), []);
      assert.deepEqual([await comments().countComments(pull.id), await comments().countUnresolved(pull.id)], [2, 2]);
      await opened.store.write((tx) => tx.reviews.removeReview(pending.id));
      assert.equal(await comments().findComment(pull.repositoryId, hidden.id), null);
      assert.equal(await comments().findThread(pull.id, hidden.threadId), null);
      assert.deepEqual(await found({ viewerId: rita.id }), [one.id, two.id]);
    });

    test('people and teams are asked for reviews once each, and are asked no longer', async () => {
      const pull = await newPull();
      const none = { users: [], teams: [] };
      assert.deepEqual(await reviews().listRequests(pull.id), none);
      const add = (users: number[], teams: number[]) => opened.store.write((tx) => tx.reviews.addRequests(pull.id, { users, teams }));
      await add([rita.id], []);
      await add([rita.id, author.id, author.id], [teamId]);
      const asked = { users: [author.id, rita.id], teams: [teamId] };
      assert.deepEqual(await reviews().listRequests(pull.id), asked);
      assert.deepEqual(await reviews().listRequestsOfMany([pull.id, pull.id + 1000]), new Map([[pull.id, asked]]));
      assert.deepEqual(await reviews().listRequestsOfMany([]), new Map());
      await opened.store.write((tx) => tx.reviews.removeRequests(pull.id, none));
      assert.deepEqual(await reviews().listRequests(pull.id), asked);
      await opened.store.write((tx) => tx.reviews.removeRequests(pull.id, { users: [author.id], teams: [teamId] }));
      assert.deepEqual(await reviews().listRequests(pull.id), { users: [rita.id], teams: [] });
      await opened.store.write((tx) => tx.repositories.remove(pull.repositoryId));
      assert.deepEqual(await reviews().listRequests(pull.id), none);
    });
  });
}
