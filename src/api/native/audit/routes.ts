import { Type } from 'typebox';
import type { AuditHead } from '#model/audit-entry.ts';
import { readAuditHead } from '#operations/audit/read-head.ts';
import { searchAudit } from '#operations/audit/search-audit.ts';
import { ok, route } from '../../route.ts';
import { Nullable, OneOf, showTime, time } from '../schemas.ts';

const reader = { who: 'signed-in', capability: 'audit:read' } as const;

const headOutput = Type.Object({
  number: Type.Integer(),
  hash: Type.String(),
  at: Type.Integer(),
  time,
  signature: Type.String(),
  key: Type.String(),
});

export const auditRoutes = [
  route({
    method: 'GET',
    path: '/audit',
    access: reader,
    summary: 'Search the audit log: everything for site admins, one organization (org:NAME in the phrase) for its owners',
    query: Type.Object({
      phrase: Type.Optional(Type.String({ maxLength: 2000 })),
      include: Type.Optional(OneOf('web', 'git', 'all')),
      order: Type.Optional(OneOf('asc', 'desc')),
      after: Type.Optional(Type.String()),
      before: Type.Optional(Type.String()),
      per_page: Type.Optional(Type.String({ pattern: '^\\d{1,3}$' })),
    }),
    output: Type.Object({ entries: Type.Array(Type.Unknown()), next: Nullable(Type.String()), previous: Nullable(Type.String()) }),
    handle: async ({ context, caller, query }) => {
      const phrase = query.phrase ?? '';
      const organization = /(?:^|\s)org:([A-Za-z0-9-]+)/.exec(phrase)?.[1];
      const isSiteAdmin = caller.kind === 'actor' && caller.user.siteAdmin;
      const scope = organization !== undefined && !isSiteAdmin ? { organization } : 'everything';
      const question = {
        phrase,
        include: query.include ?? 'all',
        order: query.order ?? 'desc',
        after: query.after || null,
        before: query.before || null,
        limit: Math.min(100, Math.max(1, Number(query.per_page ?? 30))),
      };
      const { entries, next, previous } = await searchAudit(context, caller, scope, question);
      return ok({ entries: entries.map((entry) => ({ ...entry, time: showTime(entry.at) })), next, previous });
    },
  }),
  route({
    method: 'GET',
    path: '/audit/head',
    access: reader,
    summary: 'The signed end of the audit chain. Kept elsewhere, it proves later that the log was not replaced.',
    output: headOutput,
    handle: async ({ context, caller }) => ok(headObject(await readAuditHead(context, caller), context.server.signingKey)),
  }),
];

function headObject({ number, hash, at, signature }: AuditHead, key: string) {
  return { number, hash, at, time: showTime(at), signature, key };
}
