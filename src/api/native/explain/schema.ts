import { Type } from 'typebox';
import { Id, Nullable, OneOf, operations, vias } from '../schemas.ts';

export const explainInput = Type.Object({
  as: Type.Optional(Nullable(Type.Union([Type.Object({ user: Type.String() }), Type.Object({ token_id: Id })]))),
  via: Type.Optional(vias),
  reason: Type.Optional(Nullable(Type.String())),
  updates: Type.Array(
    Type.Object({
      ref: Type.String({ description: 'Full ref name.' }),
      old: Type.Optional(Nullable(Type.String({ description: 'Left out: where the ref stands now. Null: absent.' }))),
      new: Nullable(Type.String({ description: 'Null: the ref is deleted.' })),
    }),
  ),
});

const results = OneOf('pass', 'fail', 'bypass');

const violation = Type.Object({
  rule: Type.String(),
  code: Type.String(),
  values: Type.Unknown(),
  places: Type.Array(Type.Unknown()),
  sources: Type.Array(Type.Unknown()),
  waivable: Type.Boolean(),
  observed_only: Type.Boolean(),
  waived_by: Nullable(Type.String()),
  token_fell_short: Type.Array(Type.String()),
  bypass_needed: Type.Array(Type.String(), {
    description: 'What an elevated token would have to name beside the defaults; empty: the defaults do.',
  }),
});

export const explainOutput = Type.Object({
  as: Type.Object({ user: Type.String(), via: vias, token_id: Nullable(Type.Integer()), elevated: Type.Boolean() }),
  result: results,
  whole_push_refused: Type.Boolean(),
  updates: Type.Array(
    Type.Object({
      ref: Type.String(),
      old: Nullable(Type.String()),
      new: Nullable(Type.String()),
      result: results,
      operation: Nullable(operations),
      problem: Nullable(Type.String({ description: "What git's own rules would say before any of ours." })),
      let_in_by: Type.Array(Type.String()),
      exempt_rulesets: Type.Array(Type.Integer()),
      facts: Type.Unknown({ description: 'What the rules looked at; commits and paths are counted.' }),
      violations: Type.Array(violation),
    }),
  ),
});
