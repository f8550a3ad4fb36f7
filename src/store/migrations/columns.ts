import type { ColumnDefinitionBuilder } from 'kysely';

export type Column = (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;

/** What the two engines write differently for the same thing. */
export interface Engine {
  /** The primary key that counts by itself. */
  readonly identity: { readonly type: 'integer' | 'bigint'; readonly column: Column };
}

export const required: Column = (column) => column.notNull();

export const zero: Column = (column) => column.notNull().defaultTo(0);

/** Rows go with what they belong to. */
export function refersTo(target: string): Column {
  return (column) => column.notNull().references(target).onDelete('cascade');
}

export function mayReferTo(target: string): Column {
  return (column) => column.references(target).onDelete('cascade');
}
