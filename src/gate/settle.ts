import type { NewAuditEntry } from '#model/audit-entry.ts';
import type { Intent, Outcome } from '#model/intent.ts';
import type { Transaction } from '#model/ports/store.ts';
import { branchOf } from '#model/ref-name.ts';
import type { Repository } from '#model/repository.ts';
import { refsTelling } from './telling.ts';

/** How an intent ended. `reasons` in the order of its updates: null where the ref moved. */
export interface Settlement {
  readonly intent: Intent;
  readonly reasons: readonly (string | null)[];
  readonly outcome: Outcome;
  readonly entry: NewAuditEntry;
}

/** Closes an intent: the record of the outcome, uses spent or given back, and what a push changes beside its refs, with its own entries. */
export async function settle(tx: Transaction, settlement: Settlement): Promise<void> {
  const { intent, reasons, outcome, entry } = settlement;
  const moved = intent.updates.filter((_, index) => reasons[index] === null);
  // Who carried it out and who cleans up behind may both come here; the first one says how it ended.
  if (!(await tx.intents.settle(intent.id, outcome))) return;
  await tx.audit.append(entry);
  if (intent.reserved !== null) {
    const spent = moved.filter((update) => update.usesToken).length;
    await tx.tokens.settleUses(intent.reserved.tokenId, intent.reserved.uses, spent);
  }
  const repository = await tx.repositories.findById(intent.repositoryId);
  if (outcome === 'failed' || outcome === 'aborted' || repository === null) return;
  await tx.repositories.update(intent.repositoryId, { pushedAt: tx.now });
  const telling = refsTelling(repository, intent, moved);
  if (telling !== null) await tx.outbox.tell(telling);
  for (const update of moved) {
    const born = update.oldId === null ? branchOf(update.refName) : null;
    if (born !== null) await tx.branchRenames.forget(intent.repositoryId, born);
  }
  for (const effect of intent.effects) {
    if (effect.kind === 'rename-branch' && moved.length === reasons.length) await renameBranch(tx, settlement, effect);
  }
  const head = headAfter(intent, reasons);
  if (head !== null) await setDefaultBranch(tx, settlement, repository, branchOf(head)!);
}

/** Where HEAD moved by itself, the intent came with an entry that says so; where it follows a push, this is it. */
async function setDefaultBranch(tx: Transaction, { intent, entry }: Settlement, repository: Repository, branch: string): Promise<void> {
  await tx.repositories.update(repository.id, { defaultBranch: branch });
  const tidings = { kind: 'default-branch', from: repository.defaultBranch, auditNumber: intent.auditNumber } as const;
  if (repository.defaultBranch !== branch)
    await tx.outbox.tell({ repositoryId: repository.id, ownerId: repository.ownerId, hookId: null, senderId: null, tidings });
  if (intent.updates.length === 0 || repository.defaultBranch === branch) return;
  const data = { default_branch: branch, old_default_branch: repository.defaultBranch };
  await tx.audit.append({ ...entry, action: 'repo.update_default_branch', category: 'web', data });
}

/** What belongs to the branch moves with it, in the step that says that it has moved. */
async function renameBranch(
  tx: Transaction,
  { intent: { repositoryId }, entry }: Settlement,
  { from, to }: { from: string; to: string },
): Promise<void> {
  await tx.branchRenames.record(repositoryId, from, to);
  const protections = (await tx.rules.listProtections(repositoryId, 0)).filter(
    (one) => one.origin === 'github' && 'repository' in one.owner,
  );
  const exact = protections.find((one) => one.pattern === from);
  if (!exact || protections.some((one) => one.pattern === to)) return;
  const { id, origin, version } = await tx.rules.updateProtection(exact.id, { pattern: to });
  const data = { name: to, old_name: from, origin, protection_id: id, version };
  await tx.audit.append({ ...entry, action: 'protected_branch.update_name', category: 'web', data });
}

export function outcomeOf(moved: number, of: number): Outcome {
  if (moved === of) return 'committed';
  return moved === 0 ? 'failed' : 'partly committed';
}

/** Where HEAD belongs after the refs have moved: the intent's wish, if the branch it names came to be. */
export function headAfter(intent: Pick<Intent, 'effects' | 'updates'>, reasons: readonly (string | null)[]): string | null {
  const effect = intent.effects.find((one) => one.kind === 'set-default-branch');
  if (effect === undefined) return null;
  const index = intent.updates.findIndex((update) => update.refName === effect.refName);
  return index < 0 || reasons[index] === null ? effect.refName : null;
}
