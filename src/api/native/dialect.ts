import { Value } from 'typebox/value';
import { openApi } from '../openapi.ts';
import { type Dialect, ok, type Reply, type Route, route } from '../route.ts';
import { appRoutes } from './apps/routes.ts';
import { auditRoutes } from './audit/routes.ts';
import { problemReply, requestProblemReply } from './errors.ts';
import { explainRoutes } from './explain/routes.ts';
import { protectionRoutes } from './protections/routes.ts';
import { serverRoutes } from './server/routes.ts';
import { tokenRoutes } from './tokens/routes.ts';

const prefix = '/api/sallyport/v1';

/** Everything but the description itself. */
export const described: readonly Route[] = [
  ...tokenRoutes,
  ...protectionRoutes,
  ...explainRoutes,
  ...auditRoutes,
  ...appRoutes,
  ...serverRoutes,
];

export function nativeDescription(version: string) {
  const description = 'What neither GitHub’s nor GitLab’s API has: tokens with bounds, explanations, the audit log.';
  return { title: 'Sallyport', version, prefix, description };
}

const openApiRoute = route({
  method: 'GET',
  path: '/openapi.json',
  access: { who: 'anyone' },
  summary: 'This description',
  handle: async ({ context }) => ok(openApi(described, nativeDescription(context.server.version))),
});

/** What neither dialect has; the web interface's API (decision 28). */
export const native: Dialect = {
  name: 'native',
  prefix,
  routes: [...described, openApiRoute],
  contentType: 'application/json; charset=utf-8',
  validate,
  problemReply,
  requestProblemReply,
  headers: (_caller, _route, requestId) => ({
    'x-request-id': requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  }),
};

function validate(checked: Route, part: 'query' | 'body', value: unknown): Reply | null {
  const schema = checked[part];
  if (schema === undefined || Value.Check(schema, value)) return null;
  const errors = Value.Errors(schema, value).map(({ instancePath, message }) => ({
    field: instancePath.slice(1).replaceAll('/', '.'),
    message,
  }));
  const [first] = errors;
  return { status: 422, body: { error: 'invalid', message: `${first?.field || part} ${first?.message ?? 'is not valid'}.`, errors } };
}
