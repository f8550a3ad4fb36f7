import type { Context } from '#operations/context.ts';
import type { BranchProtection } from '#operations/protections/branch-protection.ts';
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

/** Tells a caller that edits a pattern's protection that it covers other branches too (spec/model.md 3.3). */
export function patternHeader({ protection, isExact }: BranchProtection): Record<string, string> {
  return isExact ? {} : { 'sallyport-pattern': encodeURIComponent(protection.pattern) };
}
