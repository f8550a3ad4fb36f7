import assert from 'node:assert/strict';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { WorkTree } from '../../support/history.ts';
import { refused } from './support/refusals.ts';
import { allOff } from './support/settings.ts';
import { here, main, stageFor } from './support/stage.ts';

const stage = stageFor(import.meta.filename);
const repos = () => stage.as(stage.cast.developer).rest.repos;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A file as the API shows one. */
interface FileShown {
  readonly sha: string;
  readonly content: string;
  readonly size: number;
  readonly path: string;
  readonly url: string;
}

async function read(path: string, ref?: string): Promise<FileShown> {
  return (await repos().getContent({ ...here, path, ...(ref && { ref }) })).data as FileShown;
}

test('a file is made, read, changed and removed, each in a commit of its own', async () => {
  const at = { ...here, path: 'docs/ä b.md' };
  const made = await repos().createOrUpdateFileContents({ ...at, message: 'make', content: base64('one\n') });
  assert.equal(made.status, 201);
  assert.deepEqual([made.data.content?.path, made.data.content?.name, made.data.commit.message], ['docs/ä b.md', 'ä b.md', 'make']);
  const shown = await read(at.path);
  assert.deepEqual([Buffer.from(shown.content, 'base64').toString(), shown.size, shown.sha], ['one\n', 4, made.data.content?.sha]);
  assert.ok(shown.url.endsWith('/contents/docs/%C3%A4%20b.md?ref=main'), shown.url);
  assert.deepEqual((await stage.as(stage.cast.developer).request(`GET ${shown.url}`)).data, shown);
  const changed = await repos().createOrUpdateFileContents({ ...at, message: 'change', content: base64('two\n'), sha: shown.sha });
  assert.equal(changed.status, 200);
  assert.deepEqual(
    changed.data.commit.parents?.map((parent) => parent.sha),
    [made.data.commit.sha],
  );
  const gone = await repos().deleteFile({ ...at, message: 'remove', sha: changed.data.content!.sha! });
  assert.deepEqual([gone.status, gone.data.content, gone.data.commit.message], [200, null, 'remove']);
  await refused(repos().getContent(at), 404, 'Not Found');
});

test('a file is removed with its parameters in the query too', async () => {
  const { data } = await repos().createOrUpdateFileContents({ ...here, path: 'queried', message: 'make', content: '' });
  const query = new URLSearchParams({ message: 'remove', sha: data.content!.sha!, branch: 'main' });
  const answer = await stage.raw(stage.cast.developer, 'DELETE', `/repos/acme/app/contents/queried?${query}`);
  assert.equal(answer.status, 200);
  await refused(repos().getContent({ ...here, path: 'queried' }), 404, 'Not Found');
});

test('a file that changed meanwhile is not overwritten', async () => {
  const at = { ...here, path: 'raced' };
  const { data } = await repos().createOrUpdateFileContents({ ...at, message: 'make', content: base64('1') });
  const first = data.content!.sha!;
  const change = (body: object) => repos().createOrUpdateFileContents({ ...at, message: 'change', content: base64('2'), ...body });
  await refused(change({}), 422, `Invalid request.\n\n"sha" wasn't supplied.`);
  await change({ sha: first });
  await refused(change({ sha: first }), 409, `raced does not match ${first}`);
  await refused(repos().deleteFile({ ...at, message: 'remove', sha: first }), 409, `raced does not match ${first}`);
  await refused(repos().deleteFile({ ...at, message: 'remove' } as never), 422, `Invalid request.\n\n"sha" wasn't supplied.`);
  await refused(repos().deleteFile({ ...at, sha: first } as never), 422, `Invalid request.\n\n"message" wasn't supplied.`);
  assert.equal(Buffer.from((await read('raced')).content, 'base64').toString(), '2');
});

test('a file is written to the branch that is named, by the people that are named', async () => {
  const at = await stage.branch('side/branch');
  const author = { name: 'Ada', email: 'ada@example.com', date: '2026-01-02T03:04:05Z' };
  const { data } = await repos().createOrUpdateFileContents({ ...at, path: 'aside', message: 'aside', content: base64('x'), author });
  assert.deepEqual(data.commit.author, author);
  assert.equal(data.commit.committer?.email?.includes('dev'), true);
  assert.ok(data.content?.url?.endsWith('?ref=side%2Fbranch'), data.content?.url);
  await refused(repos().getContent({ ...here, path: 'aside' }), 404, 'Not Found');
  assert.equal((await read('aside', 'side/branch')).path, 'aside');
  await refused(
    repos().createOrUpdateFileContents({ ...here, path: 'x', message: 'x', content: '', branch: 'nowhere' }),
    404,
    'Branch nowhere not found',
  );
});

test('what is no Base64, no path or no message is refused', async () => {
  const put = (path: string, body: object) => repos().createOrUpdateFileContents({ ...here, path, message: 'm', content: '', ...body });
  await refused(put('x', { content: 'not base64!' }), 422, 'content is not valid Base64');
  await refused(put('x', { message: undefined }), 422, `Invalid request.\n\n"message" wasn't supplied.`);
  await refused(put('x', { content: undefined }), 422, `Invalid request.\n\n"content" wasn't supplied.`);
  for (const path of ['../x', '.git/config', 'a//b', 'a/./b']) await refused(put(path, {}), 422, /./);
  await refused(put('README.md/below', {}), 422, 'README.md is not a folder');
});

test('a folder lists what is in it, and the root does without a path', async () => {
  await repos().createOrUpdateFileContents({ ...here, path: 'folder/inner/file', message: 'm', content: base64('abc') });
  await repos().createOrUpdateFileContents({ ...here, path: 'folder/file', message: 'm', content: base64('ab') });
  const list = async (path: string) => {
    const { data } = await repos().getContent({ ...here, path });
    return (data as { name: string; type: string; size: number }[]).map(({ name, type, size }) => [name, type, size]);
  };
  assert.deepEqual(await list('folder'), [
    ['file', 'file', 2],
    ['inner', 'dir', 0],
  ]);
  assert.deepEqual(await list('folder/'), await list('folder'));
  assert.ok((await list('')).some(([name]) => name === 'README.md'));
});

test('a link and a folder of another repository are shown as what they are', async () => {
  await using work = await WorkTree.clone(stage.cast.developer.remote('acme/app'));
  await work.must('update-index', '--add', '--cacheinfo', `160000,${await work.head()},vendored`);
  await symlink('README.md', join(work.path, 'link'));
  await writeFile(join(work.path, '.gitmodules'), '[submodule "v"]\n\tpath = vendored\n\turl = https://git.example.com/v.git\n');
  await work.must('add', 'link', '.gitmodules');
  await work.must('commit', '--quiet', '-m', 'link and submodule');
  assert.equal((await work.push('origin', 'HEAD:refs/heads/kinds')).code, 0);
  const kinds = await repos().getContent({ ...here, path: '', ref: 'kinds' });
  const byName = new Map((kinds.data as { name: string; type: string }[]).map((one) => [one.name, one.type]));
  assert.deepEqual([byName.get('link'), byName.get('vendored')], ['symlink', 'submodule']);
  const link = (await repos().getContent({ ...here, path: 'link', ref: 'kinds' })).data as { type: string; target: string };
  assert.deepEqual([link.type, link.target], ['symlink', 'README.md']);
  const submodule = (await repos().getContent({ ...here, path: 'vendored', ref: 'kinds' })).data as Record<string, unknown>;
  assert.deepEqual(
    [submodule['type'], submodule['git_url'], submodule['submodule_git_url']],
    ['submodule', null, 'https://git.example.com/v.git'],
  );
});

test('a file is read raw, at any ref, and not at one that is not there', async () => {
  const raw = await repos().getContent({ ...here, path: 'README.md', mediaType: { format: 'raw' } });
  assert.equal(raw.data as unknown, '# App\n');
  const { data: branch } = await repos().getBranch(main);
  const first = (await repos().listCommits({ ...here, per_page: 100 })).data.at(-1)!.sha;
  for (const ref of ['main', 'heads/main', branch.commit.sha, first]) assert.equal((await read('README.md', ref)).size, 6, ref);
  await refused(repos().getContent({ ...here, path: 'README.md', ref: 'nowhere' }), 404, 'No commit found for the ref nowhere');
  await refused(repos().getContent({ ...here, path: 'nothing' }), 404, 'Not Found');
});

test('the README is found under any of its names', async () => {
  const { data } = await repos().getReadme(here);
  assert.deepEqual([data.name, Buffer.from(data.content, 'base64').toString()], ['README.md', '# App\n']);
  await stage.as(stage.cast.owner).rest.repos.createInOrg({ org: 'acme', name: 'bare' });
  await refused(repos().getReadme({ owner: 'acme', repo: 'bare' }), 404, /./);
});

test('the first file of an empty repository makes its branch', async () => {
  await stage.as(stage.cast.owner).rest.repos.createInOrg({ org: 'acme', name: 'fresh' });
  const owner = stage.as(stage.cast.owner).rest.repos;
  const at = { owner: 'acme', repo: 'fresh' };
  await refused(owner.getContent({ ...at, path: 'a' }), 404, 'This repository is empty.');
  await owner.createOrUpdateFileContents({ ...at, path: 'a', message: 'first', content: '' });
  assert.equal((await owner.getBranch({ ...at, branch: 'main' })).data.commit.parents.length, 0);
});

test('a protected branch takes no file past its rules', async () => {
  const at = await stage.branch('ruled');
  const { data: file } = await repos().getContent({ ...here, path: 'README.md', ref: 'ruled' });
  const { sha } = file as FileShown;
  await stage.as(stage.cast.maintainer).rest.repos.updateBranchProtection({
    ...at,
    ...allOff(),
    enforce_admins: true,
    required_pull_request_reviews: {},
    required_status_checks: { strict: false, contexts: ['ci'] },
  });
  const rule = 'Changes must be made through a pull request. Required status check "ci" is expected.';
  const write = (body: object) => repos().createOrUpdateFileContents({ ...at, path: 'new', message: 'm', content: '', ...body });
  const made = await refused(write({}), 409, `Could not create file: ${rule}`);
  assert.equal(made.data.documentation_url, 'https://docs.github.com/articles/about-protected-branches');
  await refused(write({ path: 'README.md', sha }), 409, `Could not update file: ${rule}`);
  await refused(repos().deleteFile({ ...at, path: 'README.md', message: 'm', sha }), 409, `Could not delete file: ${rule}`);
});

test('files are written by writers', async () => {
  const write = (who: Parameters<typeof stage.as>[0]) =>
    stage.as(who).rest.repos.createOrUpdateFileContents({ ...here, path: 'x', message: 'x', content: '' });
  await refused(write(stage.cast.outsider), 404, 'Not Found');
  await refused(write(null), 401, 'Requires authentication');
  await stage.as(stage.cast.owner).rest.repos.createInOrg({ org: 'acme', name: 'public', auto_init: true });
  const outside = stage.as(stage.cast.outsider).rest.repos;
  await refused(
    outside.createOrUpdateFileContents({ owner: 'acme', repo: 'public', path: 'x', message: 'x', content: '' }),
    403,
    'Must have push access to repository',
  );
});
