import type { Account, Organization, Team, User } from '#model/account.ts';
import type { Grant } from '#model/protection.ts';
import { type AppShown, readApps } from '#operations/apps/read-apps.ts';
import type { Context } from '#operations/context.ts';
import { withParents } from '#operations/teams/read-teams.ts';
import { simpleUser } from '../accounts/from-model.ts';
import { integration } from '../apps/from-model.ts';
import { teamObject } from '../teams/from-model.ts';
import type { Urls } from '../urls.ts';

/** Everybody that a protection's lists name, read at once, to be shown. */
export interface Directory {
  readonly users: readonly User[];
  readonly teams: readonly (Team & { readonly parent: Team | null })[];
  readonly apps: readonly AppShown[];
  readonly organization: Organization | null;
}

export async function readDirectory(context: Context, grants: readonly Grant[], owner: Account): Promise<Directory> {
  const idsOf = (kind: 'user' | 'team' | 'app'): number[] => [
    ...new Set(grants.flatMap((grant) => (grant.kind === kind ? [grant.id] : []))),
  ];
  const { read } = context.store;
  const [accounts, teams, apps] = await Promise.all([
    read.accounts.listByIds(idsOf('user')),
    read.teams.listByIds(idsOf('team')),
    readApps(read, idsOf('app')),
  ]);
  return {
    users: accounts.filter((account) => account.kind !== 'organization'),
    teams: await withParents(context, teams),
    apps,
    organization: owner.kind === 'organization' ? owner : null,
  };
}

/** The rows of a list as GitHub shows them, in stored order. Rows of accounts that are gone show nothing; they let nobody in either. */
export function actorObjects(grants: readonly Grant[], { users, teams, apps, organization }: Directory, urls: Urls) {
  const pick = <T>(kind: Grant['kind'], find: (id: number) => T | undefined): T[] =>
    grants.flatMap((grant) => (grant.kind === kind && grant.kind !== 'role' ? (find(grant.id) ?? []) : []));
  return {
    users: pick('user', (id) => users.find((user) => user.id === id)).map((user) => simpleUser(user, urls)),
    teams:
      organization === null
        ? []
        : pick('team', (id) => teams.find((team) => team.id === id)).map((team) => teamObject(team, organization, urls)),
    apps: pick('app', (id) => apps.find(({ app }) => app.id === id)).map(({ app, owner }) => integration(app, owner, urls)),
  };
}
