import { Type } from 'typebox';
import { OneOf, Optional, pageQuery } from '../schemas.ts';

const title = Type.String({ minLength: 1, maxLength: 256 });
const text = Type.String({ maxLength: 65_536 });
const branch = Type.String({ minLength: 1, maxLength: 1000 });

export const newPullBody = Type.Object({
  title,
  head: branch,
  head_repo: Optional(Type.String()),
  base: branch,
  body: Optional(text),
  draft: Optional(Type.Boolean()),
  maintainer_can_modify: Optional(Type.Boolean()),
});

export const pullChangesBody = Type.Object({
  title: Optional(title),
  body: Optional(text),
  state: Optional(OneOf('open', 'closed')),
  base: Optional(branch),
  draft: Optional(Type.Boolean()),
  maintainer_can_modify: Optional(Type.Boolean()),
});

export const pullsQuery = Type.Object({
  ...pageQuery.properties,
  state: Type.Optional(OneOf('open', 'closed', 'all')),
  head: Type.Optional(Type.String()),
  base: Type.Optional(Type.String()),
  sort: Type.Optional(OneOf('created', 'updated', 'popularity', 'long-running')),
  direction: Type.Optional(OneOf('asc', 'desc')),
});
