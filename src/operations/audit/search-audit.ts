import type { AuditEntry } from '#model/audit-entry.ts';
import type { Caller } from '#model/caller.ts';
import { invalid, notFound } from '#model/problem.ts';
import { OWNER } from '#model/rung.ts';
import { findOrganization, levelIn, requireCapability, requireSiteAdmin } from '../access.ts';
import type { Context } from '../context.ts';
import { parsePhrase } from './parse-phrase.ts';

/** Whose entries: one organization's, for its owners; everything, for site admins. */
export type AuditScope = { readonly organization: string } | 'everything';

export interface AuditQuestion {
  readonly phrase: string;
  readonly include: 'web' | 'git' | 'all';
  readonly order: 'asc' | 'desc';
  /** Cursors from an earlier answer. */
  readonly after: string | null;
  readonly before: string | null;
  readonly limit: number;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** For the next and the previous page; null: there is none. */
  readonly next: string | null;
  readonly previous: string | null;
}

/** What is shown when a search names no time. Nothing is ever deleted. */
const defaultWindow = 90 * 24 * 60 * 60 * 1000;

/** Searches the audit log, newest first unless asked otherwise. */
export async function searchAudit({ store }: Context, caller: Caller, scope: AuditScope, question: AuditQuestion): Promise<AuditPage> {
  const organizationId = await authorize(store.read, caller, scope);
  const conditions = parsePhrase(question.phrase);
  const isTimed = conditions.some((condition) => condition.field === 'created');
  const window = isTimed ? [] : [{ field: 'created' as const, from: Date.now() - defaultWindow, to: null }];
  const { order, limit, include } = question;
  const backward = question.before !== null;
  const found = await store.read.audit.listEntries({
    conditions: [...conditions, ...window],
    category: include,
    organizationId,
    // A page before a cursor is read towards the beginning and turned round.
    order: backward ? (order === 'asc' ? 'desc' : 'asc') : order,
    after: backward ? fromCursor(question.before) : fromCursor(question.after),
    before: null,
    limit: limit + 1,
  });
  const page = found.slice(0, limit);
  const entries = backward ? page.toReversed() : page;
  const more = found.length > limit;
  const [first, last] = [entries[0], entries.at(-1)];
  const hasNext = backward ? true : more;
  const hasPrevious = backward ? more : question.after !== null;
  return {
    entries,
    next: hasNext && last ? toCursor(last.number) : null,
    previous: hasPrevious && first ? toCursor(first.number) : null,
  };
}

async function authorize(reads: Context['store']['read'], caller: Caller, scope: AuditScope): Promise<number | null> {
  if (scope === 'everything') {
    if (caller.kind !== 'operator') requireCapability(caller, 'audit:read');
    if (caller.kind === 'actor' && !caller.user.siteAdmin) requireSiteAdmin(caller);
    return null;
  }
  const organization = await findOrganization(reads, scope.organization);
  requireCapability(caller, 'audit:read');
  // Who is no owner is not told whether there is anything to read.
  const level = caller.kind === 'actor' && caller.user.siteAdmin ? OWNER : await levelIn(reads, caller, organization, Date.now());
  if (level < OWNER) throw notFound('audit log');
  return organization.id;
}

function toCursor(number: number): string {
  return Buffer.from(`audit:${number}`).toString('base64url');
}

function fromCursor(cursor: string | null): number | null {
  if (cursor === null) return null;
  const match = /^audit:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (match === null) throw invalid('after', 'The cursor is not one of ours', 'invalid', 'AuditLog');
  return Number(match[1]);
}
