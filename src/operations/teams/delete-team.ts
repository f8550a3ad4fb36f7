import type { Caller } from '#model/caller.ts';
import { inOrganization } from '#model/telling.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';
import { reachTeam, requireMaintainer, type TeamKey, teamSubject } from './team-access.ts';

/** Removes a team; its child teams move up. Rows that name it in rule lists stay and are dead. */
export function deleteTeam(context: Context, caller: Caller, key: TeamKey): Promise<void> {
  return change(
    context,
    caller,
    async (tx, record, as) => {
      const reached = await reachTeam(tx, as, key, tx.now);
      requireMaintainer(as, reached);
      const { id, name, privacy, parentId } = reached.team;
      await tx.teams.remove(id);
      const tells = [inOrganization(reached.organization, { kind: 'team', action: 'deleted', team: reached.team, before: {} })];
      record({ action: 'team.destroy', operation: 'remove', ...teamSubject(reached), data: { name, privacy, parent_id: parentId }, tells });
    },
    () => 'everywhere',
  );
}
