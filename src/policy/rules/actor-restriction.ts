import { Type } from 'typebox';
import { defineRule } from '../define-rule.ts';
import { anyGrantMatches, grantsSchema, matchingGrants } from '../grants.ts';

/**
 * Only listed people, teams and apps may push or merge (spec/github.md 2.5 d). With `coversCreation` the same list says
 * who may create a branch that the pattern covers. Deleting is pushing.
 */
export const actorRestriction = defineRule({
  type: 'actor_restriction',
  title: 'Restrict who can push',
  homes: ['github'],
  mandatoryIn: [],
  parameters: Type.Object({ grants: grantsSchema, coversCreation: Type.Boolean() }),
  needs: [],

  concerns: ({ change }, { coversCreation }) => change !== 'create' || coversCreation,

  violations({ actor, standing, change }, { grants }) {
    if (anyGrantMatches(grants, actor, standing)) return [];
    return [{ code: change === 'create' ? 'creation_not_listed' : 'not_listed' }];
  },

  letInBy: ({ actor, standing }, { grants }) => matchingGrants('push restriction', grants, actor, standing),
});
