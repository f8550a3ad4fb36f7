import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the published description says about one status of an operation. */
interface DescribedResponse {
  /** The schema of its JSON body, as a JSON pointer into the description; null: it says nothing of a body. */
  readonly schema: string | null;
  /** Headers that it promises. */
  readonly headers: readonly string[];
}

export interface DescribedOperation {
  /** `GET /repos/{owner}/{repo}` */
  readonly key: string;
  readonly id: string;
  /** `branches/branch-protection#get-branch-protection`: where it is documented. */
  readonly docs: string;
  readonly responses: ReadonlyMap<number, DescribedResponse>;
}

type Json = Readonly<Record<string, unknown>>;

interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, Json>>;
  readonly headers?: Json;
}

interface Operation {
  readonly operationId: string;
  readonly 'x-docs': string;
  readonly responses: Readonly<Record<string, Response>>;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  /** Payloads of events: `push`, `member-added`. */
  readonly webhooks: Readonly<Record<string, Json>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, Response>>>>;
}

/** GitHub's published description of Enterprise Server 3.19, as far as we serve it (scripts/openapi-subset.mjs wrote it). */
export const description = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'openapi', 'ghes-3.19.json'), 'utf8')) as Description;

export const describedOperations: readonly DescribedOperation[] = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    key: `${method.toUpperCase()} ${path}`,
    id: operation.operationId,
    docs: operation['x-docs'].replace(/^https:\/\/docs\.github\.com\/(enterprise-server@[\d.]+\/)?rest\/(reference\/)?/, ''),
    responses: responsesOf(`/paths/${escaped(path)}/${method}/responses`, operation),
  })),
);

function responsesOf(pointer: string, { responses }: Operation): Map<number, DescribedResponse> {
  return new Map(
    Object.entries(responses).map(([status, response]) => {
      const name = response.$ref?.split('/').at(-1);
      const at = name === undefined ? `${pointer}/${status}` : `/components/responses/${escaped(name)}`;
      const found = name === undefined ? response : description.components['responses']![name]!;
      const hasSchema = found.content?.['application/json']?.['schema'] !== undefined;
      return [
        Number(status),
        { schema: hasSchema ? `${at}/content/application~1json/schema` : null, headers: Object.keys(found.headers ?? {}) },
      ];
    }),
  );
}

function escaped(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}
