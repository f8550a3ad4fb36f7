import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf } from './from-model.ts';

test('a message is shown without the line breaks that end it, and with all others', () => {
  assert.equal(messageOf({ message: 'one\n\ntwo\n\n\n' }), 'one\n\ntwo');
  assert.equal(messageOf({ message: '\none' }), '\none');
  assert.equal(messageOf({ message: '\n\n' }), '');
});

test('a long run of line breaks takes no longer than its length', () => {
  const message = `${'\n'.repeat(500_000)}x`;
  const started = performance.now();
  assert.equal(messageOf({ message }), message);
  assert.ok(performance.now() - started < 5000);
});
