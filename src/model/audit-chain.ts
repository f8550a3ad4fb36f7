import { createHash } from 'node:crypto';

/** What the first entry links to. */
export const chainStart = '0'.repeat(64);

/** The hash of an entry: over the hash before it and every byte of its stored text, so that nothing can change or change places. */
export function entryHash(previousHash: string, body: string): string {
  return createHash('sha256').update(`sallyport audit entry 1\n${previousHash}\n`).update(body).digest('hex');
}

/** The text that the server's key signs for a head. */
export function headStatement(number: number, hash: string, at: number): Buffer {
  return Buffer.from(`sallyport audit head 1\n${number}\n${hash}\n${at}\n`);
}
