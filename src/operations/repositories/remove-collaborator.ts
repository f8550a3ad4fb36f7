import { type Caller, repositorySubject } from '#model/caller.ts';
import { forbidden, notFound } from '#model/problem.ts';
import type { Grant, Protection, Rule } from '#model/protection.ts';
import { ADMIN } from '#model/rung.ts';
import { inRepository } from '#model/telling.ts';
import { asRung } from '#policy/effective-rung.ts';
import { mayChangeMembership } from '#policy/permissions.ts';
import { findUser, type RepositoryKey, reachRepository, requireInRepository, rungToGive } from '../access.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';
import { protectionHappenings } from '../protections/happenings.ts';
import { telling } from '../protections/tell-protection.ts';

/**
 * Takes somebody's own row in a repository away, and with it the rows that name them in its rules' lists: they must not come back to life
 * with a later invitation (spec/model.md 3.3). A list that becomes empty stays a list. People may leave by themselves.
 */
export function removeCollaborator(context: Context, caller: Caller, key: RepositoryKey, login: string): Promise<void> {
  return change(
    context,
    caller,
    async (tx, record, as) => {
      const reached = await reachRepository(tx, as, key, tx.now);
      const user = await findUser(tx, login);
      const isLeaving = as.kind === 'actor' && as.user.id === user.id;
      requireInRepository(as, reached, { rung: isLeaving ? 0 : ADMIN, capability: 'repository:administer', siteAdminMay: true });
      const membership = await tx.repositories.findCollaborator(reached.repository.id, user.id);
      if (membership === null) throw notFound('collaborator');
      const own = rungToGive(as, reached);
      if (!isLeaving && !mayChangeMembership(own, asRung(membership.level), 0)) throw forbidden('a rung no lower than what is taken');
      await tx.repositories.removeCollaborator(reached.repository.id, user.id);
      const subject = { ...repositorySubject(reached.repository, reached.owner), user: { id: user.id, login: user.login } };
      record({
        action: 'repo.remove_member',
        operation: 'remove',
        ...subject,
        data: { old_level: membership.level },
        tells: [inRepository(reached, { kind: 'member', action: 'removed', member: user, rung: null, oldRung: membership.level })],
      });
      const protections = await tx.rules.listProtections(reached.repository.id, 0);
      for (const protection of protections) {
        const without = withoutUser(protection, user.id);
        if (without === null) continue;
        const after = await tx.rules.updateProtection(protection.id, without);
        record(...telling(protectionHappenings(subject, protection, after), reached, protection, after));
      }
    },
    () => 'everywhere',
  );
}

const nobody: Grant = { kind: 'role', level: 0 };

/** The protection's lists without a user's rows; null: it has none. */
function withoutUser(protection: Protection, userId: number): Pick<Protection, 'rules' | 'manage'> | null {
  const isTheirs = (grant: Grant): boolean => grant.kind === 'user' && grant.id === userId;
  let found = protection.manage.some(isTheirs);
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      const kept = value.filter((item) => !(isGrant(item) && isTheirs(item)));
      found ||= kept.length < value.length;
      return kept.map(clean);
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clean(inner)]));
  };
  const rules = protection.rules.map((rule): Rule => ({ type: rule.type, parameters: clean(rule.parameters) }));
  const manage = protection.manage.filter((grant) => !isTheirs(grant));
  // An empty list of who may edit would mean every admin.
  return found ? { rules, manage: manage.length === 0 && protection.manage.length > 0 ? [nobody] : manage } : null;
}

function isGrant(value: unknown): value is Grant {
  return typeof value === 'object' && value !== null && 'kind' in value && 'id' in value;
}
