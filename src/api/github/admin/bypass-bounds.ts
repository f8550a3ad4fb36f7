import { type Static, Type } from 'typebox';
import type { BypassInput } from '#operations/tokens/mint-token.ts';
import { Nullable, OneOf } from '../schemas.ts';

/** The bounds of a bypass, an extension of ours in the same words as the native API's (decision 28). */
export const bypassSchema = Type.Object({
  repositories: Type.Union([Type.Array(Type.String()), Type.Literal('all')]),
  refs: Type.Optional(Type.Array(Type.String())),
  operations: Type.Optional(Type.Array(OneOf('update', 'force-push', 'create', 'delete', 'merge'))),
  rules: Type.Optional(Type.Array(Type.String())),
  paths: Type.Optional(Nullable(Type.Array(Type.String()))),
  uses: Type.Optional(Nullable(Type.Integer({ minimum: 1 }))),
});

export function toBypass({ repositories, refs, operations, rules, paths, uses }: Static<typeof bypassSchema>): BypassInput {
  return {
    repositories,
    ...(refs && { refs }),
    ...(operations && { operations }),
    ...(rules && { rules }),
    ...(paths !== undefined && { paths }),
    ...(uses !== undefined && { uses }),
  };
}
