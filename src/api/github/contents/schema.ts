import { Type } from 'typebox';
import { Optional } from '../schemas.ts';

const person = Type.Partial(Type.Object({ name: Type.String(), email: Type.String(), date: Optional(Type.String()) }));

export const writeBody = Type.Object({
  message: Type.String(),
  content: Type.String(),
  sha: Optional(Type.String()),
  branch: Optional(Type.String()),
  committer: Optional(person),
  author: Optional(person),
});

/** A body, or the same in the query: some clients send no body with DELETE. */
export const deleteBody = Type.Partial(
  Type.Object({
    message: Type.String(),
    sha: Type.String(),
    branch: Optional(Type.String()),
    committer: Optional(person),
    author: Optional(person),
  }),
);

export const deleteQuery = Type.Object({
  message: Type.Optional(Type.String()),
  sha: Type.Optional(Type.String()),
  branch: Type.Optional(Type.String()),
});
