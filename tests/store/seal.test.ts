import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { seal, unseal } from '#store/seal.ts';

const key = randomBytes(32);

describe('what is sealed under the master key', () => {
  test('comes out as it went in, also when it is empty or large', () => {
    for (const plain of [Buffer.from('secret'), Buffer.alloc(0), randomBytes(100_000)])
      assert.deepEqual(unseal(key, 'name', seal(key, 'name', plain)), plain);
  });

  test('shows nothing of itself and never looks the same twice', () => {
    const plain = Buffer.from('a webhook secret');
    const [one, two] = [seal(key, 'name', plain), seal(key, 'name', plain)];
    assert.notEqual(one, two);
    assert.ok(!Buffer.from(one, 'base64').includes(plain));
  });

  test('does not open with another key', () => {
    assert.throws(() => unseal(randomBytes(32), 'name', seal(key, 'name', Buffer.from('secret'))));
  });

  test('cannot stand in for a secret of another name', () => {
    assert.throws(() => unseal(key, 'signing', seal(key, 'smtp', Buffer.from('secret'))));
  });

  test('does not open when any one byte of it was changed', () => {
    const sealed = Buffer.from(seal(key, 'name', Buffer.from('secret')), 'base64');
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      assert.throws(() => unseal(key, 'name', changed.toString('base64')), `byte ${at}`);
    }
  });

  test('does not open when it was cut off anywhere, not even with a shorter tag', () => {
    const sealed = Buffer.from(seal(key, 'name', Buffer.from('secret')), 'base64');
    for (let length = 0; length < sealed.length; length++)
      assert.throws(() => unseal(key, 'name', sealed.subarray(0, length).toString('base64')), `${length} bytes`);
  });
});
