import { Type } from 'typebox';
import type { Caller } from '#model/caller.ts';
import { notFound } from '#model/problem.ts';
import { type AuditScope, searchAudit } from '#operations/audit/search-audit.ts';
import type { Context } from '#operations/context.ts';
import { ok, type Reply, route } from '../../route.ts';
import { cursorLinks, readPaging } from '../pagination.ts';
import { OneOf, pageQuery } from '../schemas.ts';
import { auditObject } from './from-model.ts';

const query = Type.Object({
  ...pageQuery.properties,
  phrase: Type.Optional(Type.String({ maxLength: 2000 })),
  include: Type.Optional(OneOf('web', 'git', 'all')),
  after: Type.Optional(Type.String()),
  before: Type.Optional(Type.String()),
  order: Type.Optional(OneOf('desc', 'asc')),
});

const reader = { who: 'signed-in', capability: 'audit:read' } as const;

interface Asked {
  readonly phrase?: string;
  readonly include?: 'web' | 'git' | 'all';
  readonly after?: string;
  readonly before?: string;
  readonly order?: 'asc' | 'desc';
  readonly per_page?: string;
}

export const auditRoutes = [
  route({
    method: 'GET',
    path: '/orgs/{org}/audit-log',
    access: reader,
    hidesForbidden: true,
    summary: "An organization's audit log, for its owners",
    operation: 'orgs/orgs#get-the-audit-log-for-an-organization',
    query,
    handle: ({ context, caller, params, query: asked, baseUrl, url }) =>
      auditReply(context, caller, { organization: params.org }, asked, baseUrl, url),
  }),
  route({
    method: 'GET',
    path: '/enterprises/{enterprise}/audit-log',
    access: reader,
    summary: 'The whole audit log, for site admins',
    operation: 'enterprise-admin/audit-log#get-the-audit-log-for-an-enterprise',
    query,
    handle: ({ context, caller, params, query: asked, baseUrl, url }) => {
      if (params.enterprise !== context.server.enterprise) throw notFound('enterprise');
      return auditReply(context, caller, 'everything', asked, baseUrl, url);
    },
  }),
];

async function auditReply(context: Context, caller: Caller, scope: AuditScope, asked: Asked, baseUrl: string, url: string): Promise<Reply> {
  const page = await searchAudit(context, caller, scope, {
    phrase: asked.phrase ?? '',
    include: asked.include ?? 'web',
    order: asked.order ?? 'desc',
    // Cursor links carry both names, one of them empty.
    after: asked.after || null,
    before: asked.before || null,
    limit: readPaging(asked.per_page === undefined ? {} : { per_page: asked.per_page }).limit,
  });
  return ok(
    page.entries.map((entry) => auditObject(entry, context.server.enterprise)),
    cursorLinks(baseUrl, url, page),
  );
}
