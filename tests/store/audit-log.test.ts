import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { auditColumns, chainStart, entryHash } from '#model/audit-chain.ts';
import type { AuditEntry } from '#model/audit-entry.ts';
import type { AuditSearch } from '#model/ports/store-server.ts';
import { databases } from '../support/databases.ts';
import { openSql } from '../support/sql.ts';
import { auditEntry, openTestStore, type TestStore } from '../support/store.ts';

const everything: AuditSearch = {
  conditions: [],
  category: 'all',
  organizationId: null,
  order: 'asc',
  after: null,
  before: null,
  limit: 1000,
};

for (const database of databases) {
  describe(`the audit log on ${database}`, () => {
    let opened: TestStore;
    before(async () => {
      opened = await openTestStore(database);
    });
    after(() => opened[Symbol.asyncDispose]());

    const search = async (changes: Partial<AuditSearch>): Promise<AuditEntry[]> =>
      opened.store.read.audit.listEntries({ ...everything, ...changes });
    const numbers = async (changes: Partial<AuditSearch>): Promise<number[]> => (await search(changes)).map((entry) => entry.number);

    test('an empty log has no head', async () => {
      assert.equal(await opened.store.read.audit.readHead(), null);
      assert.deepEqual(await opened.store.read.audit.listStored(0, 10), []);
    });

    test('entries get numbers without gaps and the time of their transaction', async () => {
      const { store } = opened;
      const [first, at] = await store.write(async (tx) => [await tx.audit.append(auditEntry(), auditEntry()), tx.now] as const);
      const third = await store.write((tx) => tx.audit.append(auditEntry({ data: { text: 'ünïcode "quoted" \\ \u2028' } })));
      assert.deepEqual([first, third], [1, 3]);
      const [one, two, three] = await search({});
      assert.deepEqual(one, { number: 1, at, ...auditEntry() });
      assert.equal(two?.at, at);
      assert.deepEqual(three?.data, { text: 'ünïcode "quoted" \\ \u2028' });
    });

    test('each entry is linked to the one before, and its columns say what its text says', async () => {
      let previous = chainStart;
      for (const stored of await opened.store.read.audit.listStored(0, 100)) {
        assert.equal(stored.previousHash, previous);
        assert.equal(stored.hash, entryHash(previous, stored.body));
        assert.deepEqual({ ...stored.columns }, auditColumns(JSON.parse(stored.body) as AuditEntry));
        previous = stored.hash;
      }
      assert.equal((await opened.store.read.audit.readHead())?.hash, previous);
    });

    test('appends from everywhere at once make one chain', async () => {
      const { store } = opened;
      const head = (await store.read.audit.readHead())!.number;
      await Promise.all(Array.from({ length: 60 }, () => store.write((tx) => tx.audit.append(auditEntry(), auditEntry()))));
      const stored = await store.read.audit.listStored(0, 1000);
      assert.deepEqual(
        stored.map((entry) => entry.number),
        Array.from({ length: head + 120 }, (_, index) => index + 1),
      );
      assert.ok(stored.every((entry, index) => entry.previousHash === (stored[index - 1]?.hash ?? chainStart)));
    });

    test('more entries than one statement takes are appended in one step', async () => {
      const { store } = opened;
      const head = (await store.read.audit.readHead())!.number;
      const many = Array.from({ length: 1200 }, (_, index) => auditEntry({ data: { index } }));
      assert.equal(await store.write((tx) => tx.audit.append(auditEntry(), ...many)), head + 1);
      assert.equal((await store.read.audit.readHead())?.number, head + 1201);
      const page = await store.read.audit.listStored(head + 1199, 10);
      assert.deepEqual(
        page.map((entry) => entry.number),
        [head + 1200, head + 1201],
      );
    });

    test('a search is bounded on both sides, in both directions', async () => {
      assert.deepEqual(await numbers({ limit: 3 }), [1, 2, 3]);
      assert.deepEqual(await numbers({ after: 10, limit: 2 }), [11, 12]);
      assert.deepEqual(await numbers({ after: 10, before: 13 }), [11, 12]);
      assert.deepEqual(await numbers({ order: 'desc', after: 10, limit: 2 }), [9, 8]);
      assert.deepEqual(await numbers({ order: 'desc', after: 10, before: 7 }), [9, 8]);
      assert.deepEqual(await numbers({ after: 1_000_000 }), []);
    });

    test('each condition finds what it names and its negation the rest', async () => {
      const { store } = opened;
      const marked = await store.write((tx) =>
        tx.audit.append(
          auditEntry({
            action: 'team.create',
            operation: 'create',
            actor: { id: 9, login: 'Mona', kind: 'user' },
            user: { id: 5, login: 'Dev' },
            organization: { id: 7, login: 'Acme' },
            repository: { id: 8, fullName: 'Acme/App', isPublic: false },
            address: '203.0.113.9',
            category: 'git',
            bypass: true,
            data: { note: '100% of_it' },
          }),
          auditEntry({ action: 'teamwork.create' }),
        ),
      );
      const found = (condition: AuditSearch['conditions'][number]) => numbers({ conditions: [condition], after: marked - 1 });
      for (const [field, value] of [
        ['action', 'team.create'],
        ['action', 'team'],
        ['actor', 'MONA'],
        ['user', 'dev'],
        ['repository', 'acme/APP'],
        ['organization', 'acme'],
        ['operation', 'create'],
        ['address', '203.0.113.9'],
      ] as const) {
        assert.deepEqual(await found({ field, value, not: false }), [marked], `${field} ${value}`);
        assert.deepEqual(await found({ field, value, not: true }), [marked + 1], `not ${field} ${value}`);
      }
      assert.deepEqual(await found({ field: 'bypass', value: true }), [marked]);
      assert.deepEqual(await found({ field: 'bypass', value: false }), [marked + 1]);
      for (const value of ['100% of_it', 'OF_IT', 'f_i']) assert.deepEqual(await found({ field: 'text', value }), [marked], value);
      for (const value of ['100_', 'o%it', 'of.it', '\\']) assert.deepEqual(await found({ field: 'text', value }), [], value);
      const { at } = (await search({ after: marked - 1, limit: 1 }))[0]!;
      assert.deepEqual(await found({ field: 'created', from: at, to: at }), [marked, marked + 1]);
      assert.deepEqual(await found({ field: 'created', from: at + 1, to: null }), []);
      assert.deepEqual(await found({ field: 'created', from: null, to: at - 1 }), []);
      assert.deepEqual(await numbers({ category: 'git', after: marked - 1 }), [marked]);
      assert.deepEqual(await numbers({ category: 'web', after: marked - 1 }), [marked + 1]);
      assert.deepEqual(await numbers({ organizationId: 7 }), [marked]);
    });

    test('text beyond ASCII is found as it is written', async () => {
      const number = await opened.store.write((tx) => tx.audit.append(auditEntry({ data: { note: 'ÉCOLE Über Ελλάδα' } })));
      for (const value of ['ÉCOLE', 'Über', 'Ελλάδα', 'École'.normalize('NFC').toUpperCase()])
        assert.deepEqual(await numbers({ conditions: [{ field: 'text', value }] }), [number], value);
    });

    // Attack: whoever writes to the database puts their own log there, with a head that fits it, and lets the server's next entry sign it.
    test('nothing is appended to a head that this server did not sign', async () => {
      const { store } = opened;
      const head = (await store.read.audit.readHead())!;
      await using sql = await openSql(opened.place);
      for (const change of [`hash = '${'f'.repeat(64)}'`, `number = ${head.number - 1}`, `at = ${head.at + 1}`, `signature = ''`]) {
        await sql.run(`update audit_head set ${change}`);
        const attempt = store.write(async (tx) => {
          await tx.settings.writeSetting('unrecorded', 'yes');
          await tx.audit.append(auditEntry());
        });
        await assert.rejects(attempt, /a head that was not signed by this server/);
        await sql.run(
          `update audit_head set number = ${head.number}, hash = '${head.hash}', at = ${head.at}, signature = '${head.signature}'`,
        );
      }
      assert.equal(await store.read.settings.readSetting('unrecorded'), null);
      assert.equal(await store.write((tx) => tx.audit.append(auditEntry())), head.number + 1);
    });

    test('all conditions must hold', async () => {
      const both = [
        { field: 'actor', value: 'mona', not: false },
        { field: 'operation', value: 'remove', not: false },
      ] as const;
      assert.deepEqual(await numbers({ conditions: both }), []);
      assert.equal((await numbers({ conditions: both.slice(0, 1) })).length, 1);
    });
  });
}
