import type { User } from '#model/account.ts';
import type { SigningKeyRef } from '#model/facts.ts';
import { parseCommit } from '#model/git-commit.ts';
import type { ObjectFormat, ObjectId } from '#model/ref-update.ts';
import type { GpgKey, SshSigningKey } from '#model/signing-key.ts';
import { isGpgSignature, isValidGpgSignature, maySignAt, signersOf } from './gpg.ts';
import { isSshSignature, isValidSshSignature, parseSshSignature } from './ssh-signature.ts';

/** Why a signature counts, or not; GitHub's words for both (spec/github.md 1.9). */
export type Verification =
  | { readonly verified: true; readonly reason: 'valid'; readonly key: SigningKeyRef; readonly signature: string; readonly payload: string }
  | { readonly verified: false; readonly reason: UnverifiedReason; readonly signature: string | null; readonly payload: string | null };

type UnverifiedReason =
  | 'unsigned'
  | 'unknown_signature_type'
  | 'unknown_key'
  | 'no_user'
  | 'bad_email'
  | 'expired_key'
  | 'malformed_signature'
  | 'invalid';

/** Where keys and their owners are found; asked once per signature. */
export interface KeyFinder {
  findGpgKeys(keyIds: readonly string[]): Promise<readonly GpgKey[]>;
  findSshKeys(fingerprints: readonly string[]): Promise<readonly SshSigningKey[]>;
  findOwner(userId: number): Promise<User | null>;
  /** Addresses that are the user's beside the one on the account. */
  addressesOf(user: User): readonly string[];
  /** The server's own key, which signs what it makes for people. */
  readonly serverFingerprint: string;
  /** Milliseconds since 1970. */
  now(): number;
}

/**
 * Whether a commit carries a signature that proves who committed it: made with a key registered here, valid now, whose owner the
 * committer's address belongs to. Never throws: what cannot be read is not verified.
 */
export async function verifyCommit(raw: Buffer, format: ObjectFormat, keys: KeyFinder): Promise<Verification> {
  const { signature, payload, committer } = parseCommit(raw, format);
  if (signature === null) return { verified: false, reason: 'unsigned', signature: null, payload: null };
  const text = payload.toString('utf8');
  const no = (reason: UnverifiedReason): Verification => ({ verified: false, reason, signature, payload: text });
  try {
    const judged = isSshSignature(signature)
      ? await judgeSsh(payload, signature, committer.email, keys)
      : isGpgSignature(signature)
        ? await judgeGpg(payload, signature, committer.email, keys)
        : 'unknown_signature_type';
    return typeof judged === 'string' ? no(judged) : { verified: true, reason: 'valid', key: judged, signature, payload: text };
  } catch {
    return no('malformed_signature');
  }
}

/** The id of a commit with what became of its signature, in the form of a fact. */
export function asFact(commit: ObjectId, verification: Verification) {
  return verification.verified
    ? { commit, verified: true as const, key: verification.key }
    : { commit, verified: false as const, reason: verification.reason };
}

async function judgeSsh(payload: Buffer, armored: string, email: string, keys: KeyFinder): Promise<SigningKeyRef | UnverifiedReason> {
  const signature = parseSshSignature(armored);
  const isOurs = signature.key.fingerprint === keys.serverFingerprint;
  const [known] = isOurs ? [] : await keys.findSshKeys([signature.key.fingerprint]);
  if (!isOurs && known === undefined) return 'unknown_key';
  if (!isValidSshSignature(payload, signature)) return 'invalid';
  if (isOurs) return { kind: 'server' };
  const problem = await judgeOwner(known!.userId, email, null, keys);
  return problem ?? { kind: 'ssh', id: known!.id };
}

async function judgeGpg(payload: Buffer, armored: string, email: string, keys: KeyFinder): Promise<SigningKeyRef | UnverifiedReason> {
  const candidates = await keys.findGpgKeys(await signersOf(armored));
  if (candidates.length === 0) return 'unknown_key';
  for (const key of candidates) {
    if (key.expiresAt !== null && key.expiresAt <= keys.now()) return 'expired_key';
    if (!(await isValidGpgSignature(payload, armored, key.armored))) continue;
    if (!(await maySignAt(armored, key.armored, keys.now()))) return 'expired_key';
    return (await judgeOwner(key.userId, email, key.emails, keys)) ?? { kind: 'gpg', id: key.id };
  }
  return 'invalid';
}

/** The committer must be the key's owner, by an address of the account; a GPG key must name that address too. */
async function judgeOwner(
  userId: number,
  email: string,
  namedByKey: readonly string[] | null,
  keys: KeyFinder,
): Promise<UnverifiedReason | null> {
  const owner = await keys.findOwner(userId);
  if (owner === null || owner.state !== 'active') return 'no_user';
  const isSame = (other: string | null): boolean => other !== null && other.toLowerCase() === email.toLowerCase();
  const ownAddress = isSame(owner.email) || keys.addressesOf(owner).some(isSame);
  return ownAddress && (namedByKey === null || namedByKey.some(isSame)) ? null : 'bad_email';
}
