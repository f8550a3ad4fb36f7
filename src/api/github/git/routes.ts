import { parseTag } from '#model/git-commit.ts';
import { invalid, notFound } from '#model/problem.ts';
import { isRefName } from '#model/ref-name.ts';
import { createBlob, createCommit, createTag, createTree } from '#operations/content/create-objects.ts';
import { readCommitsById } from '#operations/content/read-commits.ts';
import { readBlob, readGitCommit, readTag, readTreeShown, typeOf } from '#operations/content/read-objects.ts';
import { listRefs, readRef } from '#operations/content/read-refs.ts';
import { created, ok, type Reply, route } from '../../route.ts';
import { fromBase64 } from '../base64.ts';
import { requestedFormat } from '../media.ts';
import { linkHeader, readPaging } from '../pagination.ts';
import { fullName } from '../repositories/from-model.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { pageQuery } from '../schemas.ts';
import { nodeId } from '../time.ts';
import { urls } from '../urls.ts';
import { gitCommitObject, refObject, tagObject, treeObject } from './from-model.ts';
import { changeRefs } from './ref-routes.ts';
import { blobBody, commitBody, tagBody, treeBody } from './schema.ts';
import { toPerson } from './to-model.ts';

const signedIn = { who: 'signed-in', capability: 'code:write' } as const;
const base = '/repos/{owner}/{repo}/git';
const largeBody = 150 * 1024 * 1024;

export const gitRoutes = [
  ...changeRefs,
  route({
    method: 'GET',
    path: `${base}/ref/{ref+}`,
    access: { who: 'anyone' },
    summary: 'One ref',
    operation: 'git/refs#get-a-reference',
    handle: async ({ context, caller, params, baseUrl }) => {
      const refName = `refs/${params.ref}`;
      if (!isRefName(refName)) throw notFound('ref');
      const { ref, ...reached } = await readRef(context, caller, repositoryKey(params), refName);
      return ok(refObject(ref, reached, urls(baseUrl)));
    },
  }),
  route({
    method: 'GET',
    path: `${base}/matching-refs/{ref+}`,
    access: { who: 'anyone' },
    summary: 'Refs whose names begin alike',
    operation: 'git/refs#list-matching-references',
    query: pageQuery,
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const { refs, total, ...reached } = await listRefs(context, caller, repositoryKey(params), `refs/${params.ref}`, paging);
      return ok(
        refs.map((ref) => refObject(ref, reached, urls(baseUrl))),
        linkHeader(baseUrl, url, paging, { total }),
      );
    },
  }),
  route({
    method: 'POST',
    path: `${base}/blobs`,
    access: signedIn,
    summary: 'Store a blob',
    operation: 'git/blobs#create-a-blob',
    body: blobBody,
    maximumBodyBytes: largeBody,
    takesContent: true,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const encoding = body.encoding ?? 'utf-8';
      if (encoding !== 'utf-8' && encoding !== 'base64') throw invalid('encoding', 'encoding is utf-8 or base64');
      const content = encoding === 'base64' ? fromBase64(body.content) : Buffer.from(body.content);
      if (content === null) throw invalid('content', 'content is not valid Base64');
      const { object, ...reached } = await createBlob(context, { caller, bypassReason: null }, repositoryKey(params), content);
      const url = `${urls(baseUrl).repo(fullName(reached))}/git/blobs/${object.id}`;
      return created({ sha: object.id, url }, url);
    },
  }),
  route({
    method: 'GET',
    path: `${base}/blobs/{file_sha}`,
    access: { who: 'anyone' },
    summary: 'A blob',
    operation: 'git/blobs#get-a-blob',
    handle: async ({ context, caller, params, baseUrl, header }): Promise<Reply> => {
      const { id, data, ...reached } = await readBlob(context, caller, repositoryKey(params), params.file_sha);
      if (requestedFormat(header('accept')) === 'raw')
        return { status: 200, body: data, contentType: 'application/vnd.github.raw; charset=utf-8' };
      const url = `${urls(baseUrl).repo(fullName(reached))}/git/blobs/${id}`;
      return ok({ sha: id, node_id: nodeId('Blob', id), size: data.length, url, content: data.toString('base64'), encoding: 'base64' });
    },
  }),
  route({
    method: 'POST',
    path: `${base}/trees`,
    access: signedIn,
    summary: 'Store a tree',
    operation: 'git/trees#create-a-tree',
    body: treeBody,
    maximumBodyBytes: largeBody,
    takesContent: true,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const items = body.tree.map((item) => {
        if (item.sha === undefined && item.content === undefined)
          throw invalid('tree', `tree item ${item.path} has neither sha nor content`);
        return { path: item.path, mode: item.mode, id: item.sha ?? null, content: item.sha == null ? (item.content ?? null) : null };
      });
      const { object, entries, ...reached } = await createTree(
        context,
        { caller, bypassReason: null },
        repositoryKey(params),
        body.base_tree ?? null,
        items,
      );
      const shown = entries.map((entry) => ({ path: entry.name, mode: entry.mode, type: typeOf(entry.mode), id: entry.id, bytes: null }));
      const tree = treeObject(object.id, shown, false, reached, urls(baseUrl));
      return created(tree, tree.url);
    },
  }),
  route({
    method: 'GET',
    path: `${base}/trees/{tree_sha+}`,
    access: { who: 'anyone' },
    summary: 'A tree, with `recursive` all below it',
    operation: 'git/trees#get-a-tree',
    handle: async ({ context, caller, params, baseUrl, url }) => {
      const recursive = new URL(url, baseUrl).searchParams.has('recursive');
      const { id, items, truncated, ...reached } = await readTreeShown(context, caller, repositoryKey(params), params.tree_sha, recursive);
      return ok(treeObject(id, items, truncated, reached, urls(baseUrl)));
    },
  }),
  route({
    method: 'POST',
    path: `${base}/commits`,
    access: signedIn,
    summary: 'Store a commit as the client composed it; no ref points to it yet',
    operation: 'git/commits#create-a-commit',
    body: commitBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const item = {
        message: body.message,
        tree: body.tree,
        parents: body.parents ?? [],
        author: toPerson(body.author),
        committer: toPerson(body.committer),
        signature: body.signature ?? null,
      };
      const { object, ...reached } = await createCommit(context, { caller, bypassReason: null }, repositoryKey(params), item);
      const [commit] = await readCommitsById(context, reached.repository, [object.id]);
      const shown = gitCommitObject(commit!, reached, urls(baseUrl));
      return created(shown, shown.url);
    },
  }),
  route({
    method: 'GET',
    path: `${base}/commits/{commit_sha}`,
    access: { who: 'anyone' },
    summary: 'A commit as git has it',
    operation: 'git/commits#get-a-commit-object',
    handle: async ({ context, caller, params, baseUrl }) => {
      const { commit, ...reached } = await readGitCommit(context, caller, repositoryKey(params), params.commit_sha);
      return ok(gitCommitObject(commit, reached, urls(baseUrl)));
    },
  }),
  route({
    method: 'POST',
    path: `${base}/tags`,
    access: signedIn,
    summary: 'Store an annotated tag; its ref is another step',
    operation: 'git/tags#create-a-tag-object',
    body: tagBody,
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const { tag, message, object: target, type } = body;
      const { object, ...reached } = await createTag(context, { caller, bypassReason: null }, repositoryKey(params), {
        tag,
        message,
        object: target,
        type,
        tagger: toPerson(body.tagger),
      });
      const shown = tagObject(object.id, parseTag(object.data), reached, urls(baseUrl));
      return created(shown, shown.url);
    },
  }),
  route({
    method: 'GET',
    path: `${base}/tags/{tag_sha}`,
    access: { who: 'anyone' },
    summary: 'An annotated tag',
    operation: 'git/tags#get-a-tag',
    handle: async ({ context, caller, params, baseUrl }) => {
      const { id, tag, ...reached } = await readTag(context, caller, repositoryKey(params), params.tag_sha);
      return ok(tagObject(id, tag, reached, urls(baseUrl)));
    },
  }),
];
