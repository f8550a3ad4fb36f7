import { Type } from 'typebox';
import type { Caller } from '#model/caller.ts';
import { invalid, notFound, type ProblemError } from '#model/problem.ts';
import type { RepositoryKey } from '#operations/access.ts';
import { readCommitsById } from '#operations/content/read-commits.ts';
import { readContents } from '#operations/content/read-objects.ts';
import { type FileWritten, writeContents } from '#operations/content/write-contents.ts';
import type { Context } from '#operations/context.ts';
import { ok, type Reply, route } from '../../route.ts';
import { fromBase64 } from '../base64.ts';
import { bypassReason, receiptHeaders } from '../bypass.ts';
import { gitCommitObject } from '../git/from-model.ts';
import { toPerson } from '../git/to-model.ts';
import { requestedFormat } from '../media.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { urls } from '../urls.ts';
import { entryObject, fileObject } from './from-model.ts';
import { deleteBody, deleteQuery, writeBody } from './schema.ts';

const write = { who: 'signed-in', capability: 'code:write' } as const;
const largeBody = 150 * 1024 * 1024;
const readQuery = Type.Object({ ref: Type.Optional(Type.String()) });

export const contentRoutes = [
  ...(['/repos/{owner}/{repo}/contents', '/repos/{owner}/{repo}/contents/{path+}'] as const).map((path) =>
    route({
      method: 'GET',
      path,
      access: { who: 'anyone' },
      summary: 'A file with its content, or what is in a folder',
      operation: 'repos/contents#get-repository-content',
      query: readQuery,
      handle: ({ context, caller, params, query, baseUrl, header }) => {
        const wanted = (params as { path?: string }).path ?? '';
        return contentReply(context, caller, repositoryKey(params), wanted, query.ref ?? null, baseUrl, header('accept'));
      },
    }),
  ),
  route({
    method: 'GET',
    path: '/repos/{owner}/{repo}/readme',
    access: { who: 'anyone' },
    summary: 'The README of the default branch',
    operation: 'repos/contents#get-a-repository-readme',
    query: readQuery,
    handle: async ({ context, caller, params, query, baseUrl, header }) => {
      const key = repositoryKey(params);
      const { content } = await readContents(context, caller, key, '', query.ref ?? null);
      const entries = content.kind === 'folder' ? content.entries.map(({ entry }) => entry) : [];
      const readme = entries.find(({ name, mode }) => /^readme(\.[a-z]+)?$/i.test(name) && mode.startsWith('100'));
      if (readme === undefined) throw notFound('readme');
      return contentReply(context, caller, key, readme.name, query.ref ?? null, baseUrl, header('accept'));
    },
  }),
  route({
    method: 'PUT',
    path: '/repos/{owner}/{repo}/contents/{path+}',
    access: write,
    summary: 'Create or change a file in one commit',
    operation: 'repos/contents#create-or-update-file-contents',
    body: writeBody,
    maximumBodyBytes: largeBody,
    handle: async ({ context, caller, params, body, baseUrl, header }) => {
      const content = fromBase64(body.content);
      if (content === null) throw messageOnly('content is not valid Base64');
      const file = {
        path: params.path,
        message: body.message,
        branch: body.branch ?? null,
        content,
        expected: body.sha ?? null,
        author: toPerson(body.author),
        committer: toPerson(body.committer),
      };
      const written = await writeContents(context, { caller, bypassReason: bypassReason(header) }, repositoryKey(params), file);
      return writtenReply(context, written, params.path, baseUrl, written.created ? 201 : 200);
    },
  }),
  route({
    method: 'DELETE',
    path: '/repos/{owner}/{repo}/contents/{path+}',
    access: write,
    summary: 'Remove a file in one commit',
    operation: 'repos/contents#delete-a-file',
    body: deleteBody,
    bodyOptional: true,
    query: deleteQuery,
    handle: async ({ context, caller, params, body, query, baseUrl, header }) => {
      const message = body.message ?? query.message;
      const sha = body.sha ?? query.sha;
      if (message === undefined || sha === undefined) throw suppliedNot(message === undefined ? 'message' : 'sha');
      const file = {
        path: params.path,
        message,
        branch: body.branch ?? query.branch ?? null,
        content: null,
        expected: sha,
        author: toPerson(body.author),
        committer: toPerson(body.committer),
      };
      const written = await writeContents(context, { caller, bypassReason: bypassReason(header) }, repositoryKey(params), file);
      return writtenReply(context, written, params.path, baseUrl, 200);
    },
  }),
];

async function contentReply(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  path: string,
  ref: string | null,
  baseUrl: string,
  accept: string | null,
): Promise<Reply> {
  const { content, ref: used, ...reached } = await readContents(context, caller, key, path, ref);
  const to = urls(baseUrl);
  if (content.kind === 'file') {
    if (requestedFormat(accept) === 'raw')
      return { status: 200, body: content.data ?? Buffer.alloc(0), contentType: 'application/vnd.github.raw; charset=utf-8' };
    return ok(fileObject(content, used, reached, to));
  }
  const prefix = content.path === '' ? '' : `${content.path}/`;
  return ok(content.entries.map(({ entry, bytes }) => entryObject(entry, prefix + entry.name, bytes, used, reached, to)));
}

async function writtenReply(
  context: Context,
  { commit, blob, branch, receipt, ...reached }: FileWritten,
  path: string,
  baseUrl: string,
  status: number,
): Promise<Reply> {
  const [shown] = await readCommitsById(context, reached.repository, [commit.id]);
  const to = urls(baseUrl);
  const content = blob && entryObject({ mode: '100644', name: path, id: blob.id }, path, blob.data.length, branch, reached, to);
  return { status, body: { content, commit: gitCommitObject(shown!, reached, to) }, headers: receiptHeaders(receipt) };
}

function messageOnly(message: string): ProblemError {
  return invalid('sha', message, 'invalid', 'Contents');
}

function suppliedNot(field: string): ProblemError {
  return invalid('sha', `"${field}" wasn't supplied.`, 'missing_field', 'Contents');
}
