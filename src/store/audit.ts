import { type Insertable, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import { auditColumns, chainStart, entryHash, headStatement } from '#model/audit-chain.ts';
import type { AuditEntry, AuditHead } from '#model/audit-entry.ts';
import type { AuditCondition, AuditLog, AuditSearch } from '#model/ports/store-server.ts';
import { first, prepared } from './prepared.ts';
import { type Executor, flag, nameKey, parseJson } from './rows.ts';
import type { Schema } from './schema.ts';

/** Signs heads with the server's key, knows its own signatures, and hears of every new head. */
export interface HeadSigner {
  sign(statement: Buffer): string;
  verify(statement: Buffer, signature: string): boolean;
  /** Called after the head was written, before it is durable. */
  onHead(head: AuditHead): void;
}

/** The head of the log is not one that this server signed. Nothing is written any more, and so nothing passes (decision 5). */
class ForeignHead extends Error {
  constructor(number: number) {
    super(`the audit log ends at entry ${number} with a head that was not signed by this server; "sallyport audit verify" says more`);
    this.name = 'ForeignHead';
  }
}

/** SQLite takes 32,766 parameters in a statement, a row has 17. */
const rowsPerStatement = 500;

export function audit(db: Executor, now: () => number, signer: HeadSigner): AuditLog {
  const readHead = async (): Promise<AuditHead | null> => {
    const row = await first(selectHead(db, {}));
    return row === null ? null : { ...row };
  };

  // Whoever holds the chain's lock is the only one that moves the head.
  let known: Promise<AuditHead | null> | null = null;
  const headOfTransaction = (): Promise<AuditHead | null> => {
    known ??= readHead();
    return known;
  };

  return {
    nextNumber: async () => nextAfter(await headOfTransaction()),

    async append(...entries) {
      const head = await headOfTransaction();
      // Signing on top of a head that was put there by somebody else would make their log ours.
      if (head !== null && !signer.verify(headStatement(head.number, head.hash, head.at), head.signature))
        throw new ForeignHead(head.number);
      const at = now();
      const firstNumber = nextAfter(head);
      let previousHash = head?.hash ?? chainStart;
      const rows = entries.map((entry, index) => {
        const numbered: AuditEntry = { number: firstNumber + index, at, ...entry };
        const body = JSON.stringify(numbered);
        const row = { ...auditColumns(numbered), body, previous_hash: previousHash, hash: entryHash(previousHash, body) };
        previousHash = row.hash;
        return row;
      });
      const number = firstNumber + rows.length - 1;
      const signed = { number, hash: previousHash, at, signature: signer.sign(headStatement(number, previousHash, at)) };
      const groups = Array.from({ length: Math.ceil(rows.length / rowsPerStatement) }, (_, index) =>
        rows.slice(index * rowsPerStatement, (index + 1) * rowsPerStatement),
      );
      known = Promise.resolve(signed);
      await Promise.all([...groups.map((group) => insertEntries(db, group)), upsertHead(db, signed)]);
      signer.onHead(signed);
      return firstNumber;
    },

    readHead,

    async listEntries(search) {
      const rows = await searched(db, search).execute();
      return rows.map((row) => parseJson<AuditEntry>(row.body));
    },

    async listStored(after, limit) {
      const rows = await db.selectFrom('audit_entry').selectAll().where('number', '>', after).orderBy('number').limit(limit).execute();
      return rows.map(({ body, previous_hash, hash, ...columns }) => ({
        number: columns.number,
        body,
        previousHash: previous_hash,
        hash,
        columns,
      }));
    },
  };
}

function nextAfter(head: AuditHead | null): number {
  return (head?.number ?? 0) + 1;
}

type EntryRow = Insertable<Schema['audit_entry']>;

const selectHead = prepared((db) => db.selectFrom('audit_head').select(['number', 'hash', 'at', 'signature']).where('id', '=', 1));

const upsertHead = prepared((db, { number, hash, at, signature }: AuditHead) =>
  db
    .insertInto('audit_head')
    .values({ id: 1, number, hash, at, signature })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ number, hash, at, signature })),
);

const entryColumns: readonly (keyof EntryRow)[] = [
  'number',
  'at',
  'action',
  'operation',
  'actor_id',
  'actor_key',
  'organization_id',
  'organization_key',
  'repository_id',
  'repository_key',
  'user_key',
  'address',
  'category',
  'bypass',
  'body',
  'previous_hash',
  'hash',
];

const insertEntry = prepared((db, row: EntryRow) =>
  db.insertInto('audit_entry').values(Object.fromEntries(entryColumns.map((column) => [column, row[column]])) as EntryRow),
);

async function insertEntries(db: Executor, rows: readonly EntryRow[]): Promise<void> {
  if (rows.length === 1) await insertEntry(db, rows[0]!);
  else
    await db
      .insertInto('audit_entry')
      .values([...rows])
      .execute();
}

type Search = SelectQueryBuilder<Schema, 'audit_entry', { body: string }>;

function searched(db: Executor, search: AuditSearch): Search {
  let query: Search = db.selectFrom('audit_entry').select('body').orderBy('number', search.order).limit(search.limit);
  const forward = search.order === 'asc' ? '>' : '<';
  const backward = search.order === 'asc' ? '<' : '>';
  if (search.after !== null) query = query.where('number', forward, search.after);
  if (search.before !== null) query = query.where('number', backward, search.before);
  if (search.organizationId !== null) query = query.where('organization_id', '=', search.organizationId);
  if (search.category !== 'all') query = query.where('category', '=', search.category);
  return search.conditions.reduce(restrict, query);
}

const columnOf = {
  actor: 'actor_key',
  user: 'user_key',
  repository: 'repository_key',
  organization: 'organization_key',
  operation: 'operation',
  address: 'address',
} as const;

function restrict(query: Search, condition: AuditCondition): Search {
  switch (condition.field) {
    case 'created': {
      const from = condition.from === null ? query : query.where('at', '>=', condition.from);
      return condition.to === null ? from : from.where('at', '<=', condition.to);
    }
    case 'bypass':
      return query.where('bypass', '=', flag(condition.value));
    case 'text':
      return query.where(contains('body', condition.value));
    case 'action': {
      // `action:team` is the whole category, `action:team.create` one operation of it.
      const whole = condition.value.includes('.') ? condition.value : `${condition.value}.`;
      const matches = condition.value.includes('.')
        ? sql<SqlBool>`action = ${whole}`
        : sql<SqlBool>`substr(action, 1, ${whole.length}) = ${whole}`;
      return query.where(condition.not ? sql<SqlBool>`not (${matches})` : matches);
    }
    default: {
      const column = columnOf[condition.field];
      const value = nameKey(condition.value);
      return condition.not
        ? query.where((expression) => expression.or([expression(column, '<>', value), expression(column, 'is', null)]))
        : query.where(column, '=', value);
    }
  }
}

/**
 * Plain containment without regard to case; LIKE's wildcards have no meaning in the text. The database lowers both sides: SQLite's `lower` knows
 * ASCII alone, and text that only one side lowered would not find itself.
 */
function contains(column: string, text: string) {
  return sql<SqlBool>`lower(${sql.ref(column)}) like lower(${`%${text.replace(/[\\%_]/g, '\\$&')}%`}) escape '\\'`;
}
