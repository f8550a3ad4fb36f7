import assert from 'node:assert/strict';
import { test } from 'node:test';
import { giveBack } from './give-back.ts';

test('a chunk that has its memory to itself gives all of it back', () => {
  const chunk = Buffer.alloc(64 * 1024, 'a');
  const { buffer } = chunk;
  giveBack(chunk);
  assert.equal(buffer.byteLength, 0);
  giveBack(chunk);
});

test('a chunk that is a part of something larger takes nothing from its neighbours', () => {
  const whole = Buffer.alloc(64 * 1024, 'a');
  giveBack(whole.subarray(1));
  giveBack(whole.subarray(0, 10));
  assert.deepEqual(whole, Buffer.alloc(64 * 1024, 'a'));
  const small = Buffer.from('one of many in the pool');
  giveBack(small);
  assert.equal(small.toString(), 'one of many in the pool');
});
