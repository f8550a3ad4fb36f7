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
  const [isFirst, repository] = await Promise.all([
    tx.intents.settle(intent.id, outcome),
    tx.repositories.findById(intent.repositoryId),
    tx.audit.nextNumber(),
  ]);
  // Who carried it out and who cleans up behind may both come here; the first one says how it ended.
  if (!isFirst) return;
  const { reserved } = intent;
  const spent = moved.filter((update) => update.usesToken).length;
  const hasMoved = outcome !== 'failed' && outcome !== 'aborted' && repository !== null;
  const born = hasMoved ? moved.flatMap((update) => (update.oldId === null ? (branchOf(update.refName) ?? []) : [])) : [];
  const telling = hasMoved ? refsTelling(repository, intent, moved) : null;
  await Promise.all([
    tx.audit.append(entry),
    reserved === null ? null : tx.tokens.settleUses(reserved.tokenId, reserved.uses, spent),
    hasMoved ? tx.repositories.update(intent.repositoryId, { pushedAt: tx.now }) : null,
    tx.branchRenames.forget(intent.repositoryId, born),
    telling === null ? null : tx.outbox.tell(telling),
  ]);
  if (!hasMoved) return;
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
