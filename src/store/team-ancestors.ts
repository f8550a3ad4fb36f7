import { type Executor, live } from './rows.ts';

/**
 * Ids of the teams a user is in, directly or because a child team of theirs is one, with the level in the team that leads there: a child
 * team's members have their level in the parents too. A team stands there once for each level.
 */
export function reachOfTeams(db: Executor, userId: number, now: number) {
  return db
    .withRecursive('reach(id, parent_id, level)', (recursive) =>
      recursive
        .selectFrom('team')
        .innerJoin('team_member', 'team_member.team_id', 'team.id')
        .select(['team.id', 'team.parent_id', 'team_member.level'])
        .where('team_member.user_id', '=', userId)
        .where(live('team_member', now))
        .union((up) =>
          up.selectFrom('team').innerJoin('reach', 'reach.parent_id', 'team.id').select(['team.id', 'team.parent_id', 'reach.level']),
        ),
    )
    .selectFrom('reach');
}

/** The ids alone, as a sub-query. */
export function teamsOf(db: Executor, userId: number, now: number) {
  return reachOfTeams(db, userId, now).select('reach.id');
}
