import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { hashToken, looksLikeToken, newTokenSecret } from './secret.ts';

describe('the secret of a token', () => {
  test('has our prefix, 30 random characters and a checksum of six', () => {
    assert.match(newTokenSecret(), /^sly_[0-9A-Za-z]{36}$/);
    assert.equal(Math.floor(30 * Math.log2(62)), 178);
  });

  test('never comes twice, and uses the whole alphabet', () => {
    const secrets = Array.from({ length: 2000 }, newTokenSecret);
    assert.equal(new Set(secrets).size, 2000);
    assert.equal(new Set(secrets.map((secret) => secret.slice(4, 34)).join('')).size, 62);
  });

  test('is told from a mistyped one, character by character', () => {
    const secret = newTokenSecret();
    assert.ok(looksLikeToken(secret));
    for (let at = 4; at < secret.length; at++) {
      const typo = secret[at] === 'a' ? 'b' : 'a';
      assert.ok(!looksLikeToken(secret.slice(0, at) + typo + secret.slice(at + 1)), `character ${at}`);
    }
  });

  test('is told from what is no token of ours', () => {
    const secret = newTokenSecret();
    const others = [
      '',
      'password',
      secret.slice(0, -1),
      `${secret}0`,
      `${secret}\n`,
      ` ${secret}`,
      secret.replace('sly_', 'ghp_'),
      secret.toUpperCase(),
    ];
    for (const other of others) assert.ok(!looksLikeToken(other), JSON.stringify(other));
  });

  test('has a checksum that scanners can compute: CRC-32 of the random part in base 62', () => {
    assert.ok(looksLikeToken(`sly_${'0'.repeat(30)}${base62OfCrc('0'.repeat(30))}`));
  });

  test('is kept as its SHA-256', () => {
    assert.equal(hashToken('sly_x'), createHash('sha256').update('sly_x').digest('hex'));
    assert.equal(hashToken('sly_x').length, 64);
  });
});

/** Written anew, bit by bit, so that it agrees with the product's by being right. */
function base62OfCrc(text: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  let value = (crc ^ 0xffffffff) >>> 0;
  const digits: string[] = [];
  while (digits.length < 6) {
    digits.unshift('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'[value % 62]!);
    value = Math.floor(value / 62);
  }
  return digits.join('');
}
