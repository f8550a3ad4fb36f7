import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { auditColumns, entryHash, headStatement } from '#model/audit-chain.ts';
import type { AuditEntry, AuditHead } from '#model/audit-entry.ts';
import { verifyAudit } from '#operations/audit/verify-audit.ts';
import { must } from '../support/api.ts';
import { databases } from '../support/databases.ts';
import { remoteRef, WorkTree } from '../support/history.ts';
import { castOf, elevated, mint, type Personas } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openSql, type Sql } from '../support/sql.ts';

/** A column of an entry with a value that is certainly another. */
function otherValue(column: string, present: string | number | null): string {
  if (column === 'bypass') return String(1 - Number(present));
  return /^(at|.*_id)$/.test(column) ? '987654321' : `'forged'`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

for (const database of databases) {
  describe(`the proof of the audit log on ${database}`, () => {
    let server: TestServer;
    let cast: Personas;
    let sql: Sql;
    let middle: AuditHead;
    let head: AuditHead;

    before(async () => {
      server = await startTestServer({ database });
      cast = await castOf(server);
      await fillLog(server, cast, 60);
      middle = await readHead();
      await fillLog(server, cast, 120);
      head = await readHead();
      sql = await openSql(server.config.database ?? server.data);
      for (const table of ['audit_entry', 'audit_head']) await sql.run(`create table kept_${table} as select * from ${table}`);
    });
    after(async () => {
      await sql?.[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    const context = () => server.running.house.context;
    const readHead = async (): Promise<AuditHead> => (await context().store.read.audit.readHead())!;
    const stored = async (number: number) => (await context().store.read.audit.listStored(number - 1, 1))[0]!;

    /** What the proof finds after somebody had the database for a moment; then everything is as before. */
    async function found(statements: readonly string[], outside: AuditHead | null = null): Promise<string[]> {
      for (const statement of statements) await sql.run(statement);
      try {
        return (await verifyAudit(context(), outside)).problems.map((problem) => problem.what);
      } finally {
        await sql.run('delete from audit_entry');
        await sql.run('insert into audit_entry select * from kept_audit_entry');
        await sql.run('delete from audit_head');
        await sql.run('insert into audit_head select * from kept_audit_head');
      }
    }

    /** Statements that give an entry another text, and every entry from there on hashes that fit. */
    async function rewrite(number: number, change: (entry: AuditEntry) => AuditEntry, last = head.number): Promise<string[]> {
      const statements: string[] = [];
      let previous = (await stored(number)).previousHash;
      for (let at = number; at <= last; at++) {
        const present = await stored(at);
        const entry = at === number ? change(JSON.parse(present.body) as AuditEntry) : null;
        const body = entry === null ? present.body : JSON.stringify(entry);
        const hash = entryHash(previous, body);
        const columns =
          entry === null
            ? []
            : Object.entries(auditColumns(entry)).map(([name, value]) => `${name} = ${value === null ? 'null' : quoted(String(value))}`);
        const set = [...columns, `body = ${quoted(body)}`, `previous_hash = '${previous}'`, `hash = '${hash}'`];
        statements.push(`update audit_entry set ${set.join(', ')} where number = ${at}`);
        previous = hash;
      }
      return statements;
    }

    test('a log of some hundred entries, by operations and pushes, is whole', async () => {
      const progress: number[] = [];
      const proof = await verifyAudit(context(), null, (entries) => progress.push(entries));
      assert.deepEqual(proof.problems, []);
      assert.deepEqual(proof.head, head);
      assert.equal(proof.entries, head.number);
      assert.ok(head.number > 200, `only ${head.number} entries`);
      assert.deepEqual(progress, [head.number]);
      assert.match(proof.caveat!, /a rollback of log and head together cannot be excluded/);
      const actions = (await context().store.read.audit.listStored(0, 1000)).map((entry) => entry.columns['action']);
      for (const action of ['git.push', 'git.push_outcome', 'protected_branch.rejected_ref_update', 'protected_branch.policy_override'])
        assert.ok(actions.includes(action), `no ${action} in the log`);
    });

    test('an older head that was kept elsewhere fits, and then there is no caveat', async () => {
      const proof = await verifyAudit(context(), middle);
      assert.deepEqual(proof.problems, []);
      assert.equal(proof.caveat, null);
    });

    test('a changed text is named', async () => {
      const { body } = await stored(50);
      const changed = JSON.stringify({ ...(JSON.parse(body) as AuditEntry), requestId: 'another' });
      assert.deepEqual(await found([`update audit_entry set body = ${quoted(changed)} where number = 50`]), [
        'entry 50 was changed: its text does not fit its hash',
      ]);
      assert.deepEqual(await found([`update audit_entry set body = 'not JSON' where number = 50`]), [
        'entry 50 was changed: its text does not fit its hash',
        'entry 50 was changed: its text cannot be read',
      ]);
    });

    test('a changed text with a hash that fits breaks the link to the next entry', async () => {
      const statements = await rewrite(50, (entry) => ({ ...entry, requestId: 'another' }), 50);
      assert.deepEqual(await found(statements), ['entry 51 does not follow from entry 50']);
    });

    test('a log that was rewritten from an entry on does not fit the signed head', async () => {
      const statements = await rewrite(50, (entry) => ({ ...entry, actor: { id: 1, login: 'scapegoat', kind: 'user' } }));
      const wrongHead = `entry ${head.number} is not the one that the head was signed for`;
      assert.deepEqual(await found(statements), [wrongHead]);
      assert.deepEqual(await found(statements, middle), [
        wrongHead,
        `entry ${middle.number} is not the one that the head that was given stands for`,
      ]);
    });

    test('each changed search column is named', async () => {
      const { columns } = await stored(50);
      const names = Object.keys(auditColumns(JSON.parse((await stored(50)).body) as AuditEntry)).filter((name) => name !== 'number');
      assert.equal(names.length, 13);
      for (const name of names) {
        const statement = `update audit_entry set ${name} = ${otherValue(name, columns[name]!)} where number = 50`;
        assert.deepEqual(await found([statement]), [`entry 50 was changed: its ${name} is not what its text says`], name);
      }
      const both = `update audit_entry set action = 'forged', operation = 'forged' where number = 50`;
      assert.deepEqual(await found([both]), ['entry 50 was changed: its action, operation are not what its text says']);
    });

    test('dropped entries are named, in the middle and at the beginning', async () => {
      assert.deepEqual(await found(['delete from audit_entry where number = 50']), ['entry 50 is missing']);
      assert.deepEqual(await found(['delete from audit_entry where number between 50 and 52']), ['entries 50 to 52 are missing']);
      assert.deepEqual(await found(['delete from audit_entry where number = 1']), ['entry 1 is missing']);
    });

    test('two entries that changed places are named', async () => {
      const problems = await found([
        'update audit_entry set number = 1000000 where number = 50',
        'update audit_entry set number = 50 where number = 51',
        'update audit_entry set number = 51 where number = 1000000',
      ]);
      for (const expected of [
        'entry 50 does not follow from entry 49',
        'entry 51 does not follow from entry 50',
        'entry 52 does not follow from entry 51',
        'entry 50 was changed: its number is not what its text says',
        'entry 51 was changed: its number is not what its text says',
      ])
        assert.ok(problems.includes(expected), `${expected}\n${problems.join('\n')}`);
    });

    test('a cut-off tail is named, even when nothing is left', async () => {
      const cut = (last: number): string =>
        `the log was cut off: the signed head stands at entry ${head.number}, the last entry is ${last}`;
      assert.deepEqual(await found([`delete from audit_entry where number > ${head.number - 2}`]), [cut(head.number - 2)]);
      assert.deepEqual(await found(['delete from audit_entry']), [cut(0)]);
    });

    test('an entry that somebody added is not covered by the head', async () => {
      const last = await stored(head.number);
      const entry = { ...(JSON.parse(last.body) as AuditEntry), number: head.number + 1 };
      const body = JSON.stringify(entry);
      const columns = Object.entries(auditColumns(entry));
      const statement = `insert into audit_entry (${columns.map(([name]) => name).join(', ')}, body, previous_hash, hash) values (${columns
        .map(([, value]) => (value === null ? 'null' : quoted(String(value))))
        .join(', ')}, ${quoted(body)}, '${last.hash}', '${entryHash(last.hash, body)}')`;
      assert.deepEqual(await found([statement]), [`entries after ${head.number} are not covered by the signed head`]);
    });

    test('a head that somebody else signed, or that was changed or taken away, is named', async () => {
      const { privateKey } = generateKeyPairSync('ed25519');
      const forged = sign(null, headStatement(head.number, head.hash, head.at), privateKey).toString('base64');
      for (const change of [`signature = '${forged}'`, `signature = ''`, `at = ${head.at + 1}`])
        assert.deepEqual(await found([`update audit_head set ${change}`]), ['the head was not signed by this server'], change);
      assert.deepEqual(await found(['delete from audit_head']), ['the signed head is missing']);
      const withForged = { ...middle, signature: forged };
      assert.deepEqual(await found([], withForged), ['the head that was given was not signed by this server']);
    });

    test('a rollback of log and head together is found only with a head that was kept elsewhere', async () => {
      const rollback = [
        `delete from audit_entry where number > ${middle.number}`,
        `update audit_head set number = ${middle.number}, hash = '${middle.hash}', at = ${middle.at}, signature = '${middle.signature}'`,
      ];
      assert.deepEqual(await found(rollback), []);
      assert.deepEqual(await found(rollback, head), [
        `the log was rolled back: the head that was given stands at entry ${head.number}, the last entry is ${middle.number}`,
      ]);
      const wipe = ['delete from audit_entry', 'delete from audit_head'];
      assert.deepEqual(await found(wipe), []);
      assert.deepEqual(await found(wipe, middle), [
        `the log was rolled back: the head that was given stands at entry ${middle.number}, the last entry is 0`,
      ]);
    });

    test('many problems are counted only so far', async () => {
      assert.equal((await found([`update audit_entry set action = 'forged'`])).length, 100);
    });

    // Attack: rewrite the log to its end, give it a head that fits, and wait until the server's next entry is signed on top of it.
    test('while the head is not the server’s own, no push passes and nothing is changed', async () => {
      const statements = await rewrite(50, (entry) => ({ ...entry, actor: { id: 1, login: 'scapegoat', kind: 'user' } }));
      for (const statement of statements) await sql.run(statement);
      const last = await stored(head.number);
      await sql.run(`update audit_head set hash = '${last.hash}'`);
      await using work = await WorkTree.create();
      await work.commit('unrecorded', { f: '1' });
      const remote = cast.developer.remote('acme/app');
      assert.notEqual((await work.push(remote, 'HEAD:refs/heads/unrecorded')).code, 0);
      assert.equal(await remoteRef(remote, 'refs/heads/unrecorded'), null);
      assert.equal((await cast.owner.api('PATCH', '/repos/acme/app', { description: 'unrecorded' })).status, 500);
      assert.equal((await must(cast.owner.api('GET', '/repos/acme/app'))).description, null);
      assert.deepEqual(await found([]), ['the head was not signed by this server']);
    });

    test('a rollback after which the server went on is found with the head that was kept elsewhere', async () => {
      await sql.run(`delete from audit_entry where number > ${middle.number}`);
      await sql.run(
        `update audit_head set number = ${middle.number}, hash = '${middle.hash}', at = ${middle.at}, signature = '${middle.signature}'`,
      );
      await fillLog(server, cast, head.number - middle.number);
      assert.deepEqual((await verifyAudit(context(), null)).problems, []);
      assert.deepEqual(
        (await verifyAudit(context(), head)).problems.map((problem) => problem.what),
        [`entry ${head.number} is not the one that the head that was given stands for`],
      );
    });
  });
}

/** At least so many entries, by operations and by pushes that pass, are refused, and pass by a bypass. */
async function fillLog(server: TestServer, cast: Personas, entries: number): Promise<void> {
  const branch = `b${Date.now()}`;
  const rules = [
    { type: 'required_linear_history', parameters: {} },
    { type: 'lock', parameters: { forkSync: false } },
    { type: 'non_fast_forward', parameters: { allowed: false } },
    { type: 'deletion', parameters: { allowed: 'nobody' } },
  ];
  const protection = { origin: 'github', pattern: branch, rules };
  await must(cast.owner.api('POST', '/api/sallyport/v1/repos/acme/app/protections', { ...protection, enforce_admins: true }));
  await using work = await WorkTree.create();
  await work.commit('one', { f: branch });
  const remote = cast.developer.remote('acme/app');
  await work.push(remote, `HEAD:refs/heads/free-${branch}`);
  await work.push(remote, `HEAD:refs/heads/${branch}`);
  const robot = await elevated(server, cast.developer, {
    repositories: ['acme/app'],
    operations: ['create', 'update'],
    rules: ['lock', 'creation', 'actor_restriction'],
  });
  await work.push(robot.remote('acme/app'), `HEAD:refs/heads/${branch}`);
  for (let made = 0; made < entries; made++) await mint(server, 'dev', ['repo']);
}
