import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Reply, Route } from '../route.ts';
import { documentationUrl } from './media.ts';

/**
 * Checks input against a route's schema and says what is wrong in GitHub's sentences: a message that begins `Invalid request.` and no
 * `errors` (spec/github.md 1.0). Null: it fits.
 */
export function validate(route: Route, part: 'query' | 'body', value: unknown): Reply | null {
  const schema = route[part];
  if (schema === undefined || Value.Check(schema, value)) return null;
  const message = ['Invalid request.', '', ...sentences(schema, value)].join('\n');
  return { status: 422, body: { message, documentation_url: documentationUrl(route.operation), status: '422' } };
}

type ValidationError = ReturnType<typeof Value.Errors>[number];

function sentences(schema: TSchema, value: unknown): string[] {
  const errors = Value.Errors(schema, value);
  const byPath = Map.groupBy(errors, (error) => error.instancePath);
  const found = [...byPath].flatMap(([path, same]) => atPath(path, same, byPath, valueAt(value, path)));
  return [...new Set(found)];
}

function atPath(
  path: string,
  errors: readonly ValidationError[],
  byPath: ReadonlyMap<string, readonly ValidationError[]>,
  value: unknown,
): string[] {
  const required = errors
    .filter((error) => error.keyword === 'required')
    .flatMap((error) => (error.params as { requiredProperties: string[] }).requiredProperties);
  if (required.length > 0) return [missing([...new Set(required)])];
  const literals = errors
    .filter((error) => error.keyword === 'const')
    .map((error) => (error.params as { allowedValue: unknown }).allowedValue);
  if (literals.length > 0 && (typeof value === 'string' || typeof value === 'number'))
    return [`${value} is not a member of ${JSON.stringify(literals).replaceAll(',', ', ')}.`];
  // What lies deeper says it better than "no alternative matched".
  const hasDeeper = [...byPath.keys()].some((other) => other.startsWith(`${path}/`));
  const types = errors.filter((error) => error.keyword === 'type').map((error) => String((error.params as { type: unknown }).type));
  const wanted = types.filter((type) => type !== 'null');
  if (wanted.length > 0 && !(hasDeeper && typeof value === 'object' && value !== null))
    return [`${place(path)}${inspect(value)} is not ${article(wanted[0]!)}.`];
  return errors.flatMap((error) => other(error, value));
}

function other({ keyword, params }: ValidationError, value: unknown): string[] {
  const { limit } = params as { limit?: number };
  switch (keyword) {
    case 'maximum':
      return [`${inspect(value)} must be less than or equal to ${limit}.`];
    case 'minimum':
      return [`${inspect(value)} must be greater than or equal to ${limit}.`];
    case 'maxLength':
      return [`${inspect(value)} is too long (maximum is ${limit} characters).`];
    case 'minLength':
      return [`${inspect(value)} is too short (minimum is ${limit} characters).`];
    case 'maxItems':
      return [`There are more than ${limit} items.`];
    case 'pattern':
      return [`${inspect(value)} does not match the expected format.`];
    case 'anyOf':
    case 'type':
    case 'const':
      return [];
    default:
      return [`${inspect(value)} is not valid.`];
  }
}

function missing(names: readonly string[]): string {
  const list = names.map((name) => JSON.stringify(name)).join(', ');
  return names.length === 1 ? `${list} wasn't supplied.` : `${list} weren't supplied.`;
}

/** `/a/b` -> `For 'properties/a/properties/b', `; nothing for the body itself. */
function place(path: string): string {
  return path === ''
    ? ''
    : `For '${path
        .split('/')
        .slice(1)
        .map((part) => (/^\d+$/.test(part) ? `items/${part}` : `properties/${part}`))
        .join('/')}', `;
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

/** Values in sentences look as they do in GitHub's own; long ones are cut. */
function inspect(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function valueAt(root: unknown, path: string): unknown {
  const parts = path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return parts.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined),
    root,
  );
}
