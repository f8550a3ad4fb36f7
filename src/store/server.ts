import type { Nodes, ServerKeys, Settings } from '#model/ports/store-server.ts';
import type { Executor } from './rows.ts';

export function serverKeys(db: Executor): ServerKeys {
  return {
    async findKey(name) {
      const row = await db.selectFrom('server_key').selectAll().where('name', '=', name).executeTakeFirst();
      return row ? { publicKey: row.public_key, sealedPrivateKey: row.sealed_private_key } : null;
    },

    async insertKey(name, { publicKey, sealedPrivateKey }) {
      await db.insertInto('server_key').values({ name, public_key: publicKey, sealed_private_key: sealedPrivateKey }).execute();
    },
  };
}

export function settings(db: Executor): Settings {
  return {
    async readSetting(name) {
      const row = await db.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirst();
      return row?.value ?? null;
    },

    async writeSetting(name, value) {
      await db
        .insertInto('setting')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute();
    },
  };
}

export function nodes(db: Executor): Nodes {
  return {
    async beat(nodeId, at) {
      await db
        .insertInto('node')
        .values({ id: nodeId, beat_at: at })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ beat_at: at }))
        .execute();
    },

    async listAliveSince(at) {
      return (await db.selectFrom('node').select('id').where('beat_at', '>=', at).orderBy('id').execute()).map((row) => row.id);
    },

    async listSilentSince(at) {
      return (await db.selectFrom('node').select('id').where('beat_at', '<', at).orderBy('id').execute()).map((row) => row.id);
    },

    async remove(nodeId) {
      await db.deleteFrom('node').where('id', '=', nodeId).execute();
    },
  };
}
