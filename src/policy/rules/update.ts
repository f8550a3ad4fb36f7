import { Type } from 'typebox';
import { defineRule } from '../define-rule.ts';

/** No matching ref moves at all (spec/github.md 2.6); syncing a fork may be let through. */
export const update = defineRule({
  type: 'update',
  title: 'Restrict updates',
  homes: ['ruleset'],
  mandatoryIn: [],
  parameters: Type.Object({ forkSync: Type.Optional(Type.Boolean()) }),
  needs: [],

  concerns: ({ change, means }, { forkSync }) => change === 'update' && !(forkSync === true && means === 'fork-sync'),

  violations: () => [{ code: 'update' }],
});
