import { readRules } from '#gate/rule-book.ts';
import type { Caller } from '#model/caller.ts';
import type { Page, PageRequest } from '#model/ports/store-accounts.ts';
import { notFound } from '#model/problem.ts';
import type { Protection } from '#model/protection.ts';
import { branchOf, branchRef } from '#model/ref-name.ts';
import type { ObjectId } from '#model/ref-update.ts';
import type { Repository } from '#model/repository.ts';
import { effectiveSources, type RuleBook } from '#policy/combine.ts';
import { type Reached, type RepositoryKey, reachCode } from '../access.ts';
import type { Context } from '../context.ts';
import { onDisk } from './names.ts';
import { type CommitShown, readCommitsById } from './read-commits.ts';

export interface BranchShown {
  readonly name: string;
  readonly commit: ObjectId;
  /** Anything that refuses covers it. */
  readonly isProtected: boolean;
  /** The GitHub protection in force, for the summary that every reader sees; null: none. */
  readonly protection: Protection | null;
}

/** The branches, by name; `onlyProtected` true or false keeps one half. */
export async function listBranches(
  { store, gate }: Context,
  caller: Caller,
  key: RepositoryKey,
  onlyProtected: boolean | null,
  { limit, offset }: PageRequest,
): Promise<Reached & Page<BranchShown>> {
  const reached = await reachCode(store.read, caller, key, Date.now());
  const { refs } = await onDisk(gate, reached.repository).refs.table();
  const rules = await readRules(store.read, reached.repository);
  const names = [...refs.startingWith('refs/heads/')];
  if (onlyProtected === null) {
    const items = names.slice(offset, offset + limit).map((ref) => toShown(ref, reached.repository, rules));
    return { ...reached, items, total: names.length };
  }
  const kept = names.map((ref) => toShown(ref, reached.repository, rules)).filter((branch) => branch.isProtected === onlyProtected);
  return { ...reached, items: kept.slice(offset, offset + limit), total: kept.length };
}

export async function readBranch(
  context: Context,
  caller: Caller,
  key: RepositoryKey,
  name: string,
): Promise<Reached & { branch: BranchShown; commit: CommitShown }> {
  const reached = await reachCode(context.store.read, caller, key, Date.now());
  const ref = (await onDisk(context.gate, reached.repository).refs.table()).refs.get(branchRef(name));
  if (ref === undefined) throw notFound('branch');
  const branch = toShown(ref, reached.repository, await readRules(context.store.read, reached.repository));
  const [commit] = await readCommitsById(context, reached.repository, [ref.id]);
  if (commit === undefined) throw notFound('branch');
  return { ...reached, branch, commit };
}

/** Branches that stand at a commit, at most ten. For whoever is told of the commit; nobody is asked here. */
export async function branchesAt(
  { store, gate }: Pick<Context, 'store' | 'gate'>,
  repository: Repository,
  commit: ObjectId,
): Promise<BranchShown[]> {
  const { refs } = await onDisk(gate, repository).refs.table();
  const rules = await readRules(store.read, repository);
  const at = [...refs.startingWith('refs/heads/')].filter((ref) => ref.id === commit);
  return at.slice(0, 10).map((ref) => toShown(ref, repository, rules));
}

/** Where a branch went that has been renamed; null: it was not. */
export async function findRenamedBranch(
  { store }: Context,
  caller: Caller,
  key: RepositoryKey,
  name: string,
): Promise<(Reached & { newName: string }) | null> {
  const reached = await reachCode(store.read, caller, key, Date.now());
  const newName = await store.read.branchRenames.findNewName(reached.repository.id, name);
  return newName === null ? null : { ...reached, newName };
}

function toShown(ref: { readonly name: string; readonly id: ObjectId }, { defaultBranch }: Repository, rules: RuleBook): BranchShown {
  const sources = effectiveSources(rules, ref.name, branchRef(defaultBranch));
  const github = sources.find((source) => source.home === 'github');
  return {
    name: branchOf(ref.name)!,
    commit: ref.id,
    isProtected: sources.some((source) => source.ruleset?.enforcement !== 'evaluate'),
    protection: github?.protections[0] ?? null,
  };
}
