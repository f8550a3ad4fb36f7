import { Type } from 'typebox';
import { readCodeOwnersErrors } from '#operations/pulls/read-code-owners-errors.ts';
import { ok, route } from '../../route.ts';
import { repositoryKey } from '../repositories/repository-key.ts';
import { codeOwnersErrorObject } from './from-model.ts';

export const codeOwnersRoutes = [
  route({
    method: 'GET',
    path: '/repos/{owner}/{repo}/codeowners/errors',
    access: { who: 'anyone' },
    summary: 'What is wrong in the CODEOWNERS file',
    operation: 'repos/repos#list-codeowners-errors',
    query: Type.Object({ ref: Type.Optional(Type.String()) }),
    handle: async ({ context, caller, params, query }) => {
      const { errors, path } = await readCodeOwnersErrors(context, caller, repositoryKey(params), query.ref ?? null);
      return ok({ errors: errors.map((error) => codeOwnersErrorObject(error, path)) });
    },
  }),
];
