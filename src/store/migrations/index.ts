import type { Migration } from 'kysely/migration';
import { up as accounts } from './0001-accounts.ts';
import { up as repositories } from './0002-repositories.ts';
import { up as credentials } from './0003-credentials.ts';
import { up as record } from './0004-record.ts';
import { up as hooks } from './0005-hooks.ts';
import { up as pullRequests } from './0006-pull-requests.ts';
import { up as forks } from './0007-forks.ts';
import type { Engine } from './columns.ts';

/** Every change of the schema, in order. Forward only: one that has been released is never edited. */
export function migrations(engine: Engine): Record<string, Migration> {
  const all = {
    '0001-accounts': accounts,
    '0002-repositories': repositories,
    '0003-credentials': credentials,
    '0004-record': record,
    '0005-hooks': hooks,
    '0006-pull-requests': pullRequests,
    '0007-forks': forks,
  };
  return Object.fromEntries(Object.entries(all).map(([name, up]) => [name, { up: (db) => up(db, engine) } satisfies Migration]));
}
