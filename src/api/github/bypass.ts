import type { Receipt } from '#operations/receipt.ts';

/** Why the caller bypasses, should it come to that; some protections demand it (decision 10). */
export function bypassReason(header: (name: string) => string | null): string | null {
  return header('sallyport-bypass-reason');
}

/** The receipt of a bypass: the rules that were passed, and the entry that says so. */
export function receiptHeaders(receipt: Receipt | null): Record<string, string> {
  return receipt === null ? {} : { 'x-sallyport-bypass': `rules=${receipt.rules.join(',')}; audit=${receipt.auditNumber}` };
}
