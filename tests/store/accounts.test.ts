import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { databases } from '../support/databases.ts';
import { addOrganization, addUser, fresh, openTestStore, type TestStore } from '../support/store.ts';

for (const database of databases) {
  describe(`accounts on ${database}`, () => {
    let opened: TestStore;
    before(async () => {
      opened = await openTestStore(database);
    });
    after(() => opened[Symbol.asyncDispose]());

    test('a person is read back as written', async () => {
      const { store } = opened;
      const maker = await store.write((tx) => addUser(tx));
      const before = Date.now();
      const made = await store.write((tx) =>
        tx.accounts.insertUser({
          kind: 'robot',
          login: 'Robby',
          name: 'Robby R.',
          email: 'R@Example.com',
          siteAdmin: false,
          maker: maker.id,
          app: 7,
        }),
      );
      assert.deepEqual(await store.read.accounts.findById(made.id), made);
      const { id, createdAt, updatedAt, ...rest } = made;
      assert.deepEqual(rest, {
        kind: 'robot',
        login: 'Robby',
        name: 'Robby R.',
        email: 'R@Example.com',
        siteAdmin: false,
        state: 'active',
        maker: maker.id,
        app: 7,
      });
      assert.ok(id > maker.id);
      assert.equal(createdAt, updatedAt);
      assert.ok(createdAt >= before - 1000 && createdAt <= Date.now() + 1000);
    });

    test('an organization is read back as written', async () => {
      const { store } = opened;
      const made = await store.write((tx) =>
        tx.accounts.insertOrganization({ login: 'Acme-Inc', name: 'Acme', description: 'Anvils', basePermission: 20 }),
      );
      assert.deepEqual(await store.read.accounts.findByLogin('acme-inc'), made);
      assert.equal(made.kind, 'organization');
      assert.equal(made.basePermission, 20);
      assert.equal(made.description, 'Anvils');
    });

    test('logins and addresses are found without regard to case', async () => {
      const { store } = opened;
      const made = await store.write((tx) => addUser(tx, 'MixedCase', { email: 'Mixed@Example.COM' }));
      for (const login of ['MixedCase', 'mixedcase', 'MIXEDCASE'])
        assert.equal((await store.read.accounts.findByLogin(login))?.id, made.id);
      assert.equal((await store.read.accounts.findByEmail('mixed@example.com'))?.login, 'MixedCase');
      assert.equal(await store.read.accounts.findByEmail('other@example.com'), null);
      assert.deepEqual(
        (await store.read.accounts.listByEmails(['MIXED@example.com', 'other@example.com'])).map(({ login }) => login),
        ['MixedCase'],
      );
      assert.deepEqual(await store.read.accounts.listByEmails([]), []);
    });

    test('unknown accounts are null, and left out of lists', async () => {
      const { store } = opened;
      const [one, two] = await store.write(async (tx) => [await addUser(tx), await addOrganization(tx)]);
      assert.equal(await store.read.accounts.findById(999_999), null);
      assert.equal(await store.read.accounts.findByLogin('nobody-here'), null);
      assert.deepEqual(await store.read.accounts.listByIds([]), []);
      assert.deepEqual(await store.read.accounts.listByLogins([]), []);
      assert.deepEqual(
        (await store.read.accounts.listByIds([two!.id, 999_999, one!.id])).map((account) => account.id),
        [two!.id, one!.id],
      );
      assert.deepEqual(
        (await store.read.accounts.listByLogins([two!.login.toUpperCase(), 'nobody-here', one!.login])).map((account) => account.id),
        [two!.id, one!.id],
      );
    });

    test('one name space for people and organizations: a login is taken in any case', async () => {
      const { store } = opened;
      const login = fresh('Taken');
      await store.write((tx) => addUser(tx, login));
      await assert.rejects(store.write((tx) => addOrganization(tx, login.toLowerCase())));
      await assert.rejects(store.write((tx) => addUser(tx, login.toUpperCase())));
      assert.equal((await store.read.accounts.findByLogin(login))?.kind, 'user');
    });

    test('an address belongs to one account; none belongs to many', async () => {
      const { store } = opened;
      await store.write((tx) => addUser(tx, fresh('user'), { email: 'once@example.com' }));
      await assert.rejects(store.write((tx) => addUser(tx, fresh('user'), { email: 'ONCE@example.com' })));
      await store.write(async (tx) => {
        await addUser(tx, fresh('user'), { email: null });
        await addUser(tx, fresh('user'), { email: null });
      });
    });

    test('a change touches what it names and the time of the change', async () => {
      const { store } = opened;
      const user = await store.write((tx) => addUser(tx, fresh('user'), { email: `${fresh('a')}@example.com`, name: 'Before' }));
      const address = `${fresh('b')}@example.com`;
      const at = await store.write(async (tx) => {
        await tx.accounts.updateUser(user.id, { siteAdmin: true, state: 'suspended', email: address });
        return tx.now;
      });
      assert.deepEqual(await store.read.accounts.findById(user.id), {
        ...user,
        siteAdmin: true,
        state: 'suspended',
        email: address,
        updatedAt: at,
      });
      assert.equal(await store.read.accounts.findByEmail(user.email!), null);
      await store.write((tx) => tx.accounts.updateUser(user.id, { email: null, name: null }));
      assert.equal(await store.read.accounts.findByEmail(address), null);
    });

    test("an organization's profile and base permission change", async () => {
      const { store } = opened;
      const made = await store.write((tx) => addOrganization(tx));
      await store.write((tx) => tx.accounts.updateOrganization(made.id, { basePermission: 30, description: 'new' }));
      const present = await store.read.accounts.findById(made.id);
      assert.equal(present?.kind === 'organization' && present.basePermission, 30);
      assert.equal(present?.kind === 'organization' && present.description, 'new');
      assert.equal(present?.name, null);
    });

    test('people are counted, robots and organizations are not', async () => {
      const { store } = opened;
      const count = await store.read.accounts.countUsers();
      await store.write(async (tx) => {
        await addUser(tx);
        await addUser(tx, fresh('robot'), { kind: 'robot' });
        await addOrganization(tx);
        await tx.accounts.setPassword((await addUser(tx)).id, '$argon2id$…');
      });
      assert.equal(await store.read.accounts.countUsers(), count + 2);
    });
  });
}
