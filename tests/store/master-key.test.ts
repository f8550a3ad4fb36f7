import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readMasterKey } from '#store/master-key.ts';
import { loadServerKey } from '#store/server-key.ts';
import { databases } from '../support/databases.ts';
import { temporaryFolder } from '../support/folders.ts';
import { openSql } from '../support/sql.ts';
import { openTestStore } from '../support/store.ts';

describe('the master key', () => {
  test('is made once, for nobody else to read', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'master.key');
    const made = await readMasterKey(path, { create: true });
    assert.equal(made.length, 32);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readMasterKey(path, { create: true }), made);
    assert.deepEqual(await readMasterKey(path, { create: false }), made);
    assert.match(await readFile(path, 'utf8'), /^[0-9a-f]{64}\n$/);
  });

  test('that must be given is not made up', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'absent.key');
    await assert.rejects(readMasterKey(path, { create: false }), /the master key .*absent\.key cannot be read/);
    await assert.rejects(stat(path));
  });

  test('is 64 hexadecimal digits and nothing else', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'master.key');
    for (const text of ['', 'x'.repeat(64), 'a'.repeat(63), 'a'.repeat(65), `${'a'.repeat(64)}\n${'b'.repeat(64)}\n`]) {
      await writeFile(path, text);
      await assert.rejects(readMasterKey(path, { create: true }), /is no master key: it has 64 hexadecimal digits/);
    }
    await writeFile(path, `${'Ab'.repeat(32)}\r\n`);
    assert.equal((await readMasterKey(path, { create: false })).toString('hex'), 'ab'.repeat(32));
  });

  test('that several starts make at once is one: none of them goes on with another', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'master.key');
    const settled = await Promise.allSettled(Array.from({ length: 8 }, () => readMasterKey(path, { create: true })));
    const kept = (await readFile(path, 'utf8')).trim();
    const keys = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value.toString('hex')] : []));
    assert.ok(keys.length >= 1);
    assert.deepEqual([...new Set(keys)], [kept]);
  });
});

for (const database of databases) {
  describe(`the server's key on ${database}`, () => {
    test('is made at first, kept sealed, and the same ever after', async () => {
      await using opened = await openTestStore(database);
      const masterKey = randomBytes(32);
      const [one, two] = await Promise.all([loadServerKey(opened.engine, masterKey), loadServerKey(opened.engine, masterKey)]);
      const later = await loadServerKey(opened.engine, masterKey);
      for (const key of [two, later]) assert.ok(key.privateKey.equals(one.privateKey) && key.publicKey.equals(one.publicKey));
      const stored = await opened.store.read.serverKeys.findKey('signing');
      const der = one.privateKey.export({ type: 'pkcs8', format: 'der' });
      assert.ok(!Buffer.from(stored!.sealedPrivateKey, 'base64').includes(der.subarray(-32)));
    });

    test('does not open under another master key, and says so', async () => {
      await using opened = await openTestStore(database);
      await loadServerKey(opened.engine, randomBytes(32));
      await assert.rejects(loadServerKey(opened.engine, randomBytes(32)), /the master key does not open the keys of this store/);
    });

    // Attack: whoever writes to the database replaces the log, signs its head with a key of their own, and puts the public half of that
    // key where the server looks for its own.
    test('is not believed when its public half was replaced', async () => {
      await using opened = await openTestStore(database);
      const masterKey = randomBytes(32);
      await loadServerKey(opened.engine, masterKey);
      const forged = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
      await using sql = await openSql(opened.place);
      await sql.run(`update server_key set public_key = '${forged}'`);
      await assert.rejects(loadServerKey(opened.engine, masterKey), /somebody changed it/);
    });
  });
}
