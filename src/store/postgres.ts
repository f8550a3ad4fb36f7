import { type DatabaseConnection, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { StoreUnavailable } from '#model/ports/store.ts';
import type { Engine } from './engine.ts';
import { migrateToLatest } from './migrate.ts';
import type { Engine as EngineColumns } from './migrations/columns.ts';
import type { Schema } from './schema.ts';

const columns: EngineColumns = {
  identity: { type: 'bigint', column: (column) => column.generatedByDefaultAsIdentity().primaryKey() },
};

/** Keys of our advisory locks: a number of our own, so that another program in the same database does not collide. */
export const AUDIT_CHAIN_LOCK = 0x5a11_7001;
const REPOSITORY_LOCKS = 0x5a11_7002;

/** Ids and times fit a number; pg would hand out strings. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text'),
};

/** How many repositories one process may hold locks on at once; more wait. */
const lockConnections = 16;

/** Milliseconds that a writer waits for the others; then the write fails, and what it was for is refused. */
const longestWait = 15_000;

/** A PostgreSQL that several server processes share (decision 34). `onLost` hears of connections that broke. */
export async function openPostgres(url: string, onLost: (error: Error) => void): Promise<Engine> {
  const reading = new pg.Pool({ connectionString: url, types, max: 10 });
  // Writers wait for each other inside the database, each with a connection in hand. From a pool of their own they starve no reader.
  const patience = { lock_timeout: longestWait, connectionTimeoutMillis: longestWait };
  const writing = new pg.Pool({ connectionString: url, types, max: 4, ...patience });
  // Session locks live on connections of their own: they outlast transactions, and a pooler in between would lose them.
  const locks = new pg.Pool({ connectionString: url, types, max: lockConnections });
  for (const pool of [reading, writing, locks]) {
    // The pool listens only to idle ones. One that breaks in use, and that nobody listens to, would end the process.
    pool.on('connect', (client) => client.on('error', onLost));
    pool.on('error', isHeardAlready);
  }
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: reachable(reading), onCreateConnection: tellOutages }) });
  const writer = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: reachable(writing), onCreateConnection: tellOutages }) });
  const close = async (): Promise<void> => {
    await Promise.all([db.destroy(), writer.destroy(), locks.end()]);
  };
  try {
    await migrateToLatest(writer, columns);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    columns,
    db,
    transaction: (work) =>
      writer
        .transaction()
        .setIsolationLevel('read committed')
        .execute(async (transaction) => {
          // First statement: with `read committed` everything after it sees what was committed before the lock was granted.
          await sql`select pg_advisory_xact_lock(${AUDIT_CHAIN_LOCK})`.execute(transaction);
          const clock = await sql<{ now: number }>`select (extract(epoch from clock_timestamp()) * 1000)::bigint as now`.execute(
            transaction,
          );
          return work(transaction, clock.rows[0]!.now);
        }),
    isShared: true,
    withRepositoryLock: (repositoryId, work) => withRepositoryLock(locks, repositoryId, work),
    close,
  };
}

/** The pool, with a connection that does not come into being as what it is. */
function reachable(pool: pg.Pool) {
  return { options: pool.options, connect: () => connect(pool), end: () => pool.end() };
}

function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  return pool.connect().catch(refuseUnavailable);
}

function refuseUnavailable(error: unknown): never {
  throw new StoreUnavailable(error);
}

function isHeardAlready(): void {
  // By the listener of the connection itself, or whoever asked.
}

/**
 * Has a connection tell what the database could not do from what it would not do, and take one statement after the other from whoever
 * asks several at once.
 */
function tellOutages(connection: DatabaseConnection): Promise<void> {
  const execute = connection.executeQuery.bind(connection);
  let before: Promise<unknown> = Promise.resolve();
  const inTurn = async <R>(...query: Parameters<typeof execute>) => {
    try {
      return await execute<R>(...query);
    } catch (error) {
      throw isOutage(error) ? new StoreUnavailable(error) : error;
    }
  };
  connection.executeQuery = <R>(...query: Parameters<typeof execute>) => {
    const answer = before.then(() => inTurn<R>(...query));
    before = answer.catch(isHeardAlready);
    return answer;
  };
  return Promise.resolve();
}

/**
 * Classes of PostgreSQL's codes for: connections, a state that it is in, transactions (read-only among them), resources, objects in
 * use, operators' interventions, the system. What has no code at all did not get through to it, or its answer not back.
 */
const outages = /^(08|25|53|55|57|58)/;

function isOutage(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || outages.test(error.code ?? '');
}

async function withRepositoryLock<T>(
  locks: pg.Pool,
  repositoryId: number,
  work: (isHeld: () => Promise<boolean>) => Promise<T>,
): Promise<T> {
  const client = await connect(locks);
  let lost = false;
  const markLost = (): void => {
    lost = true;
  };
  client.on('error', markLost);
  const isHeld = async (): Promise<boolean> => {
    if (lost) return false;
    // The connection answers, so its session, and with it the lock, is alive.
    return client.query('select 1').then(
      () => true,
      () => false,
    );
  };
  try {
    await client.query('select pg_advisory_lock($1, $2)', [REPOSITORY_LOCKS, repositoryId]).catch(refuseUnavailable);
    return await work(isHeld);
  } finally {
    client.off('error', markLost);
    // A session that cannot unlock is closed, which unlocks.
    const unlocked = lost
      ? false
      : await client.query('select pg_advisory_unlock($1, $2)', [REPOSITORY_LOCKS, repositoryId]).then(
          () => true,
          () => false,
        );
    client.release(!unlocked);
  }
}
