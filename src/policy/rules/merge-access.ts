import { Type } from 'typebox';
import { defineRule } from '../define-rule.ts';
import { anyGrantMatches, grantsOf, grantsSchema, matchingGrants } from '../grants.ts';

/** Who may merge a pull request into the branch (spec/gitlab.md 2.4). Being allowed to push implies it. */
export const mergeAccess = defineRule({
  type: 'merge_access',
  title: 'Allowed to merge',
  homes: ['gitlab'],
  mandatoryIn: ['gitlab'],
  parameters: Type.Object({ grants: grantsSchema }),
  needs: [],

  concerns: ({ change, means }) => change === 'update' && (means === 'merge' || means === 'auto-merge'),

  violations({ actor, standing, parametersOf }, { grants }) {
    return anyGrantMatches([...grants, ...grantsOf(parametersOf('push_access'))], actor, standing) ? [] : [{ code: 'merge_not_allowed' }];
  },

  letInBy: ({ actor, standing }, { grants }) => matchingGrants('allowed to merge', grants, actor, standing),
});
