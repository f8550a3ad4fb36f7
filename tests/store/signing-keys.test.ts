import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { User } from '#model/account.ts';
import type { NewGpgKey } from '#model/ports/store-credentials.ts';
import { databases } from '../support/databases.ts';
import { addUser, fresh, openTestStore, type TestStore } from '../support/store.ts';

for (const database of databases) {
  describe(`signing keys on ${database}`, () => {
    let opened: TestStore;
    let user: User;
    before(async () => {
      opened = await openTestStore(database);
      user = await opened.store.write((tx) => addUser(tx));
    });
    after(() => opened[Symbol.asyncDispose]());

    const addGpg = (changes: Partial<NewGpgKey> = {}) =>
      opened.store.write((tx) =>
        tx.signingKeys.insertGpg({
          userId: user.id,
          name: null,
          keyId: fresh('KEY'),
          fingerprint: fresh('F'),
          subkeys: [],
          emails: ['a@example.com'],
          armored: 'ARMOR',
          expiresAt: null,
          ...changes,
        }),
      );
    const addSsh = (userId = user.id, fingerprint = fresh('SHA256:')) =>
      opened.store.write((tx) => tx.signingKeys.insertSsh({ userId, title: 'laptop', key: 'ssh-ed25519 AAAA', fingerprint }));

    test('a GPG key is read back as written, by id, owner and fingerprint', async () => {
      const made = await addGpg({ name: 'work', expiresAt: 1_900_000_000_000 });
      const { signingKeys } = opened.store.read;
      assert.deepEqual(await signingKeys.findGpg(made.id), made);
      assert.deepEqual(await signingKeys.findGpgByFingerprint(made.fingerprint), made);
      assert.deepEqual(await signingKeys.listGpg(user.id), [made]);
      assert.equal(await signingKeys.findGpg(999_999), null);
      assert.equal(await signingKeys.findGpgByFingerprint('other'), null);
    });

    test('it is found by its own key id and by those of its subkeys', async () => {
      const subkeys = [
        { keyId: fresh('SUB'), fingerprint: fresh('F'), canSign: true },
        { keyId: fresh('SUB'), fingerprint: fresh('F'), canSign: false },
      ];
      const made = await addGpg({ subkeys });
      const { signingKeys } = opened.store.read;
      for (const keyId of [made.keyId, subkeys[0]!.keyId, subkeys[1]!.keyId])
        assert.deepEqual(
          (await signingKeys.listGpgByKeyIds([keyId, 'UNKNOWN'])).map((key) => key.id),
          [made.id],
        );
      assert.deepEqual(await signingKeys.listGpgByKeyIds([]), []);
      await opened.store.write((tx) => tx.signingKeys.removeGpg(made.id));
      assert.deepEqual(await signingKeys.listGpgByKeyIds([subkeys[0]!.keyId]), []);
    });

    test('a key may name its own id among its subkeys; two keys may share a short id', async () => {
      const keyId = fresh('KEY');
      const [one, two] = [await addGpg({ keyId, subkeys: [{ keyId, fingerprint: 'x', canSign: true }] }), await addGpg({ keyId })];
      const found = await opened.store.read.signingKeys.listGpgByKeyIds([keyId]);
      assert.deepEqual(
        found.map((key) => key.id).sort((a, b) => a - b),
        [one.id, two.id],
      );
    });

    test('a fingerprint is registered once, for one person', async () => {
      const other = await opened.store.write((tx) => addUser(tx));
      const [gpg, ssh] = [await addGpg(), await addSsh()];
      await assert.rejects(addGpg({ userId: other.id, fingerprint: gpg.fingerprint }));
      await assert.rejects(addSsh(other.id, ssh.fingerprint));
    });

    test('an SSH key is read back as written and removed', async () => {
      const other = await opened.store.write((tx) => addUser(tx));
      const made = await addSsh(other.id);
      const { signingKeys } = opened.store.read;
      assert.deepEqual(await signingKeys.findSsh(made.id), made);
      assert.deepEqual(await signingKeys.listSsh(other.id), [made]);
      assert.deepEqual(await signingKeys.listSshByFingerprints([made.fingerprint, 'SHA256:other']), [made]);
      assert.deepEqual(await signingKeys.listSshByFingerprints([]), []);
      await opened.store.write((tx) => tx.signingKeys.removeSsh(made.id));
      assert.equal(await signingKeys.findSsh(made.id), null);
    });

    test('a key lives as long as it is registered to somebody who is not suspended', async () => {
      const suspended = await opened.store.write((tx) => addUser(tx));
      const [gpg, ssh, dead] = [await addGpg(), await addSsh(), await addSsh(suspended.id)];
      await opened.store.write((tx) => tx.accounts.updateUser(suspended.id, { state: 'suspended' }));
      const { signingKeys } = opened.store.read;
      const asked = { gpg: [gpg.id, 999_999], ssh: [ssh.id, dead.id] };
      assert.deepEqual(await signingKeys.listLiveIds(asked), { gpg: [gpg.id], ssh: [ssh.id] });
      assert.deepEqual(await signingKeys.listLiveIds({ gpg: [], ssh: [] }), { gpg: [], ssh: [] });
    });
  });
}
