import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Engine } from './engine.ts';
import { seal, unseal } from './seal.ts';
import { serverKeys } from './server.ts';

export interface ServerKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const name = 'signing';

/** The server's Ed25519 key: it signs audit heads and the commits the server makes. Made at first start, kept under the master key. */
export async function loadServerKey(engine: Engine, masterKey: Buffer): Promise<ServerKey> {
  const present = await serverKeys(engine.db).findKey(name);
  if (present !== null) return open(present, masterKey);
  return engine.transaction(async (db) => {
    const keys = serverKeys(db);
    const made = await keys.findKey(name);
    if (made !== null) return open(made, masterKey);
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const sealedPrivateKey = seal(masterKey, name, privateKey.export({ type: 'pkcs8', format: 'der' }));
    await keys.insertKey(name, { publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(), sealedPrivateKey });
    return { privateKey, publicKey };
  });
}

function open({ publicKey, sealedPrivateKey }: { publicKey: string; sealedPrivateKey: string }, masterKey: Buffer): ServerKey {
  const privateKey = openPrivate(sealedPrivateKey, masterKey);
  const derived = createPublicKey(privateKey);
  // Only the private half is under the master key. Whoever could put another public half beside it could sign audit heads that verify.
  if (derived.export({ type: 'spki', format: 'pem' }) !== publicKey)
    throw new Error("the public half of the server's key in the database is not the one that belongs to it: somebody changed it");
  return { privateKey, publicKey: derived };
}

function openPrivate(sealedPrivateKey: string, masterKey: Buffer): KeyObject {
  try {
    return createPrivateKey({ key: unseal(masterKey, name, sealedPrivateKey), format: 'der', type: 'pkcs8' });
  } catch {
    throw new Error('the master key does not open the keys of this store: is it the file that the store was made with?');
  }
}
