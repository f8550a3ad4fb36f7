import { generateKeyPairSync, sign, verify } from 'node:crypto';
import type { Organization, User } from '#model/account.ts';
import type { AuditHead, NewAuditEntry } from '#model/audit-entry.ts';
import type { Store, Transaction } from '#model/ports/store.ts';
import type { NewUser } from '#model/ports/store-accounts.ts';
import type { NewToken } from '#model/ports/store-credentials.ts';
import type { NewRepository } from '#model/ports/store-repositories.ts';
import { defaultSettings, type Repository } from '#model/repository.ts';
import { hashToken, newTokenSecret } from '#operations/tokens/secret.ts';
import type { Engine } from '#store/engine.ts';
import { openStore } from '#store/open-store.ts';
import { openPostgres } from '#store/postgres.ts';
import { openSqlite } from '#store/sqlite.ts';
import { createPostgresDatabase, type DatabaseKind } from './databases.ts';
import { temporaryFolder } from './folders.ts';

/** A store on a database of its own, without a server around it. */
export interface TestStore extends AsyncDisposable {
  readonly engine: Engine;
  readonly store: Store;
  /** Every head that was announced. */
  readonly heads: readonly AuditHead[];
  /** The folder of a SQLite database, the URL of a PostgreSQL one. */
  readonly place: string;
}

export async function openTestStore(kind: DatabaseKind): Promise<TestStore> {
  const database = kind === 'postgres' ? await createPostgresDatabase() : null;
  const folder = await temporaryFolder();
  const place = database?.url ?? folder.path;
  const engine = await openEngine(kind, place);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const heads: AuditHead[] = [];
  const signer = {
    sign: (statement: Buffer) => sign(null, statement, privateKey).toString('base64'),
    verify: (statement: Buffer, signature: string) => verify(null, statement, publicKey, Buffer.from(signature, 'base64')),
    onHead: (head: AuditHead) => void heads.push(head),
  };
  const store = openStore(engine, signer);
  return {
    engine,
    store,
    heads,
    place,
    async [Symbol.asyncDispose]() {
      await store.close();
      await database?.drop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

export function openEngine(kind: DatabaseKind, place: string): Promise<Engine> {
  return kind === 'sqlite' ? openSqlite(place) : openPostgres(place, () => undefined);
}

let counter = 0;

/** A name that no other row of this run has. */
export function fresh(stem: string): string {
  return `${stem}${++counter}`;
}

export function addUser(tx: Transaction, login = fresh('user'), overrides: Partial<NewUser> = {}): Promise<User> {
  return tx.accounts.insertUser({ kind: 'user', login, name: null, email: null, siteAdmin: false, maker: null, app: null, ...overrides });
}

export function addOrganization(tx: Transaction, login = fresh('org'), basePermission = 0): Promise<Organization> {
  return tx.accounts.insertOrganization({ login, name: null, description: null, basePermission });
}

export function addRepository(
  tx: Transaction,
  ownerId: number,
  name = fresh('repository'),
  overrides: Partial<NewRepository> = {},
): Promise<Repository> {
  return tx.repositories.insert({
    ownerId,
    name,
    description: null,
    homepage: null,
    visibility: 'private',
    defaultBranch: 'main',
    archived: false,
    objectFormat: 'sha1',
    settings: defaultSettings,
    ...overrides,
  });
}

export async function addTeam(tx: Transaction, organizationId: number, slug = fresh('team'), parentId: number | null = null) {
  return tx.teams.insert({
    organizationId,
    slug,
    name: slug,
    description: null,
    privacy: 'closed',
    notificationSetting: 'notifications_enabled',
    defaultRung: 20,
    parentId,
  });
}

export function newToken(userId: number, overrides: Partial<NewToken> = {}): NewToken {
  const secret = newTokenSecret();
  return {
    kind: 'classic',
    userId,
    name: 'token',
    note: null,
    scopes: ['repo'],
    bounds: null,
    installation: null,
    lastEight: secret.slice(-8),
    expiresAt: null,
    hash: hashToken(secret),
    ...overrides,
  };
}

export function auditEntry(overrides: Partial<NewAuditEntry> = {}): NewAuditEntry {
  return {
    action: 'test.happen',
    operation: 'modify',
    actor: { id: 1, login: 'Someone', kind: 'user' },
    via: 'api',
    address: '192.0.2.1',
    userAgent: null,
    requestId: 'request',
    token: null,
    category: 'web',
    bypass: false,
    data: {},
    ...overrides,
  };
}
