import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { description } from './description.ts';

/** One place where a body does not fit its schema. */
export interface Misfit {
  /** `/checks/#/app_id`: a position in a list is a `#`. */
  readonly at: string;
  readonly keyword: string;
  readonly message: string;
}

const ajv = new Ajv({ strict: false, allErrors: true });
formats.default(ajv);
// Names of theirs for what they do not constrain.
ajv.addFormat('repo.nwo', true);
ajv.addFormat('timestamp', true);
ajv.addSchema({ $id: 'description', ...(toJsonSchema(description) as object) });

const validators = new Map<string, ValidateFunction>();

/** Where a body does not fit a schema of the description, named by its JSON pointer. */
export function misfits(pointer: string, body: unknown): Misfit[] {
  const validate = validators.get(pointer) ?? ajv.compile({ $ref: `description#${encodeURI(pointer)}` });
  validators.set(pointer, validate);
  if (validate(body)) return [];
  return (validate.errors ?? []).map(toMisfit);
}

function toMisfit({ instancePath, keyword, message = '', params }: ErrorObject): Misfit {
  return { at: instancePath.replace(/\/\d+(?=\/|$)/g, '/#'), keyword, message: `${message} ${JSON.stringify(params)}` };
}

/** OpenAPI 3.0 says `nullable` beside a type where JSON Schema has a type `null`. Names of properties are no keywords, whatever they are. */
function toJsonSchema(node: unknown, isNames = false): unknown {
  if (Array.isArray(node)) return node.map((item) => toJsonSchema(item));
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([key, value]) => [key, toJsonSchema(value, !isNames && key === 'properties')] as const);
  if (isNames) return Object.fromEntries(entries);
  const { nullable, ...schema } = Object.fromEntries(entries) as Record<string, unknown>;
  if (nullable !== true) return schema;
  if (typeof schema['type'] !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const values = schema['enum'] as unknown[] | undefined;
  return { ...schema, type: [schema['type'], 'null'], ...(values && { enum: [...new Set([...values, null])] }) };
}
