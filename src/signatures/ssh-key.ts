import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { SshWireReader, sshString } from './ssh-wire.ts';

export interface SshPublicKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, `sk-…`. */
  readonly type: string;
  readonly key: KeyObject;
  /** The application a hardware key is bound to; null for others. */
  readonly application: Buffer | null;
  readonly blob: Buffer;
  /** `SHA256:…`, as ssh-keygen prints it. */
  readonly fingerprint: string;
}

/** The key is not one that we take, and why. */
export class UnusableKey extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnusableKey';
  }
}

const minimumRsaBits = 2048;

interface Curve {
  readonly jwk: string;
  /** Length of a coordinate. */
  readonly bytes: number;
  readonly hash: string;
}

export const curves: Readonly<Record<string, Curve>> = {
  nistp256: { jwk: 'P-256', bytes: 32, hash: 'sha256' },
  nistp384: { jwk: 'P-384', bytes: 48, hash: 'sha384' },
  nistp521: { jwk: 'P-521', bytes: 66, hash: 'sha512' },
};

/** Parses `type base64 [comment]`, the form of a `.pub` file. Throws `UnusableKey`. */
export function parseSshKeyLine(line: string): SshPublicKey {
  const [type, base64] = line.trim().split(/\s+/);
  if (!type || !base64 || !/^[A-Za-z0-9+/]+=*$/.test(base64)) throw new UnusableKey('it is not in OpenSSH public key format');
  const key = parseSshKey(Buffer.from(base64, 'base64'));
  if (key.type !== type) throw new UnusableKey('its type is not what it says');
  return key;
}

/** Parses a key's binary form. Throws `UnusableKey`. */
export function parseSshKey(blob: Buffer): SshPublicKey {
  try {
    const reader = new SshWireReader(blob);
    const type = reader.string().toString('latin1');
    const parsed = parseBody(type, reader);
    if (!reader.isAtEnd) throw new UnusableKey('something follows it');
    return { type, blob, ...parsed, fingerprint: sshFingerprint(blob) };
  } catch (error) {
    if (error instanceof UnusableKey) throw error;
    throw new UnusableKey('it is damaged');
  }
}

export function sshFingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** An Ed25519 key of Node as SSH writes it. */
export function ed25519Blob(key: KeyObject): Buffer {
  const { x } = key.export({ format: 'jwk' }) as { x: string };
  return Buffer.concat([sshString('ssh-ed25519'), sshString(Buffer.from(x, 'base64url'))]);
}

function parseBody(type: string, reader: SshWireReader): { key: KeyObject; application: Buffer | null } {
  const isHardware = type.startsWith('sk-') && type.endsWith('@openssh.com');
  const plain = isHardware ? type.slice('sk-'.length, -'@openssh.com'.length) : type;
  const key = parsePlain(plain, reader, isHardware);
  return { key, application: isHardware ? reader.string() : null };
}

function parsePlain(type: string, reader: SshWireReader, isHardware: boolean): KeyObject {
  if (type === 'ssh-ed25519') return fromJwk({ kty: 'OKP', crv: 'Ed25519', x: base64url(reader.string()) });
  if (type === 'ssh-rsa' && !isHardware) {
    const exponent = withoutLeadingZeros(reader.string());
    const modulus = withoutLeadingZeros(reader.string());
    if (modulus.length * 8 < minimumRsaBits) throw new UnusableKey(`RSA keys need at least ${minimumRsaBits} bits`);
    return fromJwk({ kty: 'RSA', e: base64url(exponent), n: base64url(modulus) });
  }
  const curve = curves[/^ecdsa-sha2-(nistp\d+)$/.exec(type)?.[1] ?? ''];
  if (curve === undefined) throw new UnusableKey('keys of this type are not supported');
  reader.string();
  const point = reader.string();
  if (point.length !== 1 + 2 * curve.bytes || point[0] !== 4) throw new UnusableKey('its point is not uncompressed');
  const x = point.subarray(1, 1 + curve.bytes);
  return fromJwk({ kty: 'EC', crv: curve.jwk, x: base64url(x), y: base64url(point.subarray(1 + curve.bytes)) });
}

function fromJwk(key: JsonWebKey): KeyObject {
  return createPublicKey({ format: 'jwk', key });
}

function base64url(bytes: Buffer): string {
  return bytes.toString('base64url');
}

export function withoutLeadingZeros(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes.subarray(bytes.length - 1) : bytes.subarray(first);
}
