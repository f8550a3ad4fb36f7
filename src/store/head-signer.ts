import { sign, verify } from 'node:crypto';
import type { HeadSigner } from './audit.ts';
import type { ServerKey } from './server-key.ts';

/** Signs heads of the audit chain. The one that it signed last it knows again: each append asks, and checking a signature costs more than making one. */
export function headSigner({ privateKey, publicKey }: ServerKey): Pick<HeadSigner, 'sign' | 'verify'> {
  let last = '';
  const together = (statement: Buffer, signature: string): string => `${statement.toString('latin1')}${signature}`;
  return {
    sign(statement) {
      const signature = sign(null, statement, privateKey).toString('base64');
      last = together(statement, signature);
      return signature;
    },
    verify: (statement, signature) =>
      together(statement, signature) === last || verify(null, statement, publicKey, Buffer.from(signature, 'base64')),
  };
}
