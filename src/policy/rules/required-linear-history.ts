import { Type } from 'typebox';
import { defineRule } from '../define-rule.ts';

/** No commit that the update adds has two parents, wherever in the range it hides (spec/github.md 2.5 e). First pushes included. */
export const requiredLinearHistory = defineRule({
  type: 'required_linear_history',
  title: 'Require linear history',
  homes: ['github', 'ruleset'],
  mandatoryIn: [],
  parameters: Type.Object({}),
  needs: ['commits'],

  concerns: ({ change }) => change === 'update' || change === 'create',

  violations({ commits }) {
    const merges = commits.filter((commit) => commit.parents.length > 1);
    return merges.length === 0 ? [] : [{ code: 'merge_commits', places: merges.map((commit) => ({ commit: commit.id })) }];
  },
});
