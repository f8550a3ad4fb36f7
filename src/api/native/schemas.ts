import { type TSchema, Type } from 'typebox';

export function Nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

export function OneOf<const T extends readonly string[]>(...values: T) {
  return Type.Unsafe<T[number]>(Type.Union(values.map((value) => Type.Literal(value))));
}

/** Seconds, UTC: `2026-11-20T09:05:00Z`. */
export const time = Type.String({ format: 'date-time' });

export function showTime(milliseconds: number): string;
export function showTime(milliseconds: number | null): string | null;
export function showTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** An id in a body. One that no number can hold exactly is nobody's, and not every database takes it. */
export const Id = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const operations = OneOf('update', 'force-push', 'create', 'delete', 'merge');
export const vias = OneOf('web', 'api', 'git-http', 'git-ssh', 'server');

/** A row of a list: a role, a person, a team, an app, a deploy key. */
export const grant = Type.Union([
  Type.Object({ kind: Type.Literal('role'), level: Type.Union([Type.Literal(0), Type.Literal(30), Type.Literal(40), Type.Literal(60)]) }),
  Type.Object({ kind: OneOf('user', 'app', 'deploy-key'), id: Id }),
  Type.Object({ kind: Type.Literal('team'), id: Id, childTeams: Type.Boolean() }),
]);

export const rule = Type.Object({ type: Type.String(), parameters: Type.Unknown() });

export const pageQuery = Type.Object({
  page: Type.Optional(Type.String({ pattern: '^\\d{1,6}$' })),
  per_page: Type.Optional(Type.String({ pattern: '^\\d{1,3}$' })),
});

export function readPage({ page, per_page }: { readonly page?: string; readonly per_page?: string }) {
  const limit = Math.min(100, Math.max(1, Number(per_page ?? 30)));
  return { limit, offset: (Math.max(1, Number(page ?? 1)) - 1) * limit };
}
