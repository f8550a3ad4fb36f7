import type { Rule } from '#model/protection.ts';
import type { Context } from '#operations/context.ts';
import type { BranchProtection, Protector } from '#operations/protections/branch-protection.ts';
import { grantsIn } from '#operations/protections/draft.ts';
import { fullName } from '../repositories/from-model.ts';
import { urls } from '../urls.ts';
import { readDirectory } from './actors.ts';
import type { Showing } from './from-model.ts';
import { isUnsayable } from './to-model.ts';

/** Everything that showing a protection takes. */
export async function showing(context: Context, found: BranchProtection, baseUrl: string): Promise<Showing> {
  const to = urls(baseUrl);
  return {
    url: to.branchProtection(fullName(found), found.branch),
    urls: to,
    directory: await readDirectory(context, grantsIn(found.protection), found.owner),
  };
}

/**
 * What the body has no room for: that the protection is a pattern's and covers other branches too, rows that GitHub has no word for, and
 * what else protects this one (spec/model.md 2 and 3.3).
 */
export function protectionHeaders({ protection, isExact, beside }: BranchProtection): Record<string, string> {
  const notShown = protection.rules.flatMap(unsayableRows);
  return {
    ...(!isExact && { 'sallyport-pattern': encodeURIComponent(protection.pattern) }),
    ...(notShown.length > 0 && { 'sallyport-not-shown': notShown.join(', ') }),
    ...(beside.length > 0 && { 'sallyport-also-protected-by': beside.map(protectorName).join(', ') }),
  };
}

/** `actor_restriction:role:40`. */
function unsayableRows(rule: Rule): string[] {
  const rows = grantsIn({ rules: [rule], manage: [] }).filter(isUnsayable);
  return rows.map((row) => `${rule.type}:${row.kind}:${row.kind === 'role' ? row.level : row.id}`);
}

/** `repository:gitlab:rel%2F*`: patterns are encoded, because a header is plain ASCII. */
function protectorName(protector: Protector): string {
  return protector.kind === 'ruleset'
    ? `ruleset:${protector.id}`
    : `${protector.level}:${protector.origin}:${encodeURIComponent(protector.pattern)}`;
}
