import { type Caller, repositorySubject } from '#model/caller.ts';
import { forbidden } from '#model/problem.ts';
import { ADMIN } from '#model/rung.ts';
import { inRepository } from '#model/telling.ts';
import { asRung } from '#policy/effective-rung.ts';
import { mayChangeMembership } from '#policy/permissions.ts';
import { findUser, type RepositoryKey, reachRepository, refuseArchived, requireInRepository, rungToGive } from '../access.ts';
import { change, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';

/** Gives somebody a rung in one repository. Never more than the own one, and nobody above it is touched. */
export function setCollaborator(context: Context, caller: Caller, key: RepositoryKey, login: string, level: number): Promise<void> {
  return change<void>(
    context,
    caller,
    async (tx, record, as) => {
      const reached = await reachRepository(tx, as, key, tx.now);
      requireInRepository(as, reached, { rung: ADMIN, capability: 'repository:administer', siteAdminMay: true });
      refuseArchived(reached);
      const user = await findUser(tx, login);
      if (user.app !== null) throw forbidden('a person: an app is installed, not added');
      if (user.id === reached.owner.id) throw forbidden('somebody else: the owner has every right already');
      const present = (await tx.repositories.findCollaborator(reached.repository.id, user.id))?.level ?? null;
      if (present === level) return new Unchanged(undefined);
      const own = rungToGive(as, reached);
      if (!mayChangeMembership(own, asRung(present ?? 0), asRung(level))) throw forbidden('a rung no lower than what is granted or taken');
      await tx.repositories.setCollaborator(reached.repository.id, user.id, level);
      record({
        action: present === null ? 'repo.add_member' : 'repo.update_member',
        operation: present === null ? 'create' : 'modify',
        ...repositorySubject(reached.repository, reached.owner),
        user: { id: user.id, login: user.login },
        data: { level, ...(present !== null && { old_level: present }) },
        tells: [
          inRepository(reached, {
            kind: 'member',
            action: present === null ? 'added' : 'edited',
            member: user,
            rung: level,
            oldRung: present,
          }),
        ],
      });
    },
    () => 'everywhere',
  );
}
