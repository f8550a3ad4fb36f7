import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes } from '../../../tests/support/ask.ts';
import { admin, creating, deleting, moving } from '../../../tests/support/scene.ts';
import { update } from './update.ts';

test('no matching ref moves, by whatever means', () => {
  for (const means of ['push', 'ref-api', 'contents', 'merge', 'auto-merge', 'landing'] as const)
    assert.deepEqual(codes(update, {}, { means, by: admin }), ['update']);
  assert.deepEqual(codes(update, {}, { update: moving('refs/tags/v1') }), ['update']);
});

test('syncing a fork passes where the rule allows it, and only there', () => {
  assert.equal(codes(update, { forkSync: true }, { means: 'fork-sync' }), 'not concerned');
  assert.deepEqual(codes(update, { forkSync: true }, { means: 'push' }), ['update']);
  assert.deepEqual(codes(update, { forkSync: false }, { means: 'fork-sync' }), ['update']);
  assert.deepEqual(codes(update, {}, { means: 'fork-sync' }), ['update']);
});

test('creating and deleting have rules of their own', () => {
  for (const change of [creating(), deleting()]) assert.equal(codes(update, {}, { update: change }), 'not concerned');
});
