import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Organization } from '#model/account.ts';
import type { NewProtection } from '#model/ports/store-repositories.ts';
import type { Repository } from '#model/repository.ts';
import { databases } from '../support/databases.ts';
import { openSql } from '../support/sql.ts';
import { addOrganization, addRepository, fresh, openTestStore, type TestStore } from '../support/store.ts';

const ids = (items: readonly { readonly id: number }[]): number[] => items.map((item) => item.id);

function protection(owner: NewProtection['owner'], pattern: string, overrides: Partial<NewProtection> = {}): NewProtection {
  const native = { demandsReason: false, acceptsElevated: true };
  return { owner, origin: 'github', pattern, rules: [], enforceAdmins: true, manage: [], native, ...overrides };
}

for (const database of databases) {
  describe(`protections on ${database}`, () => {
    let opened: TestStore;
    let organization: Organization;
    let repository: Repository;
    let sibling: Repository;
    before(async () => {
      opened = await openTestStore(database);
      await opened.store.write(async (tx) => {
        organization = await addOrganization(tx);
        repository = await addRepository(tx, organization.id);
        sibling = await addRepository(tx, organization.id);
      });
    });
    after(() => opened[Symbol.asyncDispose]());

    const find = async (id: number) =>
      (await opened.store.read.rules.listProtections(repository.id, repository.ownerId)).find((one) => one.id === id);

    test('one is read back as written, at version 1', async () => {
      const { store } = opened;
      const wanted = protection({ repository: repository.id }, fresh('whole/*'), {
        origin: 'gitlab',
        rules: [{ type: 'push_access', parameters: { grants: [{ kind: 'role', level: 40 }] } }],
        enforceAdmins: false,
        manage: [{ kind: 'team', id: 7, childTeams: false }],
        native: { demandsReason: true, acceptsElevated: false },
      });
      const made = await store.write((tx) => tx.rules.insertProtection(wanted));
      assert.deepEqual(made, { id: made.id, version: 1, ...wanted });
      assert.deepEqual(await find(made.id), made);
      assert.equal(await find(999_999), undefined);
    });

    test('every change raises the version and touches what it names', async () => {
      const { store } = opened;
      const made = await store.write((tx) => tx.rules.insertProtection(protection({ repository: repository.id }, fresh('p'))));
      const once = await store.write((tx) => tx.rules.updateProtection(made.id, { enforceAdmins: false }));
      assert.deepEqual(once, { ...made, version: 2, enforceAdmins: false });
      const rules = [{ type: 'deletion', parameters: { allowed: 'nobody' } }];
      const twice = await store.write((tx) =>
        tx.rules.updateProtection(made.id, { rules, native: { demandsReason: true, acceptsElevated: false } }),
      );
      assert.deepEqual(twice, { ...once, version: 3, rules, native: { demandsReason: true, acceptsElevated: false } });
      assert.deepEqual(await find(made.id), twice);
      await assert.rejects(store.write((tx) => tx.rules.updateProtection(999_999, { enforceAdmins: true })));
    });

    test('there is at most one for each owner, origin and pattern', async () => {
      const { store } = opened;
      const pattern = fresh('only');
      for (const owner of [{ repository: repository.id }, { organization: organization.id }]) {
        await store.write((tx) => tx.rules.insertProtection(protection(owner, pattern)));
        await assert.rejects(store.write((tx) => tx.rules.insertProtection(protection(owner, pattern))));
        await store.write((tx) => tx.rules.insertProtection(protection(owner, pattern, { origin: 'gitlab' })));
        await store.write((tx) => tx.rules.insertProtection(protection(owner, pattern.toUpperCase())));
      }
      await store.write((tx) => tx.rules.insertProtection(protection({ repository: sibling.id }, pattern)));
    });

    test("a repository is under its own and its organization's, oldest first", async () => {
      const { store } = opened;
      const made = await store.write(async (tx) => {
        const own = await addOrganization(tx);
        const [one, two] = [await addRepository(tx, own.id), await addRepository(tx, own.id)];
        const first = await tx.rules.insertProtection(protection({ organization: own.id }, 'z'));
        const second = await tx.rules.insertProtection(protection({ repository: one.id }, 'a'));
        const foreign = await tx.rules.insertProtection(protection({ repository: two.id }, 'a'));
        return { own, one, two, first, second, foreign };
      });
      const { rules } = store.read;
      assert.deepEqual(ids(await rules.listProtections(made.one.id, made.own.id)), [made.first.id, made.second.id]);
      assert.deepEqual(ids(await rules.listProtections(made.two.id, made.own.id)), [made.first.id, made.foreign.id]);
      assert.deepEqual(ids(await rules.listProtectionsOfOrganization(made.own.id)), [made.first.id]);
      assert.deepEqual((await rules.listProtectionsOfOrganization(made.own.id))[0]?.owner, { organization: made.own.id });
      assert.deepEqual(await rules.listProtectionsOfOrganization(999_999), []);
      await store.write((tx) => tx.rules.removeProtection(made.second.id));
      assert.deepEqual(ids(await rules.listProtections(made.one.id, made.own.id)), [made.first.id]);
    });

    test('an id of a repository is not taken for an organization’s', async () => {
      const { store } = opened;
      // The two have sequences of their own, so that one number may name both.
      const made = await store.write(async (tx) => {
        const own = await addOrganization(tx);
        return tx.rules.insertProtection(protection({ organization: own.id }, fresh('p')));
      });
      const owner = 'organization' in made.owner ? made.owner.organization : 0;
      assert.deepEqual(
        ids(await store.read.rules.listProtections(owner, 0)).filter((id) => id === made.id),
        [],
      );
    });

    test('rulesets of the repository and of its organization are read', async () => {
      await using sql = await openSql(opened.place);
      const columns = 'version, repository_id, organization_id, name, target, enforcement, conditions, rules, bypass';
      const json = `'{"include":["~ALL"],"exclude":[]}', '[{"type":"deletion","parameters":{}}]', '[{"actor":{"type":"team","id":3},"mode":"always"}]'`;
      await sql.run(`insert into ruleset (${columns}) values (1, null, ${organization.id}, 'floor', 'branch', 'active', ${json})`);
      await sql.run(`insert into ruleset (${columns}) values (4, ${repository.id}, null, 'own', 'tag', 'evaluate', ${json})`);
      await sql.run(`insert into ruleset (${columns}) values (1, ${sibling.id}, null, 'other', 'push', 'disabled', ${json})`);
      const [floor, own, ...rest] = await opened.store.read.rules.listRulesets(repository.id, organization.id);
      assert.deepEqual(rest, []);
      assert.equal(floor?.name, 'floor');
      assert.deepEqual(floor?.owner, { organization: organization.id });
      assert.deepEqual(
        { ...own, id: 0 },
        {
          id: 0,
          version: 4,
          owner: { repository: repository.id },
          name: 'own',
          target: 'tag',
          enforcement: 'evaluate',
          conditions: { include: ['~ALL'], exclude: [] },
          rules: [{ type: 'deletion', parameters: {} }],
          bypass: [{ actor: { type: 'team', id: 3 }, mode: 'always' }],
        },
      );
    });

    test('a protection that belongs to nobody stops the reading: absence is damage', async () => {
      const made = await opened.store.write((tx) => tx.rules.insertProtection(protection({ repository: sibling.id }, fresh('p'))));
      await using sql = await openSql(opened.place);
      await sql.run(`update protection set repository_id = null where id = ${made.id}`);
      await assert.rejects(
        opened.store.write((tx) => tx.rules.updateProtection(made.id, {})),
        /belongs to nobody/,
      );
    });
  });
}
