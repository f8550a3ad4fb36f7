import type { Context } from '#operations/context.ts';
import type { BranchProtection, Protector } from '#operations/protections/branch-protection.ts';
import { grantsIn } from '#operations/protections/draft.ts';
import { fullName } from '../repositories/from-model.ts';
import { urls } from '../urls.ts';
import { readDirectory } from './actors.ts';
import type { Showing } from './from-model.ts';

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
 * What the body has no room for: that the protection is a pattern's and covers other branches too, and what else protects this one
 * (spec/model.md 2 and 3.3).
 */
export function protectionHeaders({ protection, isExact, beside }: BranchProtection): Record<string, string> {
  return {
    ...(!isExact && { 'sallyport-pattern': encodeURIComponent(protection.pattern) }),
    ...(beside.length > 0 && { 'sallyport-also-protected-by': beside.map(protectorName).join(', ') }),
  };
}

/** `repository:gitlab:rel%2F*`: patterns are encoded, because a header is plain ASCII. */
function protectorName(protector: Protector): string {
  return protector.kind === 'ruleset'
    ? `ruleset:${protector.id}`
    : `${protector.level}:${protector.origin}:${encodeURIComponent(protector.pattern)}`;
}
