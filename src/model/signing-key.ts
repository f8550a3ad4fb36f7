export interface GpgKey {
  readonly id: number;
  readonly userId: number;
  readonly name: string | null;
  /** 16 upper-case hexadecimal digits. */
  readonly keyId: string;
  readonly fingerprint: string;
  /** Key ids and fingerprints of the subkeys, which may have signed instead. */
  readonly subkeys: readonly { readonly keyId: string; readonly fingerprint: string; readonly canSign: boolean }[];
  readonly emails: readonly string[];
  readonly armored: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

export interface SshSigningKey {
  readonly id: number;
  readonly userId: number;
  readonly title: string;
  /** `ssh-ed25519 AAAA…`, without the comment. */
  readonly key: string;
  /** `SHA256:…` as ssh-keygen prints it. */
  readonly fingerprint: string;
  readonly createdAt: number;
}
