import { Type } from 'typebox';
import { defineRule } from '../define-rule.ts';

/**
 * No update may lose commits (spec/github.md 2.5 g, spec/gitlab.md 2.5 step 6). Allowing it grants nobody a push: the
 * other rules are judged as for any update. A ruleset stores it without parameters, which means not allowed.
 */
export const nonFastForward = defineRule({
  type: 'non_fast_forward',
  title: 'Block force pushes',
  homes: ['github', 'gitlab', 'ruleset'],
  mandatoryIn: ['github', 'gitlab'],
  parameters: Type.Object({ allowed: Type.Optional(Type.Boolean()) }),
  needs: ['fastForward'],

  concerns: ({ change }, { allowed }) => change === 'update' && allowed !== true,

  violations: ({ fastForward }) => (fastForward ? [] : [{ code: 'force_push' }]),
});
