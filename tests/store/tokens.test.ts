import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { User } from '#model/account.ts';
import type { BypassBounds } from '#model/bypass-bounds.ts';
import { hashToken } from '#operations/tokens/secret.ts';
import { databases } from '../support/databases.ts';
import { openSql } from '../support/sql.ts';
import { addUser, newToken, openTestStore, type TestStore } from '../support/store.ts';

const bounds: BypassBounds = {
  repositories: [3, 4],
  refs: ['refs/heads/main'],
  operations: ['update'],
  ruleTypes: ['pull_request'],
  paths: ['docs/**'],
  uses: { max: 5, reserved: 0, spent: 0 },
  expiresAt: 1_900_000_000_000,
  grantedBy: 17,
};

for (const database of databases) {
  describe(`tokens on ${database}`, () => {
    let opened: TestStore;
    let user: User;
    before(async () => {
      opened = await openTestStore(database);
      user = await opened.store.write((tx) => addUser(tx));
    });
    after(() => opened[Symbol.asyncDispose]());

    const insert = (changes: Parameters<typeof newToken>[1] = {}) =>
      opened.store.write((tx) => tx.tokens.insert(newToken(user.id, changes)));
    const limited = (max: number) => insert({ expiresAt: bounds.expiresAt, bounds: { ...bounds, uses: { max, reserved: 0, spent: 0 } } });
    const usesOf = async (id: number) => (await opened.store.read.tokens.findById(id))?.bounds?.uses;

    test('a token is found by the hash of its secret and by nothing like it', async () => {
      const hash = hashToken('the secret');
      const made = await insert({ hash, note: 'why', scopes: ['repo', 'user'] });
      const { tokens } = opened.store.read;
      assert.deepEqual(await tokens.findByHash(hash), made);
      assert.equal(await tokens.findByHash(hashToken('another secret')), null);
      // The same beginning, by which the index finds candidates, is not enough.
      assert.equal(await tokens.findByHash(`${hash.slice(0, 16)}${'0'.repeat(48)}`), null);
      assert.deepEqual(await tokens.findById(made.id), made);
      assert.equal(await tokens.findById(999_999), null);
    });

    test('no column holds a secret', async () => {
      assert.ok(!('secret' in (await insert())));
      await assert.rejects(
        opened.store.write(async (tx) => {
          const same = newToken(user.id);
          await tx.tokens.insert(same);
          await tx.tokens.insert(same);
        }),
      );
    });

    test('bounds are read back as written, whoever granted them', async () => {
      const byPerson = await insert({ bounds, expiresAt: bounds.expiresAt });
      assert.deepEqual(byPerson.bounds, bounds);
      const open: BypassBounds = { ...bounds, repositories: 'all', paths: null, uses: null, grantedBy: 'operator' };
      const byOperator = await insert({ bounds: open, expiresAt: bounds.expiresAt });
      assert.deepEqual((await opened.store.read.tokens.findById(byOperator.id))?.bounds, open);
    });

    test('an elevated token that lost its end has ended: absence is damage, not permission', async () => {
      const made = await insert({ bounds, expiresAt: bounds.expiresAt });
      await using sql = await openSql(opened.place);
      await sql.run(`update token set expires_at = null where id = ${made.id}`);
      assert.equal((await opened.store.read.tokens.findById(made.id))?.bounds?.expiresAt, 0);
    });

    test('an elevated token that lost its granter was granted by nobody, not by the operator', async () => {
      for (const grantedBy of [user.id, 'operator'] as const) {
        const made = await insert({ bounds: { ...bounds, grantedBy }, expiresAt: bounds.expiresAt });
        await using sql = await openSql(opened.place);
        await sql.run(`update token set granted_by = null where id = ${made.id}`);
        const { bounds: found } = (await opened.store.read.tokens.findById(made.id))!;
        assert.ok(typeof found?.grantedBy === 'number');
        assert.equal(await opened.store.read.accounts.findById(found.grantedBy), null);
      }
    });

    test("an installation's token keeps its permissions and its repositories", async () => {
      const named = await insert({
        kind: 'installation',
        scopes: [],
        installation: { id: 4, permissions: { contents: 'write' }, repositories: [9] },
      });
      assert.deepEqual((await opened.store.read.tokens.findById(named.id))?.installation, {
        id: 4,
        permissions: { contents: 'write' },
        repositories: [9],
      });
      const everywhere = await insert({ kind: 'installation', scopes: [], installation: { id: 4, permissions: {}, repositories: null } });
      assert.equal((await opened.store.read.tokens.findById(everywhere.id))?.installation?.repositories, null);
      const nowhere = await insert({ kind: 'installation', scopes: [], installation: { id: 4, permissions: {}, repositories: [] } });
      assert.deepEqual((await opened.store.read.tokens.findById(nowhere.id))?.installation?.repositories, []);
    });

    test("a person's tokens come newest first, in pages that know the total", async () => {
      const [owner, made] = await opened.store.write(async (tx) => {
        const person = await addUser(tx);
        const added = [];
        for (let n = 0; n < 3; n++) added.push((await tx.tokens.insert(newToken(person.id))).id);
        return [person, added] as const;
      });
      const { tokens } = opened.store.read;
      const page = await tokens.listOfUser(owner.id, { limit: 2, offset: 0 });
      assert.deepEqual(
        page.items.map((token) => token.id),
        made.toReversed().slice(0, 2),
      );
      assert.equal(page.total, 3);
      assert.deepEqual(await tokens.listOfUser(owner.id, { limit: 2, offset: 8 }), { items: [], total: 3 });
    });

    test('a revoked token is still found, with the time of its first revocation', async () => {
      const made = await insert();
      const at = await opened.store.write(async (tx) => {
        await tx.tokens.revoke(made.id);
        return tx.now;
      });
      assert.equal((await opened.store.read.tokens.findById(made.id))?.revokedAt, at);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await opened.store.write((tx) => tx.tokens.revoke(made.id));
      assert.equal((await opened.store.read.tokens.findById(made.id))?.revokedAt, at);
    });

    test("with an installation go its tokens and nobody else's", async () => {
      const of = (id: number) => insert({ kind: 'installation', scopes: [], installation: { id, permissions: {}, repositories: null } });
      const [gone, kept, person] = [await of(71), await of(72), await insert()];
      await opened.store.write((tx) => tx.tokens.revokeOfInstallation(71));
      const revoked = async (id: number) => (await opened.store.read.tokens.findById(id))?.revokedAt !== null;
      assert.deepEqual([await revoked(gone.id), await revoked(kept.id), await revoked(person.id)], [true, false, false]);
    });

    test('uses are set aside, spent and given back', async () => {
      const made = await limited(5);
      const { store } = opened;
      assert.equal(await store.write((tx) => tx.tokens.reserveUses(made.id, 3)), true);
      assert.deepEqual(await usesOf(made.id), { max: 5, reserved: 3, spent: 0 });
      assert.equal(await store.write((tx) => tx.tokens.reserveUses(made.id, 3)), false);
      assert.deepEqual(await usesOf(made.id), { max: 5, reserved: 3, spent: 0 });
      await store.write((tx) => tx.tokens.settleUses(made.id, 3, 1));
      assert.deepEqual(await usesOf(made.id), { max: 5, reserved: 0, spent: 1 });
      assert.equal(await store.write((tx) => tx.tokens.reserveUses(made.id, 4)), true);
      assert.equal(await store.write((tx) => tx.tokens.reserveUses(made.id, 1)), false);
    });

    test('a token without a limit never runs out; one that is unknown has none', async () => {
      const made = await insert({ bounds: { ...bounds, uses: null }, expiresAt: bounds.expiresAt });
      assert.equal(await opened.store.write((tx) => tx.tokens.reserveUses(made.id, 1_000_000)), true);
      assert.equal(await opened.store.write((tx) => tx.tokens.reserveUses(999_999, 1)), false);
    });

    test('of 100 attempts at once on a token with 7 uses, exactly 7 succeed', async () => {
      const made = await limited(7);
      const { store } = opened;
      const attempts = Array.from({ length: 100 }, () => store.write((tx) => tx.tokens.reserveUses(made.id, 1)));
      assert.equal((await Promise.all(attempts)).filter(Boolean).length, 7);
      assert.deepEqual(await usesOf(made.id), { max: 7, reserved: 7, spent: 0 });
    });

    test('of 100 attempts at once of which half give their use back, none is lost and none is kept', async () => {
      const made = await limited(10);
      const { store } = opened;
      const attempt = async (index: number): Promise<boolean> => {
        if (!(await store.write((tx) => tx.tokens.reserveUses(made.id, 1)))) return false;
        const spent = index % 2;
        await store.write((tx) => tx.tokens.settleUses(made.id, 1, spent));
        return spent === 1;
      };
      const spent = (await Promise.all(Array.from({ length: 100 }, (_, index) => attempt(index)))).filter(Boolean).length;
      assert.ok(spent <= 10);
      assert.deepEqual(await usesOf(made.id), { max: 10, reserved: 0, spent });
    });
  });
}
