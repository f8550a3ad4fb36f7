import { Type } from 'typebox';
import { defineRule } from '../define-rule.ts';

/** Review threads are resolved before a pull request merges (spec/github.md 2.5 i). Without a pull request there is nothing to resolve. */
export const conversationResolution = defineRule({
  type: 'conversation_resolution',
  title: 'Require conversation resolution before merging',
  homes: ['github'],
  mandatoryIn: [],
  parameters: Type.Object({}),
  needs: [],
  concerns: () => false,
  violations: () => [],
});
