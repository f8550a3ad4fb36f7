import { Type } from 'typebox';
import { grant, OneOf, rule } from '../schemas.ts';

const fields = {
  pattern: Type.String(),
  rules: Type.Array(rule),
  enforce_admins: Type.Optional(Type.Boolean({ description: 'Whether admins are bound too. Always true for GitLab origin.' })),
  manage: Type.Optional(Type.Array(grant, { description: 'GitLab origin: who may edit; empty: every admin.' })),
  demands_reason: Type.Optional(Type.Boolean({ description: 'A bypass needs a reason.' })),
  accepts_elevated: Type.Optional(Type.Boolean({ description: 'Elevated tokens may pass.' })),
};

export const protectionInput = Type.Object({ origin: OneOf('github', 'gitlab'), ...fields });
export const protectionChanges = Type.Partial(Type.Object(fields));

export const protectionOutput = Type.Object({
  id: Type.Integer(),
  version: Type.Integer(),
  origin: OneOf('github', 'gitlab'),
  level: OneOf('repository', 'organization'),
  pattern: Type.String(),
  rules: Type.Array(rule),
  enforce_admins: Type.Boolean(),
  manage: Type.Array(grant),
  demands_reason: Type.Boolean(),
  accepts_elevated: Type.Boolean(),
});
