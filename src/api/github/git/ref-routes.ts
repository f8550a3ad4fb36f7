import { notFound } from '#model/problem.ts';
import { createRef, deleteRef, updateRef } from '#operations/content/change-refs.ts';
import { listRefs, readRef } from '#operations/content/read-refs.ts';
import { noContent, ok, type Reply, route } from '../../route.ts';
import { bypassReason, receiptHeaders } from '../bypass.ts';
import { linkHeader, readPaging } from '../pagination.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { pageQuery } from '../schemas.ts';
import { urls } from '../urls.ts';
import { refObject } from './from-model.ts';
import { newRefBody, refChangeBody } from './schema.ts';

const signedIn = { who: 'signed-in', capability: 'code:write' } as const;
const base = '/repos/{owner}/{repo}/git/refs';

export const changeRefs = [
  route({
    method: 'GET',
    path: base,
    access: { who: 'anyone' },
    summary: 'All refs',
    query: pageQuery,
    handle: async ({ context, caller, params, query, baseUrl, url }) => {
      const paging = readPaging(query);
      const { refs, total, ...reached } = await listRefs(context, caller, repositoryKey(params), 'refs/', paging);
      if (total === 0) throw notFound('refs');
      return ok(
        refs.map((ref) => refObject(ref, reached, urls(baseUrl))),
        linkHeader(baseUrl, url, paging, { total }),
      );
    },
  }),
  route({
    method: 'GET',
    path: `${base}/{ref+}`,
    access: { who: 'anyone' },
    summary: 'A ref, or those below a name: the older form that clients still use',
    query: pageQuery,
    handle: async ({ context, caller, params, query, baseUrl, url }): Promise<Reply> => {
      const paging = readPaging(query);
      const refName = `refs/${params.ref}`;
      const below = refName.endsWith('/') ? refName : `${refName}/`;
      const { refs, total, ...reached } = await listRefs(context, caller, repositoryKey(params), below, paging);
      if (total === 0) {
        const { ref } = await readRef(context, caller, repositoryKey(params), refName);
        return ok(refObject(ref, reached, urls(baseUrl)));
      }
      return ok(
        refs.map((ref) => refObject(ref, reached, urls(baseUrl))),
        linkHeader(baseUrl, url, paging, { total }),
      );
    },
  }),
  route({
    method: 'POST',
    path: base,
    access: signedIn,
    summary: 'Create a ref',
    operation: 'git/refs#create-a-reference',
    body: newRefBody,
    handle: async ({ context, caller, params, body, baseUrl, header }) => {
      const key = repositoryKey(params);
      const { receipt } = await createRef(context, { caller, bypassReason: bypassReason(header) }, key, body.ref, body.sha);
      const { ref, ...reached } = await readRef(context, caller, key, body.ref);
      const shown = refObject(ref, reached, urls(baseUrl));
      return { status: 201, body: shown, headers: { location: shown.url, ...receiptHeaders(receipt) } };
    },
  }),
  route({
    method: 'PATCH',
    path: `${base}/{ref+}`,
    access: signedIn,
    summary: 'Move a ref',
    operation: 'git/refs#update-a-reference',
    body: refChangeBody,
    handle: async ({ context, caller, params, body, baseUrl, header }) => {
      const key = repositoryKey(params);
      const refName = `refs/${params.ref}`;
      const { receipt } = await updateRef(
        context,
        { caller, bypassReason: bypassReason(header) },
        key,
        refName,
        body.sha,
        body.force ?? false,
      );
      const { ref, ...reached } = await readRef(context, caller, key, refName);
      return ok(refObject(ref, reached, urls(baseUrl)), receiptHeaders(receipt));
    },
  }),
  route({
    method: 'DELETE',
    path: `${base}/{ref+}`,
    access: signedIn,
    summary: 'Delete a ref',
    operation: 'git/refs#delete-a-reference',
    handle: async ({ context, caller, params, header }) => {
      const { receipt } = await deleteRef(
        context,
        { caller, bypassReason: bypassReason(header) },
        repositoryKey(params),
        `refs/${params.ref}`,
      );
      return { ...noContent, headers: receiptHeaders(receipt) };
    },
  }),
];
