import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes } from '../../../tests/support/ask.ts';
import { creating, deleting, moving } from '../../../tests/support/scene.ts';
import { codeOwnerReview } from './code-owner-review.ts';

test('who may push is not stopped by code owners: they speak where a pull request is in play', () => {
  for (const update of [moving(), creating(), deleting()]) assert.equal(codes(codeOwnerReview, {}, { update }), 'not concerned');
});
