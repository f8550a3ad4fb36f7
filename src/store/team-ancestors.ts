import { type Executor, live } from './rows.ts';

/** Ids of the teams a user is in, directly or because a child team of theirs is one: as a sub-query. Who is in a child is in its parents. */
export function teamsOf(db: Executor, userId: number, now: number) {
  return db
    .withRecursive('ancestor', (recursive) =>
      recursive
        .selectFrom('team')
        .innerJoin('team_member', 'team_member.team_id', 'team.id')
        .select(['team.id', 'team.parent_id'])
        .where('team_member.user_id', '=', userId)
        .where(live('team_member', now))
        .union((up) => up.selectFrom('team').innerJoin('ancestor', 'ancestor.parent_id', 'team.id').select(['team.id', 'team.parent_id'])),
    )
    .selectFrom('ancestor')
    .select('ancestor.id');
}
