import type { Team } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import { slugOf, textProblem } from '#model/names.ts';
import type { Reads } from '#model/ports/store.ts';
import { forbidden, invalid } from '#model/problem.ts';
import { inOrganization } from '#model/telling.ts';
import { change, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';
import { reachTeam, requireMaintainer, type TeamKey, teamSubject } from './team-access.ts';

export type TeamChanges = Partial<Pick<Team, 'name' | 'description' | 'privacy' | 'notificationSetting' | 'defaultRung' | 'parentId'>>;

/** Changes a team. Moving it under another parent changes what its members reach, so that is the organization owner's. */
export function updateTeam(context: Context, caller: Caller, key: TeamKey, changes: TeamChanges): Promise<Team> {
  return change(
    context,
    caller,
    async (tx, record, as) => {
      const reached = await reachTeam(tx, as, key, tx.now);
      requireMaintainer(as, reached);
      const { team, organization } = reached;
      const changed = Object.entries(changes).filter(([field, value]) => team[field as keyof TeamChanges] !== value);
      if (changed.length === 0) return new Unchanged(team);
      if (changes.parentId !== undefined && changes.parentId !== team.parentId) {
        if (reached.level < 50) throw forbidden('an owner of the organization');
        await refuseBadParent(tx, team, changes.parentId);
      }
      const slug = changes.name === undefined ? team.slug : await newSlug(tx, team, changes.name);
      const parentId = changes.parentId === undefined ? team.parentId : changes.parentId;
      if (parentId !== null && (changes.privacy ?? team.privacy) === 'secret')
        throw invalid('privacy', 'a team with a parent cannot be secret', 'invalid', 'Team');
      await tx.teams.update(team.id, { ...changes, slug });
      const before = Object.fromEntries(changed.map(([field]) => [field, team[field as keyof TeamChanges]]));
      const told = inOrganization(organization, { kind: 'team', action: 'edited', team: { ...team, ...changes, slug }, before });
      for (const [index, [field, value]] of changed.entries()) {
        const data = { [field]: value, [`old_${field}`]: team[field as keyof TeamChanges] };
        // One edit, told once.
        record({
          action: 'team.edit',
          operation: 'modify',
          ...teamSubject({ organization, team }),
          data,
          tells: index === 0 ? [told] : [],
        });
      }
      return { ...team, ...changes, slug };
    },
    () => 'everywhere',
  );
}

async function newSlug(reads: Reads, team: Team, name: string): Promise<string> {
  const slug = slugOf(name);
  const problem = textProblem(name, 100) ?? (slug === '' ? 'has no letters or digits' : null);
  if (problem !== null) throw invalid('name', `Name ${problem}`, 'custom', 'Team');
  const taken = await reads.teams.findBySlug(team.organizationId, slug);
  if (taken !== null && taken.id !== team.id) throw invalid('name', 'Name must be unique for this org', 'already_exists', 'Team');
  return slug;
}

/** The parent is in the same organization and not the team itself or below it: a ring of teams would be everybody's parent. */
async function refuseBadParent(reads: Reads, team: Team, parentId: number | null): Promise<void> {
  for (let ancestor = parentId; ancestor !== null; ) {
    const above = await reads.teams.findById(ancestor);
    if (above === null || above.organizationId !== team.organizationId || above.id === team.id) {
      throw invalid('parent_team_id', 'the team cannot have this parent', 'invalid', 'Team');
    }
    ancestor = above.parentId;
  }
}
