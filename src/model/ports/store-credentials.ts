import type { GpgKey, SshSigningKey } from '../signing-key.ts';
import type { App, Installation, Token } from '../token.ts';
import type { Page, PageRequest } from './store-accounts.ts';

export type NewToken = Omit<Token, 'id' | 'createdAt' | 'revokedAt'> & { readonly hash: string };

export interface Tokens {
  /** By the SHA-256 of the secret (hexadecimal). Revoked and expired ones are found too: the caller says which. */
  findByHash(hash: string): Promise<Token | null>;
  findById(id: number): Promise<Token | null>;
  /** Newest first. */
  listOfUser(userId: number, page: PageRequest): Promise<Page<Token>>;
  insert(token: NewToken): Promise<Token>;
  revoke(id: number): Promise<void>;
  revokeOfInstallation(installationId: number): Promise<void>;
  /** Sets uses aside. False when fewer are left than asked for: then nothing changed. */
  reserveUses(id: number, count: number): Promise<boolean>;
  /** Ends a reservation: `spent` of it was used, the rest is given back. */
  settleUses(id: number, reserved: number, spent: number): Promise<void>;
}

export type NewApp = Omit<App, 'id' | 'createdAt' | 'updatedAt'>;

export interface Apps {
  findById(id: number): Promise<App | null>;
  findBySlug(slug: string): Promise<App | null>;
  listByIds(ids: readonly number[]): Promise<App[]>;
  listBySlugs(slugs: readonly string[]): Promise<App[]>;
  insert(app: NewApp): Promise<App>;
  findInstallation(id: number): Promise<Installation | null>;
  findInstallationOn(appId: number, accountId: number): Promise<Installation | null>;
  listInstallations(appId: number): Promise<Installation[]>;
  insertInstallation(installation: Omit<Installation, 'id' | 'createdAt'>): Promise<Installation>;
  removeInstallation(id: number): Promise<void>;
}

export type NewGpgKey = Omit<GpgKey, 'id' | 'createdAt'>;
type NewSshSigningKey = Omit<SshSigningKey, 'id' | 'createdAt'>;

export interface SigningKeys {
  listGpg(userId: number): Promise<GpgKey[]>;
  findGpg(id: number): Promise<GpgKey | null>;
  /** By the key id of the key or of one of its subkeys. */
  listGpgByKeyIds(keyIds: readonly string[]): Promise<GpgKey[]>;
  findGpgByFingerprint(fingerprint: string): Promise<GpgKey | null>;
  insertGpg(key: NewGpgKey): Promise<GpgKey>;
  removeGpg(id: number): Promise<void>;
  listSsh(userId: number): Promise<SshSigningKey[]>;
  findSsh(id: number): Promise<SshSigningKey | null>;
  listSshByFingerprints(fingerprints: readonly string[]): Promise<SshSigningKey[]>;
  insertSsh(key: NewSshSigningKey): Promise<SshSigningKey>;
  removeSsh(id: number): Promise<void>;
  /** Of these ids, those that are still registered to somebody who is not suspended. */
  listLiveIds(ids: { readonly gpg: readonly number[]; readonly ssh: readonly number[] }): Promise<{ gpg: number[]; ssh: number[] }>;
}
