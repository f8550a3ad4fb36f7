import { readRules } from '#gate/rule-book.ts';
import type { Caller } from '#model/caller.ts';
import { isCapable } from '#model/capability.ts';
import type { Reads } from '#model/ports/store.ts';
import { forbidden, notFound } from '#model/problem.ts';
import type { Protection } from '#model/protection.ts';
import { branchRef } from '#model/ref-name.ts';
import { ADMIN } from '#model/rung.ts';
import { effectiveSources, selectOne } from '#policy/combine.ts';
import { isExactPattern, patternCovers } from '#policy/patterns/branch-pattern.ts';
import { type Reached, type RepositoryKey, reachRepository, requireInRepository } from '../access.ts';
import { onDisk } from '../content/names.ts';
import type { Context } from '../context.ts';

/** The protection of GitHub origin that is in force on a branch. */
export interface BranchProtection extends Reached {
  readonly branch: string;
  readonly protection: Protection;
  /** False: a pattern that covers the branch; editing it changes other branches too. */
  readonly isExact: boolean;
  /** What else protects the branch: each has to be satisfied by itself. */
  readonly beside: readonly Protector[];
}

export type Protector =
  | {
      readonly kind: 'protection';
      readonly level: 'repository' | 'organization';
      readonly origin: Protection['origin'];
      readonly pattern: string;
    }
  | { readonly kind: 'ruleset'; readonly id: number };

/** What protects a branch in GitHub's terms; admins only, for reading too (spec/github.md 1.1). */
export async function readBranchProtection(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  branch: string,
): Promise<BranchProtection> {
  const reached = await reachRepository(context.store.read, caller, key, Date.now());
  requireInspector(caller, reached);
  await requireBranch(context, reached, branch);
  const protection = await findBranchProtection(context.store.read, reached, branch);
  if (protection === null) throw notFound('branch protection');
  const beside = await protectorsBeside(context.store.read, reached, branch, protection);
  return { ...reached, branch, protection, isExact: isExact(protection), beside };
}

/** Protections of another origin or level, and rulesets, that bind the branch too. */
export async function protectorsBeside(
  reads: Reads,
  { repository }: Reached,
  branch: string,
  { id }: Pick<Protection, 'id'>,
): Promise<Protector[]> {
  const sources = effectiveSources(await readRules(reads, repository), branchRef(branch), branchRef(repository.defaultBranch));
  return sources.flatMap(({ protections, ruleset }): Protector[] => {
    if (ruleset !== null) return [{ kind: 'ruleset', id: ruleset.id }];
    return protections
      .filter((one) => one.id !== id)
      .map((one) => ({
        kind: 'protection',
        level: 'repository' in one.owner ? 'repository' : 'organization',
        origin: one.origin,
        pattern: one.pattern,
      }));
  });
}

/** Whoever may administer may look; an app may be allowed to look only. */
export function requireInspector(caller: Caller, reached: Reached): void {
  const isApp = caller.kind === 'actor' && caller.actor.who.kind === 'app';
  if (isApp && isCapable(caller.capabilities, 'repository:inspect')) return;
  requireInRepository(caller, reached, { rung: ADMIN, capability: 'repository:inspect', siteAdminMay: true });
}

export async function requireBranch({ gate }: Context, { repository }: Reached, branch: string): Promise<void> {
  const { refs } = await onDisk(gate, repository).refs.table();
  if (branch === '' || refs.get(branchRef(branch)) === undefined) throw notFound('branch');
}

export async function findBranchProtection(
  reads: Reads,
  { repository }: Pick<Reached, 'repository'>,
  branch: string,
): Promise<Protection | null> {
  const protections = await reads.rules.listProtections(repository.id, repository.ownerId);
  return selectOne(protections.filter((one) => one.origin === 'github' && patternCovers('github', one.pattern, branch)));
}

export function isExact({ origin, pattern }: Protection): boolean {
  return isExactPattern(origin, pattern);
}

/** What editing takes: rung 40, and a credential that may administer. */
export function requireAdministrator(caller: Caller, reached: Reached): void {
  requireInRepository(caller, reached, { rung: ADMIN, capability: 'repository:administer', siteAdminMay: true });
  if (caller.kind !== 'actor' && caller.kind !== 'operator') throw forbidden('an administrator');
}
