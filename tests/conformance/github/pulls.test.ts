import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkTree } from '../../support/history.ts';
import { createPersona, mint, type Persona } from '../../support/personas.ts';
import { refused, sentencesOf } from './support/refusals.ts';
import { here, type Stage, stageFor } from './support/stage.ts';

let reader: Persona;
const stage: Stage = stageFor(import.meta.filename, async ({ server, as, cast }) => {
  reader = await createPersona(server, 'rita');
  await as(cast.owner).rest.repos.addCollaborator({ ...here, username: 'rita', permission: 'pull' });
});
const client = () => stage.as(stage.cast.developer);
const developer = () => client().rest;

/** A branch of its own with one commit that `main` has not; it writes `file`. */
async function topic(name: string, file = `${name}.txt`, content = 'one\ntwo\n'): Promise<string> {
  await stage.branch(name);
  const { data } = await developer().repos.createOrUpdateFileContents({
    ...{ ...here, branch: name, path: file, message: `Write ${file}` },
    content: Buffer.from(content).toString('base64'),
  });
  return data.commit.sha!;
}

async function opened(name: string, body: object = {}) {
  const sha = await topic(name);
  const { data } = await developer().pulls.create({ ...here, title: `Add ${name}`, head: name, base: 'main', ...body });
  return { ...data, sha };
}

test('a pull request is opened and read back', async () => {
  const sha = await topic('first');
  const { status, data, headers } = await developer().pulls.create({ ...here, title: 'Add it', body: 'Why', head: 'first', base: 'main' });
  assert.equal(status, 201);
  assert.equal(headers.location, data.url);
  assert.deepEqual(
    [data.state, data.title, data.body, data.draft, data.merged, data.user.login, data.author_association],
    ['open', 'Add it', 'Why', false, false, 'dev', 'COLLABORATOR'],
  );
  assert.deepEqual([data.head.label, data.head.ref, data.head.sha, data.head.repo?.full_name], ['acme:first', 'first', sha, 'acme/app']);
  assert.deepEqual([data.base.label, data.base.ref, data.base.repo.full_name], ['acme:main', 'main', 'acme/app']);
  assert.deepEqual(
    [data.mergeable, data.rebaseable, data.mergeable_state, data.commits, data.additions, data.deletions, data.changed_files],
    [true, true, 'clean', 1, 2, 0, 1],
  );
  const number = { ...here, pull_number: data.number };
  assert.deepEqual((await developer().pulls.get(number)).data, data);
  const { data: commits } = await developer().pulls.listCommits(number);
  assert.deepEqual(
    commits.map((commit) => [commit.sha, commit.commit.message]),
    [[sha, 'Write first.txt']],
  );
  const { data: files } = await developer().pulls.listFiles(number);
  assert.deepEqual(
    files.map((file) => [file.filename, file.status, file.additions, file.patch]),
    [['first.txt', 'added', 2, '@@ -0,0 +1,2 @@\n+one\n+two']],
  );
});

test('its diff and its commits are read as text', async () => {
  const { number, sha } = await opened('text');
  const text = async (format: 'diff' | 'patch') => {
    const { data, headers } = await developer().pulls.get({ ...here, pull_number: number, mediaType: { format } });
    assert.equal(headers['content-type'], `application/vnd.github.v3.${format}; charset=utf-8`);
    return data as unknown as string;
  };
  assert.match(await text('diff'), /^diff --git a\/text\.txt b\/text\.txt\nnew file mode 100644\n(.*\n)*\+two\n$/);
  assert.match(await text('patch'), new RegExp(`^From ${sha} `));
});

test('one that cannot be is refused with GitHub’s reasons', async () => {
  await topic('twice');
  const open = (body: object) => developer().pulls.create({ ...here, title: 'x', head: 'twice', base: 'main', ...body });
  const reasons = async (body: object): Promise<readonly unknown[]> => {
    const { data } = await refused(open(body), 422, 'Validation Failed');
    return data.errors.map(({ resource, field, code, message }: Record<string, string>) => [resource, field, code, message]);
  };
  assert.deepEqual(await reasons({ head: 'missing' }), [['PullRequest', 'head', 'invalid', 'There is no branch missing']]);
  assert.deepEqual(await reasons({ head: 'nobody:twice' }), [['PullRequest', 'head', 'invalid', 'There is no branch nobody:twice']]);
  assert.deepEqual(await reasons({ base: 'missing' }), [['PullRequest', 'base', 'invalid', 'There is no branch missing']]);
  assert.deepEqual(await reasons({ head: 'main' }), [['PullRequest', undefined, 'custom', 'No commits between main and main']]);
  await open({ head: 'acme:twice' });
  assert.deepEqual(await reasons({}), [['PullRequest', undefined, 'custom', 'A pull request already exists for acme:twice.']]);
  await using work = await WorkTree.create();
  await work.commit('elsewhere', { 'x.txt': 'x\n' });
  await work.must('push', '--quiet', stage.cast.developer.remote('acme/app'), 'HEAD:refs/heads/stranger');
  assert.deepEqual(sentencesOf((await refused(open({ head: 'stranger' }), 422, 'Validation Failed')).data), [
    'The stranger branch has no history in common with main',
  ]);
});

test('a body that is none is refused, and nothing is opened', async () => {
  const before = (await developer().pulls.list({ ...here, state: 'all', per_page: 100 })).data.length;
  const open = (body: object) => client().request('POST /repos/{owner}/{repo}/pulls', { ...here, ...body } as never);
  const usual = { title: 'x', head: 'twice', base: 'main' };
  await refused(open({}), 422, 'Invalid request.\n\n"title", "head", "base" weren\'t supplied.');
  await refused(open({ ...usual, title: '   ' }), 422, `Invalid request.\n\n"title" wasn't supplied.`);
  await refused(open({ ...usual, title: 'x'.repeat(257) }), 422, /^Invalid request\./);
  await refused(open({ ...usual, body: 'x'.repeat(65_537) }), 422, /^Invalid request\./);
  await refused(open({ ...usual, title: 7 }), 422, /^Invalid request\./);
  await refused(open({ ...usual, draft: 'yes' }), 422, /^Invalid request\./);
  await refused(open({ ...usual, head: 'a:b:c' }), 422, 'Validation Failed');
  await refused(open({ ...usual, head: '../../x' }), 422, 'Validation Failed');
  for (const number of ['0', '999999', 'x', '1.5', '99999999999999999999'])
    await refused(client().request(`GET /repos/acme/app/pulls/${number}`), 404, 'Not Found');
  for (const rest of ['commits', 'files']) await refused(client().request(`GET /repos/acme/app/pulls/999999/${rest}`), 404, 'Not Found');
  assert.equal((await developer().pulls.list({ ...here, state: 'all', per_page: 100 })).data.length, before);
});

test('the list is told apart, sorted, and cut into pages', async () => {
  await developer().git.createRef({ ...here, ref: 'refs/heads/side', sha: (await opened('listed-1')).base.sha });
  const one = await opened('listed-2', { base: 'side' });
  const two = await opened('listed-3', { base: 'side' });
  const three = await opened('listed-4', { base: 'side', draft: true });
  await developer().pulls.update({ ...here, pull_number: two.number, state: 'closed' });
  const list = async (filter: object) =>
    (await developer().pulls.list({ ...here, base: 'side', ...filter })).data.map((pull) => pull.number);
  assert.deepEqual(await list({}), [three.number, one.number]);
  assert.deepEqual(await list({ direction: 'asc' }), [one.number, three.number]);
  assert.deepEqual(await list({ state: 'closed' }), [two.number]);
  assert.deepEqual(await list({ state: 'all' }), [three.number, two.number, one.number]);
  assert.deepEqual(await list({ state: 'all', head: 'ACME:listed-3' }), [two.number]);
  assert.deepEqual(await list({ state: 'all', head: 'dev:listed-3' }), []);
  assert.deepEqual(await list({ state: 'all', sort: 'long-running' }), [one.number, two.number, three.number]);
  assert.equal((await list({ state: 'all', sort: 'updated' })).length, 3);
  assert.equal((await list({ state: 'all', sort: 'popularity', direction: 'desc' })).length, 3);
  const { headers, data } = await developer().pulls.list({ ...here, base: 'side', state: 'all', per_page: 1, page: 2 });
  assert.deepEqual(
    data.map((pull) => pull.number),
    [two.number],
  );
  assert.match(headers.link!, /page=3>; rel="next".*page=3>; rel="last"/);
  await refused(developer().pulls.list({ ...here, state: 'ajar' as never }), 422, /ajar is not a member of/);
});

test('words, draft and state change; writing back what is there changes nothing', async () => {
  const { number } = await opened('edited', { draft: true });
  const at = { ...here, pull_number: number };
  assert.equal((await developer().pulls.get(at)).data.mergeable_state, 'draft');
  const { data } = await developer().pulls.update({ ...at, title: 'Other', body: 'Words', draft: false } as never);
  assert.deepEqual([data.title, data.body, data.draft, data.mergeable_state], ['Other', 'Words', false, 'clean']);
  const { data: same } = await developer().pulls.update({ ...at, title: 'Other', body: 'Words', state: 'open', base: 'main' });
  assert.equal(same.updated_at, data.updated_at);
  const { data: closed } = await developer().pulls.update({ ...at, state: 'closed' });
  assert.deepEqual(
    [closed.state, typeof closed.closed_at, closed.mergeable, closed.mergeable_state],
    ['closed', 'string', null, 'unknown'],
  );
  const { data: open } = await developer().pulls.update({ ...at, state: 'open' });
  assert.deepEqual([open.state, open.closed_at, open.mergeable_state], ['open', null, 'clean']);
  await refused(developer().pulls.update({ ...at, state: 'merged' as never }), 422, /merged is not a member of/);
  await refused(developer().pulls.update({ ...at, title: ' ' }), 422, /"title" wasn't supplied/);
});

test('it is led to another base, which has to be one', async () => {
  const { number } = await opened('moved');
  const at = { ...here, pull_number: number };
  await stage.branch('elsewhere');
  const { data } = await developer().pulls.update({ ...at, base: 'elsewhere' });
  assert.deepEqual([data.base.ref, data.base.label], ['elsewhere', 'acme:elsewhere']);
  const reasons = async (body: object) => sentencesOf((await refused(developer().pulls.update({ ...at, ...body }), 422, /./)).data);
  assert.deepEqual(await reasons({ base: 'missing' }), [`Proposed base branch 'missing' was not found`]);
  assert.deepEqual(await reasons({ base: 'moved' }), [`There are no new commits between base branch 'moved' and head branch 'moved'`]);
  await developer().pulls.create({ ...here, title: 'Twin', head: 'moved', base: 'main' });
  assert.deepEqual(await reasons({ base: 'main' }), [`A pull request already exists for base branch 'main' and head branch 'moved'`]);
  await developer().pulls.update({ ...at, state: 'closed' });
  assert.deepEqual(await reasons({ base: 'main' }), ['Cannot change the base branch of a closed pull request.']);
});

test('one whose branch is gone, or that has a twin, does not come back', async () => {
  const { number } = await opened('gone');
  const at = { ...here, pull_number: number };
  await developer().pulls.update({ ...at, state: 'closed' });
  const twin = await developer().pulls.create({ ...here, title: 'Twin', head: 'gone', base: 'main' });
  const why = async () => sentencesOf((await refused(developer().pulls.update({ ...at, state: 'open' }), 422, /./)).data)[0];
  assert.match((await why())!, /^state cannot be changed\. A pull request already exists/);
  await developer().pulls.update({ ...here, pull_number: twin.data.number, state: 'closed' });
  await developer().git.deleteRef({ ...here, ref: 'heads/gone' });
  assert.equal(await why(), 'state cannot be changed. The gone branch has been deleted.');
});

test('one that was merged says so, and by what', async () => {
  const { number } = await opened('landed');
  const at = { ...here, pull_number: number };
  await refused(developer().pulls.checkIfMerged(at), 404, 'Not Found');
  // Merging is done by nobody yet: this is what is kept of it.
  const { read, write } = stage.server.running.house.store;
  const { data: open } = await developer().pulls.get(at);
  const mona = (await read.accounts.findByLogin('mona'))!;
  await write((tx) => tx.pulls.markMerged(open.id, { by: mona.id, commit: open.head.sha }));
  assert.equal((await developer().pulls.checkIfMerged(at)).status, 204);
  const { data } = await developer().pulls.get(at);
  assert.deepEqual(
    [data.state, data.merged, data.merged_by?.login, data.merge_commit_sha, data.mergeable_state, typeof data.merged_at],
    ['closed', true, 'mona', open.head.sha, 'unknown', 'string'],
  );
  await refused(developer().pulls.update({ ...at, state: 'open' }), 422, 'Validation Failed');
});

test('what cannot be merged says so', async () => {
  await topic('ours', 'fight.txt', 'ours\n');
  await topic('theirs', 'fight.txt', 'theirs\n');
  const { data } = await developer().pulls.create({ ...here, title: 'x', head: 'theirs', base: 'ours' });
  assert.deepEqual([data.mergeable, data.rebaseable, data.mergeable_state], [false, false, 'dirty']);
});

test('a failing check, one that is required, and a base that went on show in the state', async () => {
  await stage.branch('guarded');
  const { number, sha } = await opened('checked', { base: 'guarded' });
  const state = async () => (await developer().pulls.get({ ...here, pull_number: number })).data.mergeable_state;
  const report = (context: string, value: 'success' | 'failure') =>
    developer().repos.createCommitStatus({ ...here, sha, context, state: value });
  await report('lint', 'failure');
  assert.equal(await state(), 'unstable');
  await report('lint', 'success');
  assert.equal(await state(), 'clean');
  const owner = stage.as(stage.cast.owner).rest;
  await owner.repos.updateBranchProtection({
    ...{ ...here, branch: 'guarded', enforce_admins: null, restrictions: null, required_pull_request_reviews: null },
    required_status_checks: { strict: true, contexts: ['build'] },
  });
  assert.equal(await state(), 'blocked');
  await report('build', 'success');
  assert.equal(await state(), 'clean');
  await owner.repos.deleteBranchProtection({ ...here, branch: 'guarded' });
  await developer().repos.createOrUpdateFileContents({ ...here, branch: 'guarded', path: 'n.txt', message: 'On', content: '' });
  await owner.repos.updateBranchProtection({
    ...{ ...here, branch: 'guarded', enforce_admins: null, restrictions: null, required_pull_request_reviews: null },
    required_status_checks: { strict: true, contexts: ['build'] },
  });
  assert.equal(await state(), 'behind');
});

test('the head is where git has it, not where it was when it was proposed', async () => {
  const { number, sha } = await opened('goes-on');
  const { data } = await developer().repos.createOrUpdateFileContents({
    ...{ ...here, branch: 'goes-on', path: 'more.txt', message: 'More', content: Buffer.from('more\n').toString('base64') },
  });
  const { data: pull } = await developer().pulls.get({ ...here, pull_number: number });
  assert.notEqual(pull.head.sha, sha);
  assert.deepEqual([pull.head.sha, pull.commits, pull.changed_files], [data.commit.sha, 2, 2]);
});

test('who reads sees, who writes changes, and to strangers nothing is there', async () => {
  const { number } = await opened('seen');
  const at = { ...here, pull_number: number };
  assert.equal((await stage.as(reader).rest.pulls.get(at)).data.number, number);
  await refused(stage.as(reader).rest.pulls.update({ ...at, title: 'Mine' }), 403, 'Must have push access to repository');
  await refused(stage.as(reader).rest.pulls.update({ ...at, state: 'closed' }), 403, 'Must have push access to repository');
  await refused(
    stage.as(reader).rest.pulls.create({ ...here, title: 'x', head: 'seen', base: 'elsewhere' }),
    403,
    'Must have push access to repository',
  );
  for (const call of [
    () => stage.as(stage.cast.outsider).rest.pulls.get(at),
    () => stage.as(stage.cast.outsider).rest.pulls.list(here),
    () => stage.as(stage.cast.outsider).rest.pulls.listFiles(at),
    () => stage.as(stage.cast.outsider).rest.pulls.update({ ...at, title: 'x' }),
    () => stage.as(null).rest.pulls.get(at),
  ])
    await refused(call(), 404, 'Not Found');
  await refused(stage.as(null).rest.pulls.create({ ...here, title: 'x', head: 'seen', base: 'main' }), 401, 'Requires authentication');
  const narrow = await mint(stage.server, 'dev', ['repo:status']);
  await refused(stage.as(narrow).rest.pulls.get(at), 403, 'Resource not accessible by this token');
});

test('whoever reads a public repository may propose, with a token for public repositories', async () => {
  const { owner } = stage.cast;
  await stage.as(owner).rest.repos.createInOrg({ org: 'acme', name: 'open', private: false, auto_init: true } as never);
  const open = { owner: 'acme', repo: 'open' };
  const { data: main } = await stage.as(owner).rest.git.getRef({ ...open, ref: 'heads/main' });
  await stage.as(owner).rest.git.createRef({ ...open, ref: 'refs/heads/idea', sha: main.object.sha });
  await stage.as(owner).rest.repos.createOrUpdateFileContents({ ...open, branch: 'idea', path: 'i', message: 'i', content: '' });
  const outsider = await mint(stage.server, 'ova', ['public_repo']);
  const { data } = await stage.as(outsider).rest.pulls.create({ ...open, title: 'An idea', head: 'idea', base: 'main' });
  assert.deepEqual([data.user.login, data.author_association], ['ova', 'NONE']);
  const { data: mine } = await stage.as(outsider).rest.pulls.update({ ...open, pull_number: data.number, title: 'Mine' });
  assert.equal(mine.title, 'Mine');
  assert.equal((await stage.as(null).rest.pulls.get({ ...open, pull_number: data.number })).data.title, 'Mine');
});

test('an archived repository takes none', async () => {
  const { owner } = stage.cast;
  await stage.as(owner).rest.repos.createInOrg({ org: 'acme', name: 'old', private: true, auto_init: true } as never);
  const old = { owner: 'acme', repo: 'old' };
  await stage.as(owner).rest.repos.update({ ...old, archived: true });
  const call = stage.as(owner).rest.pulls.create({ ...old, title: 'x', head: 'a', base: 'main' });
  await refused(call, 403, 'Repository was archived so is read-only.');
});

test('a list with many pages is walked to its end', async () => {
  const numbers = await client().paginate('GET /repos/{owner}/{repo}/pulls', { ...here, state: 'all', per_page: 3 });
  const { data } = await developer().pulls.list({ ...here, state: 'all', per_page: 100 });
  assert.deepEqual(
    numbers.map((pull) => pull.number),
    data.map((pull) => pull.number),
  );
  assert.ok(data.length > 6);
});
