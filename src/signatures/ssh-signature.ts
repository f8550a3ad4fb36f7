import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import { curves, ed25519Blob, parseSshKey, type SshPublicKey, withoutLeadingZeros } from './ssh-key.ts';
import { SshWireReader, sshString, sshUint32 } from './ssh-wire.ts';

/** A signature in OpenSSH's own format, taken apart. */
export interface SshSignature {
  readonly key: SshPublicKey;
  readonly namespace: string;
  readonly hash: string;
  readonly reserved: Buffer;
  readonly signature: Buffer;
}

const magic = Buffer.from('SSHSIG');
const begin = '-----BEGIN SSH SIGNATURE-----';
const end = '-----END SSH SIGNATURE-----';
/** What git signs under; a signature made for something else proves nothing about a commit. */
const gitNamespace = 'git';
const hashes = ['sha256', 'sha512'];

export function isSshSignature(armored: string): boolean {
  return armored.startsWith(begin);
}

/** Throws when it is not one, or made with a key we do not take. */
export function parseSshSignature(armored: string): SshSignature {
  const body = armored.trim();
  if (!body.startsWith(begin) || !body.endsWith(end)) throw new Error('the armour is damaged');
  const reader = new SshWireReader(Buffer.from(body.slice(begin.length, -end.length), 'base64'));
  if (!reader.bytes(magic.length).equals(magic) || reader.uint32() !== 1) throw new Error('it is not an SSH signature of version 1');
  const key = parseSshKey(reader.string());
  const namespace = reader.string().toString('utf8');
  const reserved = reader.string();
  const hash = reader.string().toString('latin1');
  return { key, namespace, reserved, hash, signature: reader.string() };
}

/** Whether the key in the signature made it, for git, over exactly this payload. */
export function isValidSshSignature(payload: Buffer, { key, namespace, hash, reserved, signature }: SshSignature): boolean {
  if (namespace !== gitNamespace || !hashes.includes(hash)) return false;
  return verifyRaw(key, signedData(payload, hash, reserved), signature);
}

/** Signs as `ssh-keygen -Y sign -n git` does, with an Ed25519 key. */
export function signWithSsh(payload: Buffer, privateKey: KeyObject, publicKey: KeyObject): string {
  const hash = 'sha512';
  const raw = sign(null, signedData(payload, hash, Buffer.alloc(0)), privateKey);
  const blob = Buffer.concat([
    magic,
    sshUint32(1),
    sshString(ed25519Blob(publicKey)),
    sshString(gitNamespace),
    sshString(''),
    sshString(hash),
    sshString(Buffer.concat([sshString('ssh-ed25519'), sshString(raw)])),
  ]);
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return [begin, ...lines, end].join('\n');
}

function signedData(payload: Buffer, hash: string, reserved: Buffer): Buffer {
  const digest = createHash(hash).update(payload).digest();
  return Buffer.concat([magic, sshString(gitNamespace), sshString(reserved), sshString(hash), sshString(digest)]);
}

function verifyRaw(key: SshPublicKey, data: Buffer, signature: Buffer): boolean {
  const reader = new SshWireReader(signature);
  const algorithm = reader.string().toString('latin1');
  const body = reader.string();
  if (!fits(algorithm, key.type)) return false;
  if (key.application === null) return verifyWith(key, algorithm, data, body);
  const flags = reader.byte();
  const counter = sshUint32(reader.uint32());
  const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
  const userWasPresent = (flags & 1) === 1;
  return (
    userWasPresent &&
    verifyWith(key, algorithm, Buffer.concat([sha256(key.application), Buffer.from([flags]), counter, sha256(data)]), body)
  );
}

/** An algorithm that is not the key's own is a confusion or an attack; RSA with SHA-1 is neither accepted. */
function fits(algorithm: string, keyType: string): boolean {
  if (keyType === 'ssh-rsa') return algorithm === 'rsa-sha2-256' || algorithm === 'rsa-sha2-512';
  return algorithm === keyType;
}

function verifyWith({ key, type }: SshPublicKey, algorithm: string, data: Buffer, body: Buffer): boolean {
  if (type.includes('ed25519')) return verify(null, data, key, body);
  if (type === 'ssh-rsa') return verify(algorithm === 'rsa-sha2-512' ? 'sha512' : 'sha256', data, key, body);
  const curve = curves[/nistp\d+/.exec(type)?.[0] ?? ''];
  if (curve === undefined) return false;
  const numbers = new SshWireReader(body);
  const [r, s] = [numbers.string(), numbers.string()].map(withoutLeadingZeros);
  if (r!.length > curve.bytes || s!.length > curve.bytes) return false;
  const padded = (bytes: Buffer): Buffer => Buffer.concat([Buffer.alloc(curve.bytes - bytes.length), bytes]);
  return verify(curve.hash, data, { key, dsaEncoding: 'ieee-p1363' }, Buffer.concat([padded(r!), padded(s!)]));
}
