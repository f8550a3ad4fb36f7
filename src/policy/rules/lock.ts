import { Type } from 'typebox';
import { defineRule } from '../define-rule.ts';

/** The branch is read-only, deletion and creation included; only syncing a fork may pass (spec/github.md 2.5 j). */
export const lock = defineRule({
  type: 'lock',
  title: 'Lock branch',
  homes: ['github'],
  mandatoryIn: [],
  parameters: Type.Object({ forkSync: Type.Boolean() }),
  needs: [],

  concerns: ({ means }, { forkSync }) => !(forkSync && means === 'fork-sync'),

  violations: () => [{ code: 'locked' }],
});
