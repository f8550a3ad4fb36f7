import { readRules } from '#gate/rule-book.ts';
import { type Receipt, writeRefs } from '#gate/write-refs.ts';
import type { Caller } from '#model/caller.ts';
import type { Transaction } from '#model/ports/store.ts';
import { forbidden, invalid, notFound } from '#model/problem.ts';
import { branchRef, isBranchName } from '#model/ref-name.ts';
import type { Repository } from '#model/repository.ts';
import { ADMIN } from '#model/rung.ts';
import type { Effect } from '#model/verdict.ts';
import { effectiveSources } from '#policy/combine.ts';
import { type RepositoryKey, reachRepository, refuseArchived, requireInRepository } from '../access.ts';
import { refreshed } from '../change.ts';
import type { Context } from '../context.ts';
import { requireEditor } from '../protections/editor.ts';
import { onDisk } from './names.ts';
import { type Admitted, admitWriter, type Writer } from './writing.ts';

export interface BranchRenamed extends Admitted {
  readonly branch: string;
  readonly receipt: Receipt | null;
}

/**
 * Renames a branch: for the rules, its deletion and the creation of the new name in one push, and beside that the right to edit what protects
 * it (spec/model.md 3.3). The default branch, an exact protection and old links follow in the same step.
 */
export async function renameBranch(context: Context, writer: Writer, key: RepositoryKey, from: string, to: string): Promise<BranchRenamed> {
  const admitted = await admitWriter(context, writer, key);
  const { repository, caller, owner, bypassReason } = admitted;
  const { refs } = await onDisk(context.gate, repository).refs.table();
  const tip = refs.get(branchRef(from))?.id;
  if (tip === undefined) throw notFound('branch');
  if (!isBranchName(to)) throw invalid('new_name', `${to} is not a valid branch name.`, 'invalid', 'Branch');
  if (refs.get(branchRef(to)) !== undefined) throw invalid('new_name', `A branch named ${to} already exists.`, 'already_exists', 'Branch');
  const isDefault = from === repository.defaultBranch;
  const effects: Effect[] = [
    { kind: 'rename-branch', from, to },
    ...(isDefault ? [{ kind: 'set-default-branch' as const, refName: branchRef(to) }] : []),
  ];
  const updates = [
    { refName: branchRef(from), oldId: tip, newId: null },
    { refName: branchRef(to), oldId: null, newId: tip },
  ];
  const authorize = async (tx: Transaction): Promise<void> => authorizeRename(tx, await refreshed(tx, caller), repository, from);
  const write = { caller, repository, owner, bypassReason, means: 'rename' as const, effects, authorize };
  const receipt = await writeRefs(context.gate, { ...write, prepare: () => Promise.resolve({ objects: [], updates }) });
  return { ...admitted, branch: to, receipt };
}

/** Renaming the default branch, or one that is protected, takes an admin who may edit each of its protections. */
async function authorizeRename(tx: Transaction, caller: Caller, { id }: Repository, from: string): Promise<void> {
  const reached = await reachRepository(tx, caller, { id }, tx.now);
  refuseArchived(reached);
  const rules = await readRules(tx, reached.repository);
  const sources = effectiveSources(rules, branchRef(from), branchRef(reached.repository.defaultBranch));
  if (sources.length === 0 && from !== reached.repository.defaultBranch) return;
  // Not the capability to administer: an elevated token has none, and may be bounded to just this (decision 7).
  requireInRepository(caller, reached, { rung: ADMIN, capability: 'code:write', siteAdminMay: true });
  for (const protection of sources.flatMap((source) => source.protections)) await requireEditor(tx, caller, reached, protection);
  if (sources.some((source) => source.ruleset && 'organization' in source.ruleset.owner))
    throw forbidden('a branch that no ruleset of the organization covers');
}
