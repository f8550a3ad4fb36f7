import { randomUUID } from 'node:crypto';
import type { Account } from '#model/account.ts';
import { type AuthenticatedCaller, askedBy, repositorySubject } from '#model/caller.ts';
import type { Transaction } from '#model/ports/store.ts';
import { invalid } from '#model/problem.ts';
import { branchRef } from '#model/ref-name.ts';
import type { Repository } from '#model/repository.ts';
import { applyIntent } from './apply-intent.ts';
import type { Gate } from './gate.ts';
import { lockedTable } from './locked-table.ts';
import { settleOlder } from './reconcile.ts';
import { TooBusy } from './slots.ts';

export interface DefaultBranchMove {
  readonly caller: AuthenticatedCaller;
  readonly repository: Repository;
  readonly owner: Account;
  /** Short name of an existing branch. */
  readonly branch: string;
  /** Whether the caller may; read in the deciding transaction; throws. */
  readonly authorize: (tx: Transaction) => Promise<void>;
}

/** HEAD is a ref too: it moves like the others, after an intent that says so. */
export async function moveDefaultBranch(gate: Gate, { caller, repository, owner, branch, authorize }: DefaultBranchMove): Promise<void> {
  const onDisk = gate.repositories.open(repository.id, repository.objectFormat);
  const refName = branchRef(branch);
  await gate.locks.hold(repository.id, async (isHeld) => {
    if (!(await settleOlder(gate, repository.id))) throw new TooBusy();
    const table = await lockedTable(gate, repository.id, onDisk);
    if (table.refs.get(refName) === undefined)
      throw invalid('default_branch', `Cannot update default branch: branch ${branch} does not exist`, 'invalid', 'Repository');
    const pushId = randomUUID();
    const intent = await gate.store.write(async (tx) => {
      await authorize(tx);
      const auditNumber = await tx.audit.append({
        ...askedBy(caller),
        ...repositorySubject(repository, owner),
        action: 'repo.update_default_branch',
        operation: 'modify',
        category: 'web',
        bypass: false,
        data: { default_branch: branch, old_default_branch: repository.defaultBranch },
      });
      const effects = [{ kind: 'set-default-branch' as const, refName }];
      return tx.intents.open({
        pushId,
        repositoryId: repository.id,
        nodeId: gate.nodeId,
        updates: [],
        effects,
        reserved: null,
        auditNumber,
      });
    });
    const landing = { caller, repository, owner, pushId, means: 'ref-api' as const, atomic: true, quarantine: null };
    await applyIntent(gate, { intent, landing, onDisk, fence: table.fence, isHeld });
  });
}
