import type { Executor } from './rows.ts';

/** Ids of the teams a user is in, directly or because a child team of theirs is one: as a sub-query. Who is in a child is in its parents. */
export function teamsOf(db: Executor, userId: number) {
  return db
    .withRecursive('ancestor', (recursive) =>
      recursive
        .selectFrom('team')
        .innerJoin('team_member', 'team_member.team_id', 'team.id')
        .select(['team.id', 'team.parent_id'])
        .where('team_member.user_id', '=', userId)
        .union((up) => up.selectFrom('team').innerJoin('ancestor', 'ancestor.parent_id', 'team.id').select(['team.id', 'team.parent_id'])),
    )
    .selectFrom('ancestor')
    .select('ancestor.id');
}
