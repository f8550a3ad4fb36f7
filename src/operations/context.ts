import type { Gate } from '#gate/gate.ts';
import type { Store } from '#model/ports/store.ts';
import type { Verification } from './verification.ts';

/** The server as it was configured. */
export interface ServerFacts {
  readonly version: string;
  readonly enterprise: string;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  /** `ssh-ed25519 AAAA…` */
  readonly signingKey: string;
  readonly signingKeyFingerprint: string;
}

/** What operations work with. Handed over once at start. */
export interface Context {
  readonly store: Store;
  readonly gate: Gate;
  readonly server: ServerFacts;
  /** Signs a commit of the server's own making; an armoured SSH signature. */
  readonly sign: (payload: Buffer) => string;
  /** Whether a signature over an audit head's statement is the server's own. */
  readonly verifyHead: (statement: Buffer, signature: string) => boolean;
  /** Verifies a commit's signature with the keys that are registered now. */
  readonly verifyCommit: (raw: Buffer) => Promise<Verification>;
  /** Encrypts what must be used again, bound to a name that opening it takes too (decision 31). */
  readonly seal: (name: string, plain: string) => string;
  readonly unseal: (name: string, sealed: string) => string;
  readonly hashPassword: (password: string) => Promise<string>;
  readonly parseKeys: KeyParsers;
}

/** How public keys are read; each throws with a reason when it is not one that we take. */
interface KeyParsers {
  readonly gpg: (armored: string) => Promise<{
    readonly keyId: string;
    readonly fingerprint: string;
    readonly subkeys: readonly { readonly keyId: string; readonly fingerprint: string; readonly canSign: boolean }[];
    readonly emails: readonly string[];
    readonly armored: string;
    readonly expiresAt: number | null;
  }>;
  readonly ssh: (line: string) => { readonly type: string; readonly blob: Buffer; readonly fingerprint: string };
}
