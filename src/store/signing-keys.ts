import type { Selectable } from 'kysely';
import type { SigningKeys } from '#model/ports/store-credentials.ts';
import type { GpgKey, SshSigningKey } from '#model/signing-key.ts';
import { type Executor, parseJson } from './rows.ts';
import type { Schema } from './schema.ts';

export function signingKeys(db: Executor, now: () => number): SigningKeys {
  const gpg = () => db.selectFrom('gpg_key').selectAll('gpg_key');
  const ssh = () => db.selectFrom('ssh_signing_key').selectAll('ssh_signing_key');
  const liveIds = async (table: 'gpg_key' | 'ssh_signing_key', ids: readonly number[]): Promise<number[]> => {
    if (ids.length === 0) return [];
    const rows = await db
      .selectFrom(table)
      .innerJoin('account', 'account.id', `${table}.user_id`)
      .select(`${table}.id as id`)
      .where(`${table}.id`, 'in', [...ids])
      .where('account.state', '=', 'active')
      .execute();
    return rows.map((row) => row.id);
  };

  return {
    listGpg: async (userId) => (await gpg().where('user_id', '=', userId).orderBy('id').execute()).map(toGpgKey),

    async findGpg(id) {
      const row = await gpg().where('id', '=', id).executeTakeFirst();
      return row ? toGpgKey(row) : null;
    },

    async listGpgByKeyIds(keyIds) {
      if (keyIds.length === 0) return [];
      const having = db
        .selectFrom('gpg_key_id')
        .select('gpg_key_id')
        .where('key_id', 'in', [...keyIds]);
      return (await gpg().where('id', 'in', having).execute()).map(toGpgKey);
    },

    async findGpgByFingerprint(fingerprint) {
      const row = await gpg().where('fingerprint', '=', fingerprint).executeTakeFirst();
      return row ? toGpgKey(row) : null;
    },

    async insertGpg({ userId, name, keyId, fingerprint, subkeys, emails, armored, expiresAt }) {
      const row = {
        user_id: userId,
        name,
        key_id: keyId,
        fingerprint,
        subkeys: JSON.stringify(subkeys),
        emails: JSON.stringify(emails),
        armored,
        created_at: now(),
        expires_at: expiresAt,
      };
      const key = toGpgKey(await db.insertInto('gpg_key').values(row).returningAll().executeTakeFirstOrThrow());
      const keyIds = [...new Set([keyId, ...subkeys.map((subkey) => subkey.keyId)])];
      await db
        .insertInto('gpg_key_id')
        .values(keyIds.map((one) => ({ key_id: one, gpg_key_id: key.id })))
        .execute();
      return key;
    },

    async removeGpg(id) {
      await db.deleteFrom('gpg_key').where('id', '=', id).execute();
    },

    listSsh: async (userId) => (await ssh().where('user_id', '=', userId).orderBy('id').execute()).map(toSshKey),

    async findSsh(id) {
      const row = await ssh().where('id', '=', id).executeTakeFirst();
      return row ? toSshKey(row) : null;
    },

    async listSshByFingerprints(fingerprints) {
      if (fingerprints.length === 0) return [];
      return (
        await ssh()
          .where('fingerprint', 'in', [...fingerprints])
          .execute()
      ).map(toSshKey);
    },

    async insertSsh({ userId, title, key, fingerprint }) {
      const row = { user_id: userId, title, key, fingerprint, created_at: now() };
      return toSshKey(await db.insertInto('ssh_signing_key').values(row).returningAll().executeTakeFirstOrThrow());
    },

    async removeSsh(id) {
      await db.deleteFrom('ssh_signing_key').where('id', '=', id).execute();
    },

    async listLiveIds(ids) {
      return { gpg: await liveIds('gpg_key', ids.gpg), ssh: await liveIds('ssh_signing_key', ids.ssh) };
    },
  };
}

function toGpgKey(row: Selectable<Schema['gpg_key']>): GpgKey {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    keyId: row.key_id,
    fingerprint: row.fingerprint,
    subkeys: parseJson<GpgKey['subkeys']>(row.subkeys),
    emails: parseJson<string[]>(row.emails),
    armored: row.armored,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

function toSshKey(row: Selectable<Schema['ssh_signing_key']>): SshSigningKey {
  return { id: row.id, userId: row.user_id, title: row.title, key: row.key, fingerprint: row.fingerprint, createdAt: row.created_at };
}
