import type { NewAuditEntry } from '#model/audit-entry.ts';
import type { Intent, Outcome } from '#model/intent.ts';
import type { Transaction } from '#model/ports/store.ts';
import { branchOf } from '#model/ref-name.ts';

/** How an intent ended. `reasons` in the order of its updates: null where the ref moved. */
export interface Settlement {
  readonly intent: Intent;
  readonly reasons: readonly (string | null)[];
  readonly entry: NewAuditEntry;
}

/** Closes an intent: the record of the outcome, uses spent or given back, and what a push changes beside its refs. */
export async function settle(tx: Transaction, { intent, reasons, entry }: Settlement): Promise<void> {
  const moved = intent.updates.filter((_, index) => reasons[index] === null);
  // Who carried it out and who cleans up behind may both come here; the first one says how it ended.
  if (!(await tx.intents.settle(intent.id, outcomeOf(moved.length, reasons.length)))) return;
  await tx.audit.append(entry);
  if (intent.reserved !== null) {
    const spent = moved.filter((update) => update.usesToken).length;
    await tx.tokens.settleUses(intent.reserved.tokenId, intent.reserved.uses, spent);
  }
  if ((moved.length === 0 && reasons.length > 0) || (await tx.repositories.findById(intent.repositoryId)) === null) return;
  await tx.repositories.update(intent.repositoryId, { pushedAt: tx.now });
  for (const update of moved) {
    const born = update.oldId === null ? branchOf(update.refName) : null;
    if (born !== null) await tx.branchRenames.forget(intent.repositoryId, born);
  }
  for (const effect of intent.effects) {
    if (effect.kind === 'rename-branch' && moved.length === reasons.length) await renameBranch(tx, intent.repositoryId, effect);
  }
  const head = headAfter(intent, reasons);
  if (head !== null) await tx.repositories.update(intent.repositoryId, { defaultBranch: branchOf(head)! });
}

/** What belongs to the branch moves with it, in the step that says that it has moved. */
async function renameBranch(tx: Transaction, repositoryId: number, { from, to }: { from: string; to: string }): Promise<void> {
  await tx.branchRenames.record(repositoryId, from, to);
  const protections = (await tx.rules.listProtections(repositoryId, 0)).filter(
    (one) => one.origin === 'github' && 'repository' in one.owner,
  );
  const exact = protections.find((one) => one.pattern === from);
  if (exact && !protections.some((one) => one.pattern === to)) await tx.rules.updateProtection(exact.id, { pattern: to });
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
