import type { Caller } from '#model/caller.ts';
import { notFound } from '#model/problem.ts';
import { inOrganization } from '#model/telling.ts';
import { findUser } from '../access.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';
import { reachTeam, requireMaintainer, type TeamKey, teamSubject } from './team-access.ts';

/** Takes somebody out of a team. People may leave by themselves. */
export function removeTeamMember(context: Context, caller: Caller, key: TeamKey, login: string): Promise<void> {
  return change(
    context,
    caller,
    async (tx, record, as) => {
      const reached = await reachTeam(tx, as, key, tx.now);
      const user = await findUser(tx, login);
      const isLeaving = as.kind === 'actor' && as.user.id === user.id;
      if (!isLeaving) requireMaintainer(as, reached);
      if (!(await tx.teams.removeMembership(reached.team.id, user.id))) throw notFound('membership');
      const subject = { ...teamSubject(reached), user: { id: user.id, login: user.login } };
      const tells = [inOrganization(reached.organization, { kind: 'membership', action: 'removed', team: reached.team, member: user })];
      record({ action: 'team.remove_member', operation: 'remove', ...subject, tells });
    },
    () => 'everywhere',
  );
}
