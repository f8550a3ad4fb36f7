import { timingSafeEqual } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { BypassBounds } from '#model/bypass-bounds.ts';
import type { NewToken, Tokens } from '#model/ports/store-credentials.ts';
import type { AppPermissions, Token } from '#model/token.ts';
import { first, prepared } from './prepared.ts';
import { type Executor, page, parseJson } from './rows.ts';
import type { Schema } from './schema.ts';

export function tokens(db: Executor, now: () => number): Tokens {
  return {
    async findByHash(hash) {
      // The index finds candidates by a part of the hash; the whole is compared in a time that tells nothing.
      const { rows } = await selectByLookup(db, { lookup: lookupOf(hash) });
      const wanted = Buffer.from(hash, 'hex');
      const row = rows.find((one) => timingSafeEqual(Buffer.from(one.hash, 'hex'), wanted));
      return row ? toToken(row) : null;
    },

    async findById(id) {
      const row = await first(selectById(db, { id }));
      return row && toToken(row);
    },

    listOfUser: (userId, request) =>
      page(db.selectFrom('token').selectAll().where('user_id', '=', userId).orderBy('id', 'desc'), request, toToken),

    async insert(token) {
      const row = { ...toColumns(token), created_at: now() };
      return toToken(await db.insertInto('token').values(row).returningAll().executeTakeFirstOrThrow());
    },

    async revoke(id) {
      await db.updateTable('token').set({ revoked_at: now() }).where('id', '=', id).where('revoked_at', 'is', null).execute();
    },

    async revokeOfInstallation(installationId) {
      await db
        .updateTable('token')
        .set({ revoked_at: now() })
        .where('installation_id', '=', installationId)
        .where('revoked_at', 'is', null)
        .execute();
    },

    async reserveUses(id, count) {
      const { numUpdatedRows } = await db
        .updateTable('token')
        .set((expression) => ({ uses_reserved: expression('uses_reserved', '+', count) }))
        .where('id', '=', id)
        .where((expression) =>
          expression.or([
            expression('uses_max', 'is', null),
            expression(expression('uses_reserved', '+', expression('uses_spent', '+', count)), '<=', expression.ref('uses_max')),
          ]),
        )
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async settleUses(id, reserved, spent) {
      await db
        .updateTable('token')
        .set((expression) => ({
          uses_reserved: expression('uses_reserved', '-', reserved),
          uses_spent: expression('uses_spent', '+', spent),
        }))
        .where('id', '=', id)
        .execute();
    },
  };
}

const selectById = prepared((db, { id }: { readonly id: number }) => db.selectFrom('token').selectAll().where('id', '=', id));

const selectByLookup = prepared((db, { lookup }: { readonly lookup: string }) =>
  db.selectFrom('token').selectAll().where('lookup', '=', lookup),
);

function lookupOf(hash: string): string {
  return hash.slice(0, 16);
}

/** Ids that no account has. */
const byOperator = 0;
const nobody = -1;

/** What the `bounds` column keeps; the rest of the bounds has columns of its own, because SQL counts or looks for it. */
type StoredBounds = Omit<BypassBounds, 'uses' | 'expiresAt' | 'grantedBy'>;

function toToken(row: Selectable<Schema['token']>): Token {
  return {
    id: row.id,
    kind: row.kind,
    userId: row.user_id,
    name: row.name,
    note: row.note,
    scopes: parseJson<string[]>(row.scopes),
    bounds: row.bounds === null ? null : toBounds(row, parseJson<StoredBounds>(row.bounds)),
    installation:
      row.installation_id === null
        ? null
        : {
            id: row.installation_id,
            permissions: parseJson<AppPermissions>(row.permissions ?? '{}'),
            repositories: row.repositories === null ? null : parseJson<number[]>(row.repositories),
          },
    lastEight: row.last_eight,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  };
}

function toBounds(row: Selectable<Schema['token']>, stored: StoredBounds): BypassBounds {
  return {
    ...stored,
    uses: row.uses_max === null ? null : { max: row.uses_max, reserved: row.uses_reserved, spent: row.uses_spent },
    // An elevated token always expires; one without a time has expired (absence is damage, not permission).
    expiresAt: row.expires_at ?? 0,
    // A grant without a granter is nobody's, not the operator's.
    grantedBy: row.granted_by === byOperator ? 'operator' : (row.granted_by ?? nobody),
  };
}

function toColumns({ bounds, installation, ...token }: NewToken): Omit<Schema['token'], 'id' | 'created_at'> {
  return {
    kind: token.kind,
    user_id: token.userId,
    name: token.name,
    note: token.note,
    scopes: JSON.stringify(token.scopes),
    bounds: bounds === null ? null : JSON.stringify(storedBounds(bounds)),
    granted_by: bounds?.grantedBy === 'operator' ? byOperator : (bounds?.grantedBy ?? null),
    uses_max: bounds?.uses?.max ?? null,
    uses_reserved: 0,
    uses_spent: 0,
    installation_id: installation?.id ?? null,
    permissions: installation === null ? null : JSON.stringify(installation.permissions),
    repositories: installation?.repositories ? JSON.stringify(installation.repositories) : null,
    hash: token.hash,
    lookup: lookupOf(token.hash),
    last_eight: token.lastEight,
    expires_at: token.expiresAt,
    revoked_at: null,
  };
}

function storedBounds({ repositories, refs, operations, ruleTypes, paths }: BypassBounds): StoredBounds {
  return { repositories, refs, operations, ruleTypes, paths };
}
