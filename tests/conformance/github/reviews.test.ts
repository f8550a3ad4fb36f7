import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPersona, elevated, type Persona } from '../../support/personas.ts';
import { createTeam } from '../../support/protections.ts';
import { type App, installedApp } from './support/app.ts';
import { refused, sentencesOf } from './support/refusals.ts';
import { here, type Stage, stageFor } from './support/stage.ts';

let reader: Persona;
let other: App;
const stage: Stage = stageFor(import.meta.filename, async (ready) => {
  const { server, as, cast } = ready;
  reader = await createPersona(server, 'rita');
  await as(cast.owner).rest.repos.addCollaborator({ ...here, username: 'rita', permission: 'pull' });
  await as(cast.owner).rest.orgs.setMembershipForUser({ org: 'acme', username: 'dev', role: 'member' });
  await createTeam(cast.owner.api, 'acme', 'crew', { grants: { 'acme/app': 'push' }, members: ['dev'] });
  other = await installedApp(ready, cast.owner, 'acme', 'critic', { contents: 'write', pull_requests: 'write' });
});
const as = (who: Persona) => stage.as(who).rest;
const developer = () => as(stage.cast.developer);
const maintainer = () => as(stage.cast.maintainer);

const words = 'one\ntwo\nthree\n';

async function push(branch: string, path: string, content: string, sha?: string): Promise<string> {
  const body = { ...here, branch, path, message: `Write ${path}`, content: Buffer.from(content).toString('base64') };
  const { data } = await developer().repos.createOrUpdateFileContents({ ...body, ...(sha !== undefined && { sha }) });
  return data.commit.sha!;
}

/** A pull request of the developer that adds one file. */
async function opened(name: string) {
  await stage.branch(name);
  const head = await push(name, `${name}.txt`, words);
  const { data } = await developer().pulls.create({ ...here, title: `Add ${name}`, head: name, base: 'main' });
  return { at: { ...here, pull_number: data.number }, head, path: `${name}.txt`, number: data.number };
}

test('a review is given, read and listed in the order in which they came', async () => {
  const { at, head } = await opened('given');
  const { status, data } = await maintainer().pulls.createReview({ ...at, event: 'APPROVE', body: 'Fine' });
  assert.equal(status, 200);
  assert.deepEqual(
    [data.state, data.body, data.user?.login, data.commit_id, data.author_association],
    ['APPROVED', 'Fine', 'mona', head, 'COLLABORATOR'],
  );
  assert.deepEqual((await developer().pulls.getReview({ ...at, review_id: data.id })).data, data);
  const { data: second } = await as(reader).pulls.createReview({ ...at, event: 'COMMENT', body: 'Hm' });
  const { data: third } = await as(stage.cast.owner).pulls.createReview({ ...at, event: 'REQUEST_CHANGES', body: 'No', commit_id: head });
  assert.deepEqual((await developer().pulls.listReviews(at)).data, [data, second, third]);
  const { data: page, headers } = await developer().pulls.listReviews({ ...at, per_page: 1, page: 2 });
  assert.deepEqual(page, [second]);
  assert.match(headers.link!, /rel="next"/);
});

test('nobody approves their own work, nor with a robot of theirs, nor a robot’s of theirs', async () => {
  const { at } = await opened('own');
  const reasons = async (call: Promise<unknown>) => sentencesOf((await refused(call, 422, 'Unprocessable Entity')).data);
  assert.deepEqual(await reasons(developer().pulls.createReview({ ...at, event: 'APPROVE' })), ['Can not approve your own pull request']);
  assert.deepEqual(await reasons(developer().pulls.createReview({ ...at, event: 'REQUEST_CHANGES', body: 'x' })), [
    'Can not request changes on your own pull request',
  ]);
  assert.equal((await developer().pulls.createReview({ ...at, event: 'COMMENT', body: 'Mine' })).data.state, 'COMMENTED');
  assert.equal((await other.asInstallation.rest.pulls.createReview({ ...at, event: 'COMMENT', body: 'Beep' })).data.user?.type, 'Bot');
  const { data: pending } = await developer().pulls.createReview(at);
  assert.deepEqual(await reasons(developer().pulls.submitReview({ ...at, review_id: pending.id, event: 'APPROVE' })), [
    'Can not approve your own pull request',
  ]);
});

test('a review without an event is pending: its author’s own until it is submitted', async () => {
  const { at, head, path } = await opened('pending');
  const comments = [{ path, line: 2, body: 'Why two?' }];
  const { data } = await maintainer().pulls.createReview({ ...at, body: 'soon', comments });
  assert.deepEqual([data.state, data.submitted_at, data.commit_id], ['PENDING', undefined, head]);
  const one = { ...at, review_id: data.id };
  assert.deepEqual((await developer().pulls.listReviews(at)).data, []);
  assert.deepEqual((await developer().pulls.listReviewComments(at)).data, []);
  await refused(developer().pulls.getReview(one), 404, 'Not Found');
  await refused(developer().pulls.submitReview({ ...one, event: 'COMMENT', body: 'x' }), 404, 'Not Found');
  await refused(developer().pulls.deletePendingReview(one), 404, 'Not Found');
  const twice = await refused(maintainer().pulls.createReview(at), 422, 'Unprocessable Entity');
  assert.deepEqual(sentencesOf(twice.data), ['User can only have one pending review per pull request']);
  assert.equal((await maintainer().pulls.listCommentsForReview(one)).data[0]?.body, 'Why two?');
  const { data: submitted } = await maintainer().pulls.submitReview({ ...one, event: 'REQUEST_CHANGES', body: 'Two is wrong' });
  assert.deepEqual([submitted.state, submitted.body, typeof submitted.submitted_at], ['CHANGES_REQUESTED', 'Two is wrong', 'string']);
  assert.deepEqual((await developer().pulls.listReviews(at)).data, [submitted]);
  assert.equal((await developer().pulls.listReviewComments(at)).data.length, 1);
  await refused(maintainer().pulls.submitReview({ ...one, event: 'APPROVE' }), 422, 'Unprocessable Entity');
  await refused(maintainer().pulls.deletePendingReview(one), 422, 'Unprocessable Entity');
});

test('a pending review is deleted with its comments', async () => {
  const { at, path } = await opened('deleted');
  const { data } = await maintainer().pulls.createReview({ ...at, comments: [{ path, position: 1, body: 'x' }] });
  assert.equal((await maintainer().pulls.deletePendingReview({ ...at, review_id: data.id })).status, 200);
  assert.deepEqual((await maintainer().pulls.listReviews(at)).data, []);
  assert.deepEqual((await maintainer().pulls.listReviewComments(at)).data, []);
});

test('words are changed by their author alone', async () => {
  const { at } = await opened('reworded');
  const { data } = await maintainer().pulls.createReview({ ...at, event: 'COMMENT', body: 'First' });
  const one = { ...at, review_id: data.id };
  assert.equal((await maintainer().pulls.updateReview({ ...one, body: 'Second' })).data.body, 'Second');
  await refused(as(stage.cast.owner).pulls.updateReview({ ...one, body: 'Third' }), 403, /./);
  await refused(maintainer().pulls.updateReview({ ...one, body: ' ' }), 422, 'Unprocessable Entity');
});

test('an approval or a demand for changes is dismissed, with words, by who may', async () => {
  const { at } = await opened('dismissed');
  const review = async (event: 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT') =>
    (await maintainer().pulls.createReview({ ...at, event, body: 'x' })).data.id;
  const dismiss = (who: Persona, review_id: number, message = 'Stale') => as(who).pulls.dismissReview({ ...at, review_id, message });
  const { developer: dev, owner, outsider } = stage.cast;
  const approval = await review('APPROVE');
  await refused(dismiss(reader, approval), 403, /./);
  await refused(dismiss(outsider, approval), 404, 'Not Found');
  const { data } = await dismiss(dev, approval);
  assert.deepEqual([data.state, data.user?.login], ['DISMISSED', 'mona']);
  const reasons = async (id: number) => sentencesOf((await refused(dismiss(owner, id), 422, 'Unprocessable Entity')).data);
  assert.deepEqual(await reasons(approval), ['Can not dismiss a dismissed pull request review']);
  assert.deepEqual(await reasons(await review('COMMENT')), ['Can not dismiss a commented pull request review']);
  const changes = await review('REQUEST_CHANGES');
  await refused(dismiss(owner, changes, '  '), 422, 'Unprocessable Entity');
  await refused(
    as(owner).pulls.dismissReview({ ...at, review_id: changes } as never),
    422,
    `Invalid request.\n\n"message" wasn't supplied.`,
  );
  await refused(dismiss(owner, 999_999), 404, 'Not Found');
});

test('where a rule names who dismisses, other writers do not', async () => {
  await stage.branch('strict');
  const { at } = await opened('listed');
  await developer().pulls.update({ ...at, base: 'strict' });
  const owner = as(stage.cast.owner);
  const protect = (users: string[]) =>
    owner.repos.updateBranchProtection({
      ...{ ...here, branch: 'strict', enforce_admins: true, restrictions: null, required_status_checks: null },
      required_pull_request_reviews: { dismissal_restrictions: { users, teams: [] }, required_approving_review_count: 1 },
    });
  await protect(['mallory']);
  const { data } = await maintainer().pulls.createReview({ ...at, event: 'REQUEST_CHANGES', body: 'No' });
  const dismiss = (who: Persona) => as(who).pulls.dismissReview({ ...at, review_id: data.id, message: 'x' });
  await refused(dismiss(stage.cast.developer), 403, /./);
  assert.equal((await dismiss(stage.cast.attacker)).data.state, 'DISMISSED');
});

test('approvals do not survive another base; whoever wanted changes still does', async () => {
  await stage.branch('target');
  const { at } = await opened('retargeted');
  const approval = await maintainer().pulls.createReview({ ...at, event: 'APPROVE' });
  const refusal = await as(stage.cast.owner).pulls.createReview({ ...at, event: 'REQUEST_CHANGES', body: 'No' });
  await developer().pulls.update({ ...at, title: 'Other words' });
  const states = async () => (await developer().pulls.listReviews(at)).data.map((review) => [review.id, review.state]);
  assert.deepEqual(await states(), [
    [approval.data.id, 'APPROVED'],
    [refusal.data.id, 'CHANGES_REQUESTED'],
  ]);
  await developer().pulls.update({ ...at, base: 'target' });
  assert.deepEqual(await states(), [
    [approval.data.id, 'DISMISSED'],
    [refusal.data.id, 'CHANGES_REQUESTED'],
  ]);
});

test('approvals do not survive what was pushed while the pull request was closed', async () => {
  const { at, path } = await opened('asleep');
  await maintainer().pulls.createReview({ ...at, event: 'APPROVE' });
  const state = async () => (await developer().pulls.listReviews(at)).data[0]?.state;
  const reopen = async () => {
    await developer().pulls.update({ ...at, state: 'open' });
  };
  await developer().pulls.update({ ...at, state: 'closed' });
  await reopen();
  assert.equal(await state(), 'APPROVED');
  await developer().pulls.update({ ...at, state: 'closed' });
  const { data } = await developer().repos.getContent({ ...here, path, ref: 'asleep' });
  await push('asleep', path, 'evil\n', (data as { sha: string }).sha);
  await reopen();
  assert.equal(await state(), 'DISMISSED');
});

test('an approval of what is not proposed any more is refused, named or begun before', async () => {
  const { at, head, path } = await opened('late');
  const { data: begun } = await maintainer().pulls.createReview(at);
  const { data } = await developer().repos.getContent({ ...here, path, ref: 'late' });
  await push('late', path, 'evil\n', (data as { sha: string }).sha);
  const stale = ['Can not approve a commit that is not what is proposed any more'];
  const owner = as(stage.cast.owner);
  const named = await refused(owner.pulls.createReview({ ...at, event: 'APPROVE', commit_id: head }), 422, 'Unprocessable Entity');
  assert.deepEqual(sentencesOf(named.data), stale);
  const submitted = maintainer().pulls.submitReview({ ...at, review_id: begun.id, event: 'APPROVE' });
  assert.deepEqual(sentencesOf((await refused(submitted, 422, 'Unprocessable Entity')).data), stale);
  assert.equal(
    (await owner.pulls.createReview({ ...at, event: 'COMMENT', body: 'Then it was fine', commit_id: head })).data.commit_id,
    head,
  );
  assert.equal((await owner.pulls.createReview({ ...at, event: 'APPROVE' })).data.state, 'APPROVED');
});

test('a review that says nothing, of no commit of it, or of a closed one, is refused', async () => {
  const { at } = await opened('silent');
  const reasons = async (body: object) =>
    sentencesOf((await refused(maintainer().pulls.createReview({ ...at, ...body } as never), 422, 'Unprocessable Entity')).data);
  assert.deepEqual(await reasons({ event: 'COMMENT' }), [`Body can't be blank`]);
  assert.deepEqual(await reasons({ event: 'REQUEST_CHANGES', body: '  ' }), [`Body can't be blank`]);
  assert.deepEqual(await reasons({ event: 'APPROVE', commit_id: '0'.repeat(40) }), ['commit_id is not part of the pull request']);
  const { data: main } = await developer().git.getRef({ ...here, ref: 'heads/main' });
  assert.deepEqual(await reasons({ event: 'APPROVE', commit_id: main.object.sha }), ['commit_id is not part of the pull request']);
  for (const body of [{ event: 'PRAISE' }, { event: 'APPROVE', commit_id: 'main' }, { event: 'COMMENT', body: 7 }])
    await refused(maintainer().pulls.createReview({ ...at, ...body } as never), 422, /^Invalid request\./);
  await developer().pulls.update({ ...at, state: 'closed' });
  assert.deepEqual(await reasons({ event: 'APPROVE' }), ['Can not approve a closed pull request']);
  await refused(maintainer().pulls.createReview({ ...here, pull_number: 999_999, event: 'APPROVE' }), 404, 'Not Found');
  await refused(as(stage.cast.outsider).pulls.createReview({ ...at, event: 'COMMENT', body: 'x' }), 404, 'Not Found');
});

test('an elevated token reviews nothing', async () => {
  const { at } = await opened('elevated');
  const bypass = { repositories: ['acme/app'], operations: ['merge'] as const };
  const robot = await elevated(stage.server, stage.cast.maintainer, bypass as never);
  const forbidden = 'Resource not accessible by this token';
  await refused(as(robot).pulls.createReview({ ...at, event: 'APPROVE' }), 403, forbidden);
  const { data } = await maintainer().pulls.createReview({ ...at, event: 'REQUEST_CHANGES', body: 'No' });
  await refused(as(robot).pulls.dismissReview({ ...at, review_id: data.id, message: 'x' }), 403, forbidden);
});

test('a line, several lines and a file are remarked upon', async () => {
  const { at, head, path } = await opened('remarks');
  const remark = (body: object) => maintainer().pulls.createReviewComment({ ...at, path, commit_id: head, body: 'Why?', ...body } as never);
  const { status, data, headers } = await remark({ line: 2 });
  assert.equal(status, 201);
  assert.equal(headers.location, data.url);
  assert.deepEqual([data.path, data.line, data.side, data.position, data.subject_type], [path, 2, 'RIGHT', 2, 'line']);
  assert.equal(data.diff_hunk, '@@ -0,0 +1,3 @@\n+one\n+two');
  const { data: several } = await remark({ line: 3, start_line: 1, start_side: 'RIGHT' });
  assert.deepEqual([several.start_line, several.line, several.start_side], [1, 3, 'RIGHT']);
  const { data: file } = await remark({ subject_type: 'file' });
  assert.deepEqual([file.subject_type, file.line, file.position], ['file', undefined, undefined]);
  const { data: counted } = await remark({ position: 1 });
  assert.deepEqual([counted.line, counted.side], [1, 'RIGHT']);
  const { data: all } = await developer().pulls.listReviewComments(at);
  assert.deepEqual(all, [data, several, file, counted]);
  const { data: everywhere } = await developer().pulls.listReviewCommentsForRepo({ ...here, sort: 'created', direction: 'desc' });
  assert.deepEqual(everywhere[0], counted);
  assert.deepEqual((await developer().pulls.getReviewComment({ ...here, comment_id: data.id })).data, data);
  assert.equal((await developer().pulls.get(at)).data.review_comments, 4);
  assert.equal((await developer().pulls.listReviews(at)).data.length, 4);
  await push('remarks', 'more.txt', 'more\n');
  const { data: outdated } = await developer().pulls.getReviewComment({ ...here, comment_id: data.id });
  assert.deepEqual([outdated.line, outdated.original_line, outdated.position], [undefined, 2, undefined]);
});

test('a remark upon what is not in the diff is refused', async () => {
  const { at, head, path } = await opened('misplaced');
  const sentences = async (body: object) => {
    const call = maintainer().pulls.createReviewComment({ ...at, path, commit_id: head, body: 'x', ...body } as never);
    return sentencesOf((await refused(call, 422, 'Validation Failed')).data);
  };
  const thread = 'pull_request_review_thread';
  assert.deepEqual(await sentences({ line: 4 }), [`${thread}.line must be part of the diff`]);
  assert.deepEqual(await sentences({ line: 1, side: 'LEFT' }), [`${thread}.line must be part of the diff`]);
  assert.deepEqual(await sentences({ path: 'README.md', line: 1 }), [`${thread}.path is not part of the diff`]);
  assert.deepEqual(await sentences({}), [`${thread}.line can't be blank`]);
  assert.deepEqual(await sentences({ position: 99 }), [`${thread}.position is not part of the diff`]);
  assert.deepEqual(await sentences({ line: 1, start_line: 2 }), [`${thread}.start_line must precede the end line.`]);
  assert.deepEqual(await sentences({ line: 1, start_line: 9 }), [`${thread}.start_line must be part of the same hunk as the line.`]);
  assert.deepEqual(await sentences({ commit_id: '0'.repeat(40), line: 1 }), ['commit_id is not part of the pull request']);
  assert.deepEqual(await sentences({ body: '  ', line: 1 }), [`Body can't be blank`]);
  for (const body of [{ line: 0 }, { line: 1.5 }, { line: 'one' }, { line: 1, side: 'UP' }, { line: 2 ** 40 }])
    await refused(
      maintainer().pulls.createReviewComment({ ...at, path, commit_id: head, body: 'x', ...body } as never),
      422,
      /^Invalid request\./,
    );
  assert.deepEqual((await developer().pulls.listReviewComments(at)).data, []);
});

test('a thread is answered, resolved, opened again and taken back', async () => {
  const { at, head, path } = await opened('threads');
  const { data: root } = await maintainer().pulls.createReviewComment({ ...at, path, commit_id: head, line: 1, body: 'Why?' });
  const { data: answer } = await developer().pulls.createReplyForReviewComment({ ...at, comment_id: root.id, body: 'Because' });
  assert.deepEqual([answer.in_reply_to_id, answer.path, answer.line], [root.id, path, 1]);
  const { data: more } = await developer().pulls.createReviewComment({ ...at, in_reply_to: answer.id, body: 'More' } as never);
  assert.equal(more.in_reply_to_id, root.id);
  const resolve = (who: Persona, method: 'PUT' | 'DELETE', id = answer.id) =>
    stage.as(who).request(`${method} /repos/acme/app/pulls/comments/${id}/resolution`);
  await refused(resolve(reader, 'PUT'), 403, 'Must have push access to repository');
  await refused(resolve(stage.cast.outsider, 'PUT'), 404, 'Not Found');
  await refused(resolve(stage.cast.developer, 'PUT', 999_999), 404, 'Not Found');
  const owner = as(stage.cast.owner);
  await owner.repos.updateBranchProtection({
    ...{ ...here, branch: 'main', enforce_admins: null, restrictions: null, required_status_checks: null },
    ...{ required_pull_request_reviews: null, required_conversation_resolution: true },
  });
  const state = async () => (await developer().pulls.get(at)).data.mergeable_state;
  assert.equal(await state(), 'blocked');
  for (const [method, expected] of [
    ['PUT', 'clean'],
    ['DELETE', 'blocked'],
    ['PUT', 'clean'],
    ['PUT', 'clean'],
  ] as const) {
    assert.equal((await resolve(stage.cast.developer, method)).status, 204);
    assert.equal(await state(), expected);
  }
  await owner.repos.deleteBranchProtection({ ...here, branch: 'main' });
  const edit = (who: Persona, body: string) => as(who).pulls.updateReviewComment({ ...here, comment_id: root.id, body });
  assert.equal((await edit(stage.cast.maintainer, 'Why so?')).data.body, 'Why so?');
  await refused(edit(reader, 'Mine'), 403, 'Must have push access to repository');
  await refused(edit(stage.cast.maintainer, ' '), 422, /./);
  await refused(as(reader).pulls.deleteReviewComment({ ...here, comment_id: root.id }), 403, /./);
  assert.equal((await maintainer().pulls.deleteReviewComment({ ...here, comment_id: root.id })).status, 204);
  await refused(developer().pulls.getReviewComment({ ...here, comment_id: root.id }), 404, 'Not Found');
  assert.equal((await developer().pulls.listReviewComments(at)).data.length, 2);
});

test('people and teams are asked for reviews, and are not asked any more when they have given them', async () => {
  const { at } = await opened('asked');
  const { status, data } = await developer().pulls.requestReviewers({ ...at, reviewers: ['mona', 'Rita'], team_reviewers: ['crew'] });
  assert.equal(status, 201);
  assert.deepEqual(data.requested_reviewers?.map((user) => user!.login).sort(), ['mona', 'rita']);
  assert.deepEqual(
    data.requested_teams?.map((team) => team.slug),
    ['crew'],
  );
  const asked = async () => {
    const { data: now } = await developer().pulls.listRequestedReviewers(at);
    return [now.users.map((user) => user.login).sort(), now.teams.map((team) => team.slug)];
  };
  assert.deepEqual(await asked(), [['mona', 'rita'], ['crew']]);
  await maintainer().pulls.createReview({ ...at, event: 'APPROVE' });
  assert.deepEqual(await asked(), [['rita'], ['crew']]);
  await developer().pulls.createReview({ ...at, event: 'COMMENT', body: 'For the crew' });
  assert.deepEqual(await asked(), [['rita'], []]);
  await developer().pulls.removeRequestedReviewers({ ...at, reviewers: ['rita', 'nobody'] });
  assert.deepEqual(await asked(), [[], []]);
});

test('who is no collaborator, or wrote it, is not asked; a reader asks nobody', async () => {
  const { at } = await opened('unasked');
  const ask = (who: Persona, body: object) => as(who).pulls.requestReviewers({ ...at, ...body } as never);
  const stranger = /^Reviews may only be requested from collaborators\..* of the acme\/app repository\.$/;
  const { developer: dev } = stage.cast;
  await refused(ask(dev, { reviewers: ['ova'] }), 422, stranger);
  await refused(ask(dev, { reviewers: ['nobody'] }), 422, stranger);
  await refused(ask(dev, { reviewers: ['mona', 'acme'] }), 422, stranger);
  await refused(ask(dev, { team_reviewers: ['nothing'] }), 422, stranger);
  await refused(ask(dev, { reviewers: ['dev'] }), 422, 'Review cannot be requested from pull request author.');
  await refused(ask(dev, { reviewers: 'mona' }), 422, /^Invalid request\./);
  await refused(ask(reader, { reviewers: ['mona'] }), 403, 'Must have push access to repository');
  assert.deepEqual((await developer().pulls.listRequestedReviewers(at)).data, { users: [], teams: [] });
});

test('errors of the CODEOWNERS file are listed', async () => {
  await refused(developer().repos.codeownersErrors(here), 404, 'Not Found');
  await stage.branch('owners');
  await push('owners', 'CODEOWNERS', '*.ts @dev\n*.js @nobody\n/docs @acme/crew\n*.md [x]\n');
  const { data } = await developer().repos.codeownersErrors({ ...here, ref: 'owners' });
  assert.deepEqual(
    data.errors.map(({ line, kind, path }) => [line, kind, path]),
    [
      [2, 'Unknown owner', 'CODEOWNERS'],
      [4, 'Invalid owner', 'CODEOWNERS'],
    ],
  );
});
