import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const randomCharacters = 30;

/**
 * A new token: our own prefix, so that scanners know it for what it is, 30 random characters (178 bits) and a checksum, so that they do not
 * take a random word for one.
 */
export function newTokenSecret(): string {
  const random = Array.from({ length: randomCharacters }, () => alphabet[randomInt(alphabet.length)]).join('');
  return `sly_${random}${checksum(random)}`;
}

/** What is kept of it (decision 31). */
export function hashToken(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether a text could be a token at all; a password or a foreign token is told from a mistyped one. */
export function looksLikeToken(text: string): boolean {
  const match = /^sly_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/.exec(text);
  return match !== null && checksum(match[1]!) === match[2];
}

function checksum(text: string): string {
  let value = crc32(text);
  let digits = '';
  for (let place = 0; place < 6; place++) {
    digits = alphabet[value % alphabet.length] + digits;
    value = Math.floor(value / alphabet.length);
  }
  return digits;
}
