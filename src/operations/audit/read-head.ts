import type { AuditHead } from '#model/audit-entry.ts';
import type { Caller } from '#model/caller.ts';
import { notFound } from '#model/problem.ts';
import { requireCapability } from '../access.ts';
import type { Context } from '../context.ts';

/** The signed end of the chain. It tells nothing about the entries but how many there are. */
export async function readAuditHead({ store }: Context, caller: Caller): Promise<AuditHead> {
  requireCapability(caller, 'audit:read');
  const head = await store.read.audit.readHead();
  if (head === null) throw notFound('audit head');
  return head;
}
