import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AuditEntry } from '#model/audit-entry.ts';
import { askedBy } from '#model/caller.ts';
import { prepareDemo } from '#operations/server/demo.ts';
import { prepareFirstStart } from '#operations/server/first-start.ts';
import { openHouse } from '../../src/compose.ts';
import { databases } from '../support/databases.ts';
import { dump } from '../support/dump.ts';
import { temporaryFolder } from '../support/folders.ts';
import { mutatingOperations } from '../support/operations-found.ts';
import { operator } from '../support/personas.ts';
import { testConfig } from '../support/server.ts';
import { hookSecret } from './audit-entries/hooks.ts';
import { password } from './audit-entries/people.ts';
import { rows } from './audit-entries/rows.ts';
import { AuditStage, lost, withoutLog } from './audit-entries/stage.ts';

/** They begin a store, so they have tests of their own below. */
const beginnings = ['server/demo.ts prepareDemo', 'server/first-start.ts prepareFirstStart'];

/** The one way in which all of them change anything. */
const theWay = 'change.ts change';

test('every operation that changes something is here', () => {
  const found = mutatingOperations();
  assert.ok(found.length > 45, `only ${found.length} were found`);
  const covered = new Set([...rows.map(({ operation }) => operation), ...beginnings, theWay]);
  assert.deepEqual(found, [...covered].sort());
});

for (const database of databases) {
  describe(`on ${database}: an operation writes its entries in the step that changes something, or changes nothing`, {
    timeout: 120_000,
  }, () => {
    let stage: AuditStage;
    before(async () => {
      stage = await AuditStage.open(database);
    });
    after(() => stage[Symbol.asyncDispose]());

    for (const { operation, what, ready } of rows) {
      test(`${what} (${operation.split(' ')[1]})`, async () => {
        const { by, ask, entries } = await ready(stage);
        const untouched = await dump(stage.server);
        await assert.rejects(ask(withoutLog(stage.context)), isLost);
        await stage.written();
        assert.deepEqual(await dump(stage.server), untouched);

        const end = await stage.end();
        await ask(stage.context);
        const written = await stage.entriesAfter(end);
        assert.deepEqual(
          written.map(({ action }) => action),
          entries.map(({ action }) => action),
        );
        for (const [index, entry] of written.entries()) {
          assert.partialDeepStrictEqual(entry, { ...askedBy(by), bypass: false });
          assert.partialDeepStrictEqual(entry.data, entries[index]!.data ?? {});
          assertNoSecret(entry);
        }
      });
    }
  });
}

describe('the beginning of a store is on the record too', { timeout: 60_000 }, () => {
  for (const [what, begin] of [
    ['the first start', prepareFirstStart],
    ['the demo', prepareDemo],
  ] as const) {
    test(what, async () => {
      await using folder = await temporaryFolder();
      const config = await testConfig(folder.path, null);
      const house = await openHouse(config, { logTo: { write: () => undefined } });
      try {
        const untouched = await dump({ data: folder.path, config });
        await assert.rejects(begin(withoutLog(house.context), operator), isLost);
        assert.deepEqual(await dump({ data: folder.path, config }), untouched);
        const made = JSON.stringify(await begin(house.context, operator));
        const entries = (await house.store.read.audit.listStored(0, 1000)).map(({ body }) => JSON.parse(body) as AuditEntry);
        assert.deepEqual(
          entries.slice(0, 2).map(({ action, actor, via }) => [action, actor.login, via]),
          [
            ['user.create', 'operator:tester', 'cli'],
            ['oauth_access.create', 'operator:tester', 'cli'],
          ],
        );
        const secrets = made.match(/sly_\w+|(?<="password":")[^"]+/g)!;
        assert.ok(secrets.length >= 2);
        for (const entry of entries) {
          assertNoSecret(entry);
          for (const secret of secrets) assert.ok(!JSON.stringify(entry).includes(secret));
        }
      } finally {
        await house.close();
      }
    });
  }
});

/** As the operation says it, or as the gate says it about a push. */
function isLost(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause.message.includes(lost)) return true;
  throw error;
}

function assertNoSecret(entry: AuditEntry): void {
  const text = JSON.stringify(entry);
  assert.doesNotMatch(text, /sly_|PRIVATE KEY|argon2/);
  assert.ok(!text.includes(password) && !text.includes(hookSecret));
}
