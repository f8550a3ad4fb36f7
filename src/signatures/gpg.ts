import { createMessage, type Key, readKey, readSignature, type Signature, type Subkey, verify } from 'openpgp';
import { UnusableKey } from './ssh-key.ts';

/** What is kept of an OpenPGP public key. */
export interface ParsedGpgKey {
  /** 16 upper-case hexadecimal digits. */
  readonly keyId: string;
  readonly fingerprint: string;
  readonly subkeys: readonly { readonly keyId: string; readonly fingerprint: string; readonly canSign: boolean }[];
  /** E-mail addresses of its user ids that are self-signed and not revoked. */
  readonly emails: readonly string[];
  /** The public parts, as the key itself would print them. */
  readonly armored: string;
  /** Milliseconds since 1970; null: never. */
  readonly expiresAt: number | null;
}

/** Throws `UnusableKey`. */
export async function parseGpgKey(armored: string): Promise<ParsedGpgKey> {
  const key = await readKey({ armoredKey: armored }).catch(() => {
    throw new UnusableKey('it is not an armoured OpenPGP public key');
  });
  if (key.isPrivate()) throw new UnusableKey('it is a private key: remove it wherever you have put it');
  const users = await key.verifyAllUsers().catch(() => []);
  const valid = users.filter((user) => user.valid === true).flatMap((user) => (user.userID ? [emailOf(user.userID)] : []));
  const emails = [...new Set(valid.filter((email) => email !== ''))];
  if (emails.length === 0) throw new UnusableKey('it names no e-mail address');
  const expires = await key.getExpirationTime();
  return {
    keyId: idOf(key),
    fingerprint: key.getFingerprint().toUpperCase(),
    subkeys: await Promise.all(
      key.getSubkeys().map(async (subkey) => ({
        keyId: idOf(subkey),
        fingerprint: subkey.getFingerprint().toUpperCase(),
        canSign: await maySign(key, subkey),
      })),
    ),
    emails,
    armored: key.armor(),
    expiresAt: expires instanceof Date ? expires.getTime() : null,
  };
}

export function isGpgSignature(armored: string): boolean {
  return armored.startsWith('-----BEGIN PGP SIGNATURE-----') || armored.startsWith('-----BEGIN PGP MESSAGE-----');
}

/** Ids of the keys that a signature says made it; usually one. Throws when it cannot be read. */
export async function signersOf(armored: string): Promise<string[]> {
  return (await parseSignature(armored)).getSigningKeyIDs().map((id) => id.toHex().toUpperCase());
}

/**
 * Whether the key and whichever of its subkeys made the signature may sign at this moment. A signature says for itself when it was made, so
 * one that claims a time before the expiry proves nothing.
 */
export async function maySignAt(armored: string, armoredKey: string, now: number): Promise<boolean> {
  const key = await readKey({ armoredKey });
  const signers = (await parseSignature(armored)).getSigningKeyIDs();
  const results = await Promise.allSettled(signers.map((signer) => key.getSigningKey(signer, new Date(now))));
  return results.every((result) => result.status === 'fulfilled');
}

/** Whether a signature over the payload was made by the key. */
export async function isValidGpgSignature(payload: Buffer, armored: string, armoredKey: string): Promise<boolean> {
  const message = await createMessage({ binary: new Uint8Array(payload) });
  const { signatures } = await verify({
    message,
    signature: await parseSignature(armored),
    verificationKeys: await readKey({ armoredKey }),
    format: 'binary',
  });
  const results = await Promise.allSettled(signatures.map((signature) => signature.verified));
  return results.length > 0 && results.every((result) => result.status === 'fulfilled' && result.value);
}

function parseSignature(armored: string): Promise<Signature> {
  return readSignature({ armoredSignature: armored });
}

function idOf(key: Key | Subkey): string {
  return key.getKeyID().toHex().toUpperCase();
}

async function maySign(key: Key, subkey: Subkey): Promise<boolean> {
  return key.getSigningKey(subkey.getKeyID()).then(
    () => true,
    () => false,
  );
}

/** `Name (comment) <mail@example.org>`, or the bare address. */
function emailOf(userId: string): string {
  const bare = /^[^\s<>@]+@[^\s<>@]+$/.test(userId) ? userId : '';
  return /<([^<>]+)>/.exec(userId)?.[1] ?? bare;
}
