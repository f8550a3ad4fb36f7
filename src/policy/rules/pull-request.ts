import { Type } from 'typebox';
import { defineRule } from '../define-rule.ts';
import { grantsSchema } from '../grants.ts';

/**
 * Changes come through a pull request (spec/github.md 2.5 a). `passes` is a waiver list, read by `bypass.ts`: who is
 * on it still breaks the rule, on the record. Creating a branch is the business of creation rules.
 */
export const pullRequest = defineRule({
  type: 'pull_request',
  title: 'Require a pull request before merging',
  homes: ['github', 'ruleset'],
  mandatoryIn: [],
  parameters: Type.Object({
    approvals: Type.Integer({ minimum: 0, maximum: 10 }),
    dismissStale: Type.Boolean(),
    codeOwners: Type.Boolean(),
    lastPush: Type.Boolean(),
    dismissal: Type.Union([
      Type.Object({ mode: Type.Literal('writers') }),
      Type.Object({ mode: Type.Literal('listed'), actors: grantsSchema }),
    ]),
    passes: grantsSchema,
    threads: Type.Optional(Type.Boolean()),
    methods: Type.Optional(Type.Array(Type.Union([Type.Literal('merge'), Type.Literal('squash'), Type.Literal('rebase')]))),
  }),
  needs: [],

  concerns: ({ change }) => change === 'update',

  violations: () => [{ code: 'pull_request_required' }],
});
