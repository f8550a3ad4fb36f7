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

const words = Type.String({ minLength: 1, maxLength: 65_536 });
const side = OneOf('LEFT', 'RIGHT');
const lineNumber = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
const commit = Type.String({ pattern: '^[0-9a-f]{40}([0-9a-f]{24})?$' });

const place = {
  position: Optional(lineNumber),
  line: Optional(lineNumber),
  side: Optional(side),
  start_line: Optional(lineNumber),
  start_side: Optional(side),
};

const event = OneOf('APPROVE', 'REQUEST_CHANGES', 'COMMENT');

export const newReviewBody = Type.Object({
  commit_id: Optional(commit),
  body: Optional(text),
  event: Optional(event),
  comments: Optional(Type.Array(Type.Object({ path: Type.String(), body: words, ...place }), { maxItems: 200 })),
});

export const submitBody = Type.Object({ body: Optional(text), event });
export const reviewBody = Type.Object({ body: text });
export const dismissBody = Type.Object({ message: text, event: Optional(OneOf('DISMISS')) });

export const newCommentBody = Type.Object({
  body: words,
  commit_id: Optional(commit),
  path: Optional(Type.String()),
  in_reply_to: Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
  subject_type: Optional(OneOf('line', 'file')),
  ...place,
});

export const commentBody = Type.Object({ body: words });

export const reviewersBody = Type.Object({
  reviewers: Optional(Type.Array(Type.String(), { maxItems: 100 })),
  team_reviewers: Optional(Type.Array(Type.String(), { maxItems: 100 })),
});

export const commentsQuery = Type.Object({
  ...pageQuery.properties,
  sort: Type.Optional(OneOf('created', 'updated', 'created_at')),
  direction: Type.Optional(OneOf('asc', 'desc')),
  since: Type.Optional(Type.String()),
});
