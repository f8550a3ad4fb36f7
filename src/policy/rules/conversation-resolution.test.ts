import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes } from '../../../tests/support/ask.ts';
import { githubProtection } from '../../../tests/support/rules.ts';
import { creating, deleting, judgeOne, moving } from '../../../tests/support/scene.ts';
import { conversationResolution } from './conversation-resolution.ts';

test('a push has no conversation that could be unresolved', () => {
  for (const update of [moving(), creating(), deleting()]) assert.equal(codes(conversationResolution, {}, { update }), 'not concerned');
});

test('a protection may hold it: it is no rule that nobody knows', () => {
  const protections = [githubProtection([{ type: 'conversation_resolution', parameters: {} }])];
  assert.deepEqual(judgeOne({ protections }).violations, []);
});
