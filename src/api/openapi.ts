import type { Route } from './route.ts';

interface Description {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly prefix: string;
}

/** An API as OpenAPI 3.1, made of the routes themselves, so that it cannot say anything else than they do. */
export function openApi(routes: readonly Route[], { prefix, ...info }: Description): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll('+}', '}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info,
    servers: [{ url: prefix }],
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  };
}

function operation({ method, path, summary, access, body, query, output, operation }: Route): Record<string, unknown> {
  const names = [...path.matchAll(/\{([^}+]+)\+?\}/g)].map((match) => match[1]!);
  const inQuery = (query as { properties?: Record<string, unknown> } | undefined)?.properties ?? {};
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[^A-Za-z0-9]+/g, '-').replace(/-$/, '')}`,
    summary,
    ...(access.who !== 'anyone' && { security: [{ token: [] }] }),
    'x-access': access,
    // Where another product describes what comes back.
    ...(operation !== undefined && { 'x-operation': operation }),
    parameters: [
      ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...Object.entries(inQuery).map(([name, schema]) => ({ name, in: 'query', required: false, schema })),
    ],
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: {
      ...(operation === undefined && success(method, path, output)),
      default: {
        description:
          operation === undefined
            ? 'Refused; `error` says why in one word, `message` in a sentence.'
            : 'As the operation that `x-operation` names.',
      },
    },
  };
}

function success(method: string, path: string, output: Route['output']): Record<string, unknown> {
  if (output === undefined) return { 204: { description: 'Done.' } };
  const status = method === 'POST' && !path.endsWith('/explain') ? '201' : '200';
  return { [status]: { description: 'Done.', content: { 'application/json': { schema: output } } } };
}
