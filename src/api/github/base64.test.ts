import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBase64 } from './base64.ts';

test('Base64 is read with and without padding, and with line breaks wherever they are', () => {
  for (const text of ['aGVsbG8=', 'aGVsbG8', 'aGVs\nbG8=\n', ' aG Vs\tbG8 =\r\n'])
    assert.equal(fromBase64(text)?.toString(), 'hello', text);
  assert.equal(fromBase64('')?.length, 0);
});

test('what is no Base64 is nothing', () => {
  for (const text of ['aGVsbG8!', 'aGVsbG8===', '=aGVs', 'aG=Vs', 'aGVs-G8_', 'ä']) assert.equal(fromBase64(text), null, text);
});

test('a long run of white space takes no longer than its length', () => {
  const started = performance.now();
  assert.equal(fromBase64(`${' '.repeat(500_000)}!`), null);
  assert.ok(performance.now() - started < 5000);
});
