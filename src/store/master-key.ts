import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

const bytes = 32;

/** Reads the master key: 64 hexadecimal digits in a file that only the server can read. With `create` an absent one is made. */
export async function readMasterKey(path: string, { create }: { readonly create: boolean }): Promise<Buffer> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && create) return null;
    throw new Error(`the master key ${path} cannot be read: ${error.message}`);
  });
  if (text === null) return createMasterKey(path);
  if (!/^[0-9a-f]{64}\s*$/i.test(text)) throw new Error(`${path} is no master key: it has 64 hexadecimal digits`);
  return Buffer.from(text.trim(), 'hex');
}

async function createMasterKey(path: string): Promise<Buffer> {
  const key = randomBytes(bytes);
  // `wx`: two starts at once must not each make one and lose the other's.
  await writeFile(path, `${key.toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  return key;
}
