import { Type } from 'typebox';
import { defineRule } from '../define-rule.ts';

/**
 * Code owners approve what they own (spec/gitlab.md 2.10). It is judged where a pull request is in play; who may push
 * directly is not stopped by it, as in GitLab, so it concerns no other change.
 */
export const codeOwnerReview = defineRule({
  type: 'code_owner_review',
  title: 'Require approval from code owners',
  homes: ['gitlab'],
  mandatoryIn: [],
  parameters: Type.Object({}),
  needs: [],
  concerns: () => false,
  violations: () => [],
});
