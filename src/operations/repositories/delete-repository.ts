import { type Caller, repositorySubject } from '#model/caller.ts';
import { OWNER } from '#model/rung.ts';
import { inRepository } from '#model/telling.ts';
import { type RepositoryKey, reachRepository, requireInRepository } from '../access.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';

/** Deletes a repository for good; needs rung 50. A push that was let through before ends first; none begins after. */
export async function deleteRepository(context: Context, caller: Caller, key: RepositoryKey): Promise<void> {
  const id = await change(
    context,
    caller,
    async (tx, record, as) => {
      const reached = await reachRepository(tx, as, key, tx.now);
      requireInRepository(as, reached, { rung: OWNER, capability: 'repository:delete', siteAdminMay: true });
      await tx.repositories.remove(reached.repository.id);
      const { visibility } = reached.repository;
      record({
        action: 'repo.destroy',
        operation: 'remove',
        ...repositorySubject(reached.repository, reached.owner),
        data: { visibility },
        tells: [inRepository(reached, { kind: 'repository', action: 'deleted', before: {} })],
      });
      return reached.repository.id;
    },
    // Forks that are being brought up to it end too.
    () => 'everywhere',
  );
  await context.gate.locks.hold(id, () => context.gate.repositories.remove(id));
}
