import { createHash } from 'node:crypto';
import type { AuditEntry } from './audit-entry.ts';

/** What the first entry links to. */
export const chainStart = '0'.repeat(64);

/** The hash of an entry: over the hash before it and every byte of its stored text, so that nothing can change or change places. */
export function entryHash(previousHash: string, body: string): string {
  return createHash('sha256').update(`sallyport audit entry 1\n${previousHash}\n`).update(body).digest('hex');
}

/** The text that the server's key signs for a head. */
export function headStatement(number: number, hash: string, at: number): Buffer {
  return Buffer.from(`sallyport audit head 1\n${number}\n${hash}\n${at}\n`);
}

/** What a search looks at. All of it also stands in the body, which the hash covers, so a changed column can be found out. */
export function auditColumns(entry: AuditEntry) {
  const key = (name: string): string => name.toLowerCase();
  return {
    number: entry.number,
    at: entry.at,
    action: entry.action,
    operation: entry.operation as string,
    actor_id: entry.actor.id,
    actor_key: key(entry.actor.login),
    organization_id: entry.organization?.id ?? null,
    organization_key: entry.organization ? key(entry.organization.login) : null,
    repository_id: entry.repository?.id ?? null,
    repository_key: entry.repository ? key(entry.repository.fullName) : null,
    user_key: entry.user ? key(entry.user.login) : null,
    address: entry.address,
    category: entry.category,
    bypass: entry.bypass ? (1 as const) : (0 as const),
  };
}
