import { Type } from 'typebox';
import { Nullable, operations, time } from '../schemas.ts';

const bypassInput = Type.Object({
  repositories: Type.Union([Type.Array(Type.String({ description: 'owner/name' })), Type.Literal('all')]),
  refs: Type.Optional(Type.Array(Type.String({ description: 'fnmatch pattern over the full ref name' }))),
  operations: Type.Optional(Type.Array(operations)),
  rules: Type.Optional(Type.Array(Type.String())),
  paths: Type.Optional(Nullable(Type.Array(Type.String()))),
  uses: Type.Optional(Nullable(Type.Integer({ minimum: 1 }))),
});

export const tokenInput = Type.Object({
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  expires_at: Type.Optional(Nullable(Type.String())),
  note: Type.Optional(Nullable(Type.String({ maxLength: 1000 }))),
  bypass: Type.Optional(Nullable(bypassInput)),
});

export const tokenOutput = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  note: Nullable(Type.String()),
  user_id: Type.Integer(),
  kind: Type.String(),
  scopes: Type.Array(Type.String()),
  elevated: Type.Boolean(),
  bypass: Nullable(
    Type.Object({
      repositories: Type.Union([Type.Array(Type.Integer()), Type.Literal('all')]),
      refs: Type.Array(Type.String()),
      operations: Type.Array(operations),
      rules: Type.Array(Type.String()),
      paths: Nullable(Type.Array(Type.String())),
      uses: Nullable(Type.Object({ max: Type.Integer(), reserved: Type.Integer(), spent: Type.Integer() })),
      granted_by: Type.Union([Type.Integer(), Type.Literal('operator')]),
    }),
  ),
  last_eight: Type.String(),
  created_at: time,
  expires_at: Nullable(time),
  revoked_at: Nullable(time),
});

export const mintedOutput = Type.Object({ ...tokenOutput.properties, token: Type.String({ description: 'Shown this once.' }) });
