import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timestamp } from './time.ts';

test('a time is shown in seconds, UTC', () => {
  assert.equal(timestamp(Date.UTC(2026, 0, 2, 3, 4, 5, 678)), '2026-01-02T03:04:05Z');
  assert.equal(timestamp(null), null);
});

test('a time that no calendar shows, as a commit may claim, becomes the nearest that one does', () => {
  assert.equal(timestamp(9_999_999_999_999_000), '9999-12-31T23:59:59Z');
  assert.equal(timestamp(-9_999_999_999_999_000), '0001-01-01T00:00:00Z');
});
