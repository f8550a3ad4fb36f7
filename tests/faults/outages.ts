import { AUDIT_CHAIN_LOCK } from '#store/postgres.ts';
import type { DatabaseKind } from '../support/databases.ts';
import type { TestServer } from '../support/server.ts';
import { openSql } from '../support/sql.ts';

/** A way in which a database cannot be used for a while. */
export interface Outage {
  readonly what: string;
  /** Whether what was committed before can be read meanwhile. */
  readonly readable: boolean;
  /** Whether the server loses the connections that it has, and with them its locks. */
  readonly cuts: boolean;
  /** Answers how to end it. */
  readonly begin: (server: TestServer) => Promise<() => Promise<void>>;
}

export const outages: Readonly<Record<DatabaseKind, readonly Outage[]>> = {
  sqlite: [
    {
      what: 'somebody else writes and does not end',
      readable: true,
      cuts: false,
      begin: (server) => hold(server.data, 'begin exclusive', 'rollback'),
    },
  ],
  postgres: [
    {
      what: 'somebody else writes and does not end',
      readable: true,
      cuts: false,
      begin: ({ config }) =>
        hold(config.database!, `select pg_advisory_lock(${AUDIT_CHAIN_LOCK})`, `select pg_advisory_unlock(${AUDIT_CHAIN_LOCK})`),
    },
    {
      what: 'it takes no writes, like a standby',
      readable: true,
      cuts: true,
      begin: (server) => alter(server, 'set default_transaction_read_only = on', 'reset default_transaction_read_only'),
    },
    {
      what: 'it takes no connections, and those that were there are cut',
      readable: false,
      cuts: true,
      begin: (server) => alter(server, 'with allow_connections false', 'with allow_connections true'),
    },
  ],
};

async function hold(place: string, take: string, letGo: string): Promise<() => Promise<void>> {
  const other = await openSql(place);
  await other.run(take);
  return async () => {
    await other.run(letGo);
    await other[Symbol.asyncDispose]();
  };
}

/** Changes a setting of this one database, and has every connection to it made anew, so that it counts. */
async function alter({ config }: TestServer, begin: string, end: string): Promise<() => Promise<void>> {
  const url = new URL(config.database!);
  const name = url.pathname.slice(1);
  url.pathname = '/postgres';
  const set = async (change: string): Promise<void> => {
    await using beside = await openSql(url.href);
    await beside.run(`alter database ${name} ${change}`);
    // With a limit of time it answers when they are gone.
    await beside.run(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`);
  };
  await set(begin);
  return () => set(end);
}
