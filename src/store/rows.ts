import { type Kysely, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { Page, PageRequest } from '#model/ports/store-accounts.ts';
import type { Schema } from './schema.ts';

/** A connection or a transaction: the subjects do not care which. */
export type Executor = Kysely<Schema>;

export function flag(value: boolean): 0 | 1 {
  return value ? 1 : 0;
}

export function parseJson<T>(text: string): T {
  return JSON.parse(text) as T;
}

/** Logins, repository names and e-mail addresses compare without case. */
export function nameKey(name: string): string {
  return name.toLowerCase();
}

/** Whether a membership's row still counts. One that has expired stays for the record and gives nothing. */
export function live(table: 'collaborator' | 'organization_member' | 'team_member', now: number) {
  const expiresAt = sql.ref(`${table}.expires_at`);
  return sql<SqlBool>`(${expiresAt} is null or ${expiresAt} > ${now})`;
}

/**
 * One page of a query and the size of the whole, in one statement: the count rides along with every row. Beyond the last page
 * there is no row to carry it, so it is asked for by itself.
 */
export async function page<DB, TB extends keyof DB, Row, T>(
  query: SelectQueryBuilder<DB, TB, Row>,
  { limit, offset }: PageRequest,
  toItem: (row: Row) => T,
): Promise<Page<T>> {
  const counted = query.select((expression) => expression.fn.countAll<number>().over().as('total_rows'));
  const rows = (await counted.limit(limit).offset(offset).execute()) as (Row & { total_rows: number })[];
  if (rows.length > 0 || offset === 0) return { items: rows.map(toItem), total: Number(rows[0]?.total_rows ?? 0) };
  const first = (await counted.limit(1).execute()) as unknown as { total_rows: number }[];
  return { items: [], total: Number(first[0]?.total_rows ?? 0) };
}

/** In the order of `wanted`; what was not found is left out. */
export function inOrderOf<K, T>(wanted: readonly K[], found: readonly T[], keyOf: (item: T) => K): T[] {
  const byKey = new Map(found.map((item) => [keyOf(item), item]));
  return wanted.flatMap((key) => byKey.get(key) ?? []);
}
