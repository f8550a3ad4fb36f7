import { argon2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

const memory = 19 * 1024;
const passes = 2;
const parallelism = 1;

/** argon2id with 19 MiB and two passes, as a PHC string (decision 31). Runs off the event loop. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await derive('argon2id', { message: password, nonce, parallelism, tagLength: 32, memory, passes });
  const text = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${text(nonce)}$${text(Buffer.from(tag))}`;
}
