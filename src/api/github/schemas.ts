import { type TSchema, Type } from 'typebox';

/** Schemas that several resources share. */

export function Nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** Optional, and `null` counts as left out: clients of GitHub send it for everything they do not set. */
export function Optional<T extends TSchema>(schema: T) {
  return Type.Optional(Nullable(schema));
}

export function OneOf<const T extends readonly string[]>(...values: T) {
  return Type.Unsafe<T[number]>(Type.Union(values.map((value) => Type.Literal(value))));
}

/** An id in a body. One that no number can hold exactly is nobody's, and not every database takes it. */
export const Id = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const pageQuery = Type.Object({ page: Type.Optional(Type.String()), per_page: Type.Optional(Type.String()) });

/** A list in the body: bare, or in an object under its own name (spec/github.md 1.1). */
export function listBody<const Name extends string>(name: Name) {
  const list = Type.Array(Type.String());
  return Type.Union([list, Type.Object({ [name]: list } as Record<Name, typeof list>)]);
}

export function listOf<Name extends string>(
  body: readonly string[] | { readonly [K in Name]: readonly string[] },
  name: Name,
): readonly string[] {
  return Array.isArray(body) ? body : (body as { readonly [K in Name]: readonly string[] })[name];
}
