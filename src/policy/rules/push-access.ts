import { Type } from 'typebox';
import { defineRule } from '../define-rule.ts';
import { anyGrantMatches, grantsSchema, matchingGrants } from '../grants.ts';

/** Who may push to the branch (spec/gitlab.md 2.3 to 2.5). An empty list lets nobody in. Creating and deleting have rules of their own. */
export const pushAccess = defineRule({
  type: 'push_access',
  title: 'Allowed to push',
  homes: ['gitlab'],
  mandatoryIn: ['gitlab'],
  parameters: Type.Object({ grants: grantsSchema }),
  needs: [],

  concerns: ({ change, means }) => change === 'update' && means !== 'merge' && means !== 'auto-merge',

  violations: ({ actor, standing }, { grants }) => (anyGrantMatches(grants, actor, standing) ? [] : [{ code: 'push_not_allowed' }]),

  letInBy: ({ actor, standing }, { grants }) => matchingGrants('allowed to push', grants, actor, standing),
});
