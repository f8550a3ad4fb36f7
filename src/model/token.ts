import type { BypassBounds } from './bypass-bounds.ts';

/** A credential as stored; the secret itself is known to nobody but its holder. */
export interface Token {
  readonly id: number;
  /** `classic`: scopes of its owner. `installation`: an app's permissions in one account, for an hour. */
  readonly kind: 'classic' | 'installation';
  /** The user or robot it acts as. */
  readonly userId: number;
  readonly name: string;
  readonly note: string | null;
  readonly scopes: readonly string[];
  /** Elevated tokens only. */
  readonly bounds: BypassBounds | null;
  /** Installation tokens only. */
  readonly installation: {
    readonly id: number;
    readonly permissions: AppPermissions;
    readonly repositories: readonly number[] | null;
  } | null;
  /** The last eight characters, so that people can tell their tokens apart. */
  readonly lastEight: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

/** What an app may touch, by GitHub's names: `contents: write`, `administration: read`, `statuses: write`. */
export type AppPermissions = Readonly<Record<string, 'read' | 'write'>>;

export interface App {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly ownerId: number;
  readonly description: string | null;
  readonly externalUrl: string;
  readonly permissions: AppPermissions;
  readonly events: readonly string[];
  /** Verifies the app's own requests; the private half was shown once. PEM. */
  readonly publicKey: string;
  readonly botId: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Installation {
  readonly id: number;
  readonly appId: number;
  readonly accountId: number;
  readonly permissions: AppPermissions;
  readonly createdAt: number;
}
