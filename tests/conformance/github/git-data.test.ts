import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refused } from './support/refusals.ts';
import { allOff } from './support/settings.ts';
import { here, stageFor } from './support/stage.ts';

let sha: string;
const stage = stageFor(import.meta.filename, async ({ as, cast }) => {
  sha = (await as(cast.owner).rest.git.getRef({ ...here, ref: 'heads/main' })).data.object.sha;
});
const git = () => stage.as(stage.cast.developer).rest.git;
const missing = '0123456789012345678901234567890123456789';
const empty = { owner: 'acme', repo: 'empty' };

test('a ref is made, read, moved and removed', async () => {
  const made = await git().createRef({ ...here, ref: 'refs/heads/topic/one', sha });
  const url = `${stage.server.url}/api/v3/repos/acme/app/git/refs/heads/topic/one`;
  assert.deepEqual([made.status, made.headers.location, made.data.url], [201, url, url]);
  assert.deepEqual(made.data.object, { sha, type: 'commit', url: `${stage.server.url}/api/v3/repos/acme/app/git/commits/${sha}` });
  assert.deepEqual((await git().getRef({ ...here, ref: 'heads/topic/one' })).data, made.data);
  const next = await commitOn(sha, 'next');
  const moved = await git().updateRef({ ...here, ref: 'heads/topic/one', sha: next });
  assert.equal(moved.data.object.sha, next);
  await refused(git().updateRef({ ...here, ref: 'heads/topic/one', sha }), 422, 'Update is not a fast forward');
  assert.equal((await git().updateRef({ ...here, ref: 'heads/topic/one', sha, force: true })).data.object.sha, sha);
  assert.equal((await git().deleteRef({ ...here, ref: 'heads/topic/one' })).status, 204);
  await refused(git().getRef({ ...here, ref: 'heads/topic/one' }), 404, 'Not Found');
  await refused(git().deleteRef({ ...here, ref: 'heads/topic/one' }), 422, 'Reference does not exist');
  await refused(git().updateRef({ ...here, ref: 'heads/topic/one', sha }), 422, 'Reference does not exist');
});

async function commitOn(parent: string, message: string): Promise<string> {
  const { data } = await git().getCommit({ ...here, commit_sha: parent });
  return (await git().createCommit({ ...here, message, tree: data.tree.sha, parents: [parent] })).data.sha;
}

test('a ref that is there, of no object, or of no possible name is not made', async () => {
  const make = (ref: string, id = sha) => git().createRef({ ...here, ref, sha: id });
  await refused(make('refs/heads/main'), 422, 'Reference already exists');
  await refused(make('refs/heads/ghost', missing), 422, 'Object does not exist');
  await refused(make('refs/heads/ghost', 'main'), 422, 'Object does not exist');
  for (const name of [
    'main',
    'heads/x',
    'refs/x',
    'refs/heads/a..b',
    'refs/heads/-x/..',
    'refs/heads/a b',
    'refs/heads/a\nb',
    'refs/heads/x.lock',
  ])
    await refused(make(name), 422, /./);
  await refused(git().createRef({ ...here, ref: 'refs/heads/x' } as never), 422, `Invalid request.\n\n"sha" wasn't supplied.`);
});

test('a branch points to commits only, a tag to anything', async () => {
  const { data: blob } = await git().createBlob({ ...here, content: 'x' });
  await refused(git().createRef({ ...here, ref: 'refs/heads/blob', sha: blob.sha }), 422, /./);
  assert.equal((await git().createRef({ ...here, ref: 'refs/tags/blob', sha: blob.sha })).data.object.type, 'blob');
});

test('refs are listed by how their names begin, and in the older ways', async () => {
  for (const name of ['list/a', 'list/b', 'listed']) await git().createRef({ ...here, ref: `refs/heads/${name}`, sha });
  const names = async (ref: string) => (await git().listMatchingRefs({ ...here, ref })).data.map((one) => one.ref);
  assert.deepEqual(await names('heads/list'), ['refs/heads/list/a', 'refs/heads/list/b', 'refs/heads/listed']);
  assert.deepEqual(await names('heads/list/'), ['refs/heads/list/a', 'refs/heads/list/b']);
  assert.deepEqual(await names('heads/none'), []);
  const older = async (path: string) => (await stage.as(stage.cast.developer).request(`GET /repos/acme/app/git/${path}`)).data;
  const { data: both } = await git().listMatchingRefs({ ...here, ref: 'heads/list/' });
  assert.deepEqual(await older('refs/heads/list'), both);
  assert.deepEqual(await older('refs/heads/list/a'), both[0]);
  assert.ok((await older('refs')).length > 3);
  await refused(older('refs/heads/none'), 404, 'Not Found');
});

test('refs of an empty repository are not there yet', async () => {
  await stage.as(stage.cast.owner).rest.repos.createInOrg({ org: 'acme', name: 'empty' });
  const owner = stage.as(stage.cast.owner).rest.git;
  await refused(owner.getRef({ ...empty, ref: 'heads/main' }), 409, 'Git Repository is empty.');
  assert.deepEqual((await owner.listMatchingRefs({ ...empty, ref: 'heads' })).data, []);
});

test('a blob is stored as text or as Base64, and read back', async () => {
  const { status, data, headers } = await git().createBlob({ ...here, content: 'häch\n' });
  assert.deepEqual([status, headers.location], [201, data.url]);
  const { data: read } = await git().getBlob({ ...here, file_sha: data.sha });
  assert.deepEqual([read.encoding, Buffer.from(read.content, 'base64').toString(), read.size], ['base64', 'häch\n', 6]);
  const bytes = Buffer.from([0, 255, 10, 13]).toString('base64');
  const binary = await git().createBlob({ ...here, content: bytes, encoding: 'base64' });
  assert.equal((await git().getBlob({ ...here, file_sha: binary.data.sha })).data.content.trim(), bytes);
  const raw = await stage.raw(stage.cast.developer, 'GET', `/repos/acme/app/git/blobs/${data.sha}`, {
    headers: { accept: 'application/vnd.github.raw+json' },
  });
  assert.equal(await raw.text(), 'häch\n');
  await refused(git().createBlob({ ...here, content: 'no base64!', encoding: 'base64' }), 422, 'content is not valid Base64');
  await refused(git().createBlob({ ...here, content: 'x', encoding: 'rot13' }), 422, /./);
  await refused(git().createBlob({ ...here } as never), 422, `Invalid request.\n\n"content" wasn't supplied.`);
  await refused(git().getBlob({ ...here, file_sha: missing }), 404, 'Not Found');
});

test('a tree is made of entries, upon another, and without some of it', async () => {
  const { data: first } = await git().createTree({
    ...here,
    tree: [
      { path: 'a.txt', mode: '100644', type: 'blob', content: 'a' },
      { path: 'run', mode: '100755', type: 'blob', content: '#!/bin/sh\n' },
      { path: 'deep/down/b.txt', mode: '100644', type: 'blob', content: 'b' },
    ],
  });
  assert.deepEqual(
    first.tree.map((entry) => [entry.path, entry.mode, entry.type]),
    [
      ['a.txt', '100644', 'blob'],
      ['deep', '040000', 'tree'],
      ['run', '100755', 'blob'],
    ],
  );
  const { data: second } = await git().createTree({
    ...here,
    base_tree: first.sha,
    tree: [
      { path: 'a.txt', mode: '100644', type: 'blob', sha: null },
      { path: 'deep/down/c.txt', mode: '100644', type: 'blob', content: 'c' },
    ],
  });
  const { data: all } = await git().getTree({ ...here, tree_sha: second.sha, recursive: '1' });
  assert.deepEqual(
    all.tree.map((entry) => entry.path),
    ['deep', 'deep/down', 'deep/down/b.txt', 'deep/down/c.txt', 'run'],
  );
  assert.equal(all.truncated, false);
  assert.equal((await git().getTree({ ...here, tree_sha: 'main' })).data.tree[0]?.path, 'README.md');
  await refused(git().getTree({ ...here, tree_sha: missing }), 404, 'Not Found');
});

for (const [what, entry] of [
  ['a path that climbs out', { path: '../x', mode: '100644', content: 'x' }],
  ['a path into .git', { path: '.git/config', mode: '100644', content: 'x' }],
  ['an object that is not there', { path: 'x', mode: '100644', sha: missing }],
  ['neither content nor object', { path: 'x', mode: '100644' }],
  ['an unknown mode', { path: 'x', mode: '100600', content: 'x' }],
] as const) {
  test(`a tree with ${what} is refused`, async () => {
    await refused(git().createTree({ ...here, tree: [entry] } as never), 422, /./);
  });
}

test('a commit is stored as its maker says, and nobody vouches for it', async () => {
  const { data: head } = await git().getCommit({ ...here, commit_sha: sha });
  const author = { name: 'Ada', email: 'ada@example.com', date: '2026-01-02T03:04:05Z' };
  const { status, data } = await git().createCommit({ ...here, message: 'by Ada', tree: head.tree.sha, parents: [sha], author });
  assert.equal(status, 201);
  assert.deepEqual([data.author, data.message, data.parents.map((parent) => parent.sha)], [author, 'by Ada', [sha]]);
  assert.deepEqual([data.verification.verified, data.verification.reason], [false, 'unsigned']);
  assert.deepEqual((await git().getCommit({ ...here, commit_sha: data.sha })).data, data);
  const own = await git().createCommit({ ...here, message: 'own', tree: head.tree.sha });
  assert.deepEqual([own.data.committer.email.includes('dev'), own.data.parents], [true, []]);
  await refused(git().createCommit({ ...here, message: 'x', tree: missing }), 422, /./);
  await refused(git().createCommit({ ...here, message: 'x', tree: head.tree.sha, parents: [missing] }), 422, /./);
  await refused(
    git().createCommit({ ...here, message: 'x', tree: head.tree.sha, author: { name: 'Ada' } as never }),
    422,
    `Invalid request.\n\n"email" wasn't supplied.`,
  );
  await refused(git().getCommit({ ...here, commit_sha: missing }), 404, 'Not Found');
});

test('an annotated tag is an object first and a ref after', async () => {
  const tagger = { name: 'Ada', email: 'ada@example.com', date: '2026-01-02T03:04:05Z' };
  const { status, data } = await git().createTag({ ...here, tag: 'v1', message: 'first', object: sha, type: 'commit', tagger });
  assert.deepEqual([status, data.tag, data.object.sha, data.tagger], [201, 'v1', sha, tagger]);
  assert.deepEqual((await git().getTag({ ...here, tag_sha: data.sha })).data, data);
  await refused(git().getRef({ ...here, ref: 'tags/v1' }), 404, 'Not Found');
  const { data: ref } = await git().createRef({ ...here, ref: 'refs/tags/v1', sha: data.sha });
  assert.deepEqual([ref.object.type, ref.object.sha], ['tag', data.sha]);
  await refused(git().createTag({ ...here, tag: 'v2', message: '', object: missing, type: 'commit' }), 422, /./);
  await refused(git().getTag({ ...here, tag_sha: sha }), 404, 'Not Found');
});

test('refs of a protected branch are not moved past its rules', async () => {
  const at = await stage.branch('ruled');
  const admin = stage.as(stage.cast.maintainer).rest.repos;
  await admin.updateBranchProtection({ ...at, ...allOff(), enforce_admins: true, required_pull_request_reviews: {} });
  const next = await commitOn(sha, 'past the rules');
  const moved = await refused(
    git().updateRef({ ...here, ref: 'heads/ruled', sha: next }),
    422,
    'Changes must be made through a pull request.',
  );
  assert.equal(moved.data.documentation_url, 'https://docs.github.com/articles/about-protected-branches');
  await refused(git().updateRef({ ...here, ref: 'heads/ruled', sha: next, force: true }), 422, /through a pull request/);
  await refused(git().deleteRef({ ...here, ref: 'heads/ruled' }), 422, /Cannot delete this protected branch/);
  assert.equal((await git().getRef({ ...here, ref: 'heads/ruled' })).data.object.sha, sha);
  await refused(git().deleteRef({ ...here, ref: 'heads/main' }), 422, /refusing to delete the current branch|default/);
});

test('git data is written by writers', async () => {
  const outsider = stage.as(stage.cast.outsider).rest.git;
  for (const call of [
    () => outsider.createRef({ ...here, ref: 'refs/heads/x', sha }),
    () => outsider.createBlob({ ...here, content: 'x' }),
    () => outsider.createTree({ ...here, tree: [] }),
    () => outsider.createCommit({ ...here, message: 'x', tree: missing }),
    () => outsider.createTag({ ...here, tag: 'x', message: 'x', object: sha, type: 'commit' }),
    () => outsider.deleteRef({ ...here, ref: 'heads/main' }),
  ])
    await refused(call(), 404, 'Not Found');
  await refused(stage.as(null).rest.git.createBlob({ ...here, content: 'x' }), 401, 'Requires authentication');
});
