import type { Caller } from '#model/caller.ts';
import { forbidden } from '#model/problem.ts';
import { inOrganization } from '#model/telling.ts';
import { findUser } from '../access.ts';
import { change, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';
import { reachTeam, requireMaintainer, type TeamKey, teamSubject } from './team-access.ts';

const levels = { member: 40, maintainer: 50 } as const;

/** Puts a member of the organization into a team, or changes their role there. Owners of the organization are maintainers anyway. */
export function setTeamMember(
  context: Context,
  caller: Caller,
  key: TeamKey,
  login: string,
  role: keyof typeof levels,
): Promise<{ level: number }> {
  return change(
    context,
    caller,
    async (tx, record, as) => {
      const reached = await reachTeam(tx, as, key, tx.now);
      requireMaintainer(as, reached);
      const user = await findUser(tx, login);
      if ((await tx.organizations.findMembership(reached.organization.id, user.id)) === null)
        throw forbidden('a member of the organization');
      const present = (await tx.teams.findMembership(reached.team.id, user.id))?.level ?? 0;
      const level = levels[role];
      // Below 40 a level from elsewhere is shown as `member`: writing that back changes nothing.
      const isShownAlready = role === 'member' ? present > 0 && present < 50 : present >= 50;
      if (isShownAlready) return new Unchanged({ level: present });
      await tx.teams.setMembership(reached.team.id, user.id, level);
      const action = present === 0 ? 'team.add_member' : 'team.update_member';
      const operation = present === 0 ? 'create' : 'modify';
      const data = { role, ...(present > 0 && { old_role: present >= 50 ? 'maintainer' : 'member' }) };
      const tells =
        present > 0
          ? []
          : [inOrganization(reached.organization, { kind: 'membership', action: 'added', team: reached.team, member: user })];
      record({ action, operation, ...teamSubject(reached), user: { id: user.id, login: user.login }, data, tells });
      return { level };
    },
    () => 'everywhere',
  );
}
