import { Type } from 'typebox';
import { Nullable, OneOf, Optional } from '../schemas.ts';

const person = Type.Object({ name: Type.String(), email: Type.String(), date: Optional(Type.String()) });

export const newRefBody = Type.Object({ ref: Type.String(), sha: Type.String() });

export const refChangeBody = Type.Object({ sha: Type.String(), force: Optional(Type.Boolean()) });

export const blobBody = Type.Object({ content: Type.String(), encoding: Optional(Type.String()) });

export const treeBody = Type.Object({
  base_tree: Optional(Type.String()),
  tree: Type.Array(
    Type.Object({
      path: Type.String(),
      mode: OneOf('100644', '100755', '040000', '160000', '120000'),
      type: Type.Optional(OneOf('blob', 'tree', 'commit')),
      sha: Type.Optional(Nullable(Type.String())),
      content: Type.Optional(Type.String()),
    }),
    { maxItems: 100_000 },
  ),
});

export const commitBody = Type.Object({
  message: Type.String(),
  tree: Type.String(),
  parents: Optional(Type.Array(Type.String())),
  author: Optional(Type.Partial(person)),
  committer: Optional(Type.Partial(person)),
  signature: Optional(Type.String()),
});

export const tagBody = Type.Object({
  tag: Type.String(),
  message: Type.String(),
  object: Type.String(),
  type: OneOf('commit', 'tree', 'blob'),
  tagger: Optional(person),
});
