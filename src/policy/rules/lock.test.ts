import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes } from '../../../tests/support/ask.ts';
import { admin, creating, deleting, moving } from '../../../tests/support/scene.ts';
import { lock } from './lock.ts';

test('a locked branch does not change, appear or go', () => {
  for (const update of [moving(), creating(), deleting()]) {
    assert.deepEqual(codes(lock, { forkSync: false }, { update, by: admin }), ['locked']);
    assert.deepEqual(codes(lock, { forkSync: true }, { update, by: admin }), ['locked']);
  }
});

test('a merge does not open it', () => {
  assert.deepEqual(codes(lock, { forkSync: true }, { means: 'merge', via: 'api' }), ['locked']);
});

test('syncing a fork passes where the lock allows it, and only there', () => {
  assert.equal(codes(lock, { forkSync: true }, { means: 'fork-sync', via: 'api' }), 'not concerned');
  assert.deepEqual(codes(lock, { forkSync: false }, { means: 'fork-sync', via: 'api' }), ['locked']);
});
