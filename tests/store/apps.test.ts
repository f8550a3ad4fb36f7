import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { NewApp } from '#model/ports/store-credentials.ts';
import { databases } from '../support/databases.ts';
import { addOrganization, addUser, fresh, openTestStore, type TestStore } from '../support/store.ts';

for (const database of databases) {
  describe(`apps on ${database}`, () => {
    let opened: TestStore;
    before(async () => {
      opened = await openTestStore(database);
    });
    after(() => opened[Symbol.asyncDispose]());

    const addApp = (changes: Partial<NewApp> = {}) =>
      opened.store.write(async (tx) => {
        const [owner, bot] = [await addUser(tx), await addUser(tx, fresh('bot'), { kind: 'robot' })];
        return tx.apps.insert({
          slug: fresh('app-'),
          name: 'An App',
          ownerId: owner.id,
          description: null,
          externalUrl: 'https://app.example.com',
          permissions: { contents: 'write', statuses: 'read' },
          events: ['push'],
          publicKey: 'PEM',
          botId: bot.id,
          ...changes,
        });
      });

    test('an app is read back as written, by id and by slug in any case', async () => {
      const made = await addApp({ slug: 'release-bot', description: 'releases' });
      const { apps } = opened.store.read;
      assert.deepEqual(await apps.findById(made.id), made);
      assert.deepEqual(await apps.findBySlug('Release-Bot'), made);
      assert.deepEqual(made.permissions, { contents: 'write', statuses: 'read' });
      assert.deepEqual(made.events, ['push']);
      assert.equal(await apps.findById(999_999), null);
      assert.equal(await apps.findBySlug('nothing-here'), null);
      await assert.rejects(addApp({ slug: 'release-bot' }));
    });

    test('lists follow the order asked for and leave out what is unknown', async () => {
      const [one, two] = [await addApp(), await addApp()];
      const { apps } = opened.store.read;
      assert.deepEqual(
        (await apps.listByIds([two.id, 999_999, one.id])).map((app) => app.id),
        [two.id, one.id],
      );
      assert.deepEqual(
        (await apps.listBySlugs([two.slug.toUpperCase(), 'nope', one.slug])).map((app) => app.id),
        [two.id, one.id],
      );
      assert.deepEqual(await apps.listByIds([]), []);
      assert.deepEqual(await apps.listBySlugs([]), []);
    });

    test('an app is installed on an account once, and taken off again', async () => {
      const app = await addApp();
      const [here, there] = await opened.store.write(async (tx) => [await addOrganization(tx), await addUser(tx)] as const);
      const install = (accountId: number) =>
        opened.store.write((tx) => tx.apps.insertInstallation({ appId: app.id, accountId, permissions: { contents: 'read' } }));
      const [first, second] = [await install(here.id), await install(there.id)];
      const { apps } = opened.store.read;
      assert.deepEqual(await apps.findInstallation(first.id), first);
      assert.deepEqual(await apps.findInstallationOn(app.id, there.id), second);
      assert.deepEqual(await apps.listInstallations(app.id), [first, second]);
      await assert.rejects(install(here.id));
      await opened.store.write((tx) => tx.apps.removeInstallation(first.id));
      assert.equal(await apps.findInstallation(first.id), null);
      assert.equal(await apps.findInstallationOn(app.id, here.id), null);
      const again = await install(here.id);
      assert.ok(again.id > second.id, 'tokens of the old installation must not come alive with the new one');
    });
  });
}
