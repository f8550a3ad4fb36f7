import type { Organization, Team } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import type { Page, PageRequest, TeamMember } from '#model/ports/store-accounts.ts';
import { notFound } from '#model/problem.ts';
import type { Repository } from '#model/repository.ts';
import {
  findOrganization,
  findUser,
  isVisible,
  levelIn,
  type RepositoryKey,
  reachRepository,
  requireActor,
  requireCapability,
  requireInRepository,
} from '../access.ts';
import type { Context } from '../context.ts';
import { rungsIn } from '../repositories/read-repositories.ts';
import { reachTeam, type TeamKey, type TeamReached } from './team-access.ts';

/** A team with what a full view shows beside it. */
export interface TeamShown extends TeamReached {
  readonly parent: Team | null;
  readonly members: number;
  readonly repositories: number;
}

export async function readTeam({ store }: Context, caller: Caller, key: TeamKey): Promise<TeamShown> {
  const reached = await reachTeam(store.read, caller, key, Date.now());
  const parent = reached.team.parentId === null ? null : await store.read.teams.findById(reached.team.parentId);
  return { ...reached, parent, ...(await store.read.teams.countMembersAndGrants(reached.team.id)) };
}

/** Teams of an organization with their parents; members see them. */
export async function listTeams(
  { store }: Context,
  caller: Caller,
  org: string,
  page: PageRequest,
): Promise<{ organization: Organization; teams: Page<TeamWithParent> }> {
  requireCapability(caller, 'org:read');
  const organization = await findOrganization(store.read, org);
  const level = await levelIn(store.read, caller, organization, Date.now());
  if (level < 10) throw notFound('organization');
  const teams = await store.read.teams.listOfOrganization(organization.id, page);
  const visible = level >= 50 ? teams.items : await withoutForeignSecrets({ store }, caller, teams.items);
  return { organization, teams: { items: await withParents({ store }, visible), total: teams.total } };
}

export type TeamWithParent = Team & { readonly parent: Team | null };

export async function withParents({ store }: Pick<Context, 'store'>, teams: readonly Team[]): Promise<TeamWithParent[]> {
  const parents = await store.read.teams.listByIds(teams.flatMap((team) => team.parentId ?? []));
  return teams.map((team) => ({ ...team, parent: parents.find((parent) => parent.id === team.parentId) ?? null }));
}

async function withoutForeignSecrets({ store }: Pick<Context, 'store'>, caller: Caller, teams: readonly Team[]): Promise<Team[]> {
  const own = new Set((await store.read.teams.listOfUser(requireActor(caller).user.id)).map((team) => team.id));
  return teams.filter((team) => team.privacy === 'closed' || own.has(team.id));
}

export async function listTeamMembers({ store }: Context, caller: Caller, key: TeamKey, page: PageRequest): Promise<Page<TeamMember>> {
  const { team } = await reachTeam(store.read, caller, key, Date.now());
  return store.read.teams.listMembers(team.id, page);
}

export async function readTeamMembership({ store }: Context, caller: Caller, key: TeamKey, login: string) {
  const reached = await reachTeam(store.read, caller, key, Date.now());
  const user = await findUser(store.read, login);
  const membership = await store.read.teams.findMembership(reached.team.id, user.id);
  if (membership === null) throw notFound('membership');
  return { ...reached, user, membershipLevel: membership.level };
}

/** Of what a team is granted, what the caller may see: whoever sees a team need not see all that it works on. */
export async function listTeamRepositories({ store }: Context, caller: Caller, key: TeamKey, page: PageRequest) {
  const reached = await reachTeam(store.read, caller, key, Date.now());
  const grants = await store.read.teams.listGrants(reached.team.id, page);
  const all = await store.read.repositories.listByIds(grants.items.map((grant) => grant.repositoryId));
  const rungs = await rungsIn(store.read, caller, all);
  const repositories = all.filter((repository) => isVisible(caller, repository, rungs.get(repository.id) ?? 0));
  const levelOf = new Map(grants.items.map((grant) => [grant.repositoryId, grant.level]));
  return { ...reached, total: grants.total, items: repositories.map((repository) => ({ repository, level: levelOf.get(repository.id)! })) };
}

/** What a team is granted on one repository; throws `not-found` when nothing is. */
export async function readTeamGrant({ store }: Context, caller: Caller, key: TeamKey, repositoryKey: RepositoryKey) {
  const now = Date.now();
  const reached = await reachTeam(store.read, caller, key, now);
  const target = await reachRepository(store.read, caller, repositoryKey, now);
  const level = await store.read.teams.findGrant(reached.team.id, target.repository.id);
  if (level === null) throw notFound('team grant');
  return { ...reached, ...target, level };
}

/** The teams that reach a repository, with their grants there. */
export async function listRepositoryTeams(
  { store }: Context,
  caller: Caller,
  key: RepositoryKey,
  page: PageRequest,
): Promise<Page<TeamWithParent & { level: number }> & { repository: Repository; organization: Organization | null }> {
  const reached = await reachRepository(store.read, caller, key, Date.now());
  requireInRepository(caller, reached, { rung: 30, capability: 'code:read', siteAdminMay: true });
  const teams = await store.read.teams.listOfRepository(reached.repository.id, page);
  const parents = await withParents({ store }, teams.items);
  const items = teams.items.map((team, index) => ({ ...parents[index]!, level: team.level }));
  return {
    items,
    total: teams.total,
    repository: reached.repository,
    organization: reached.owner.kind === 'organization' ? reached.owner : null,
  };
}

export async function listOwnTeams({ store }: Context, caller: Caller): Promise<{ team: TeamWithParent; organization: Organization }[]> {
  const teams = await store.read.teams.listOfUser(requireActor(caller).user.id);
  const shown = await withParents({ store }, teams);
  const organizations = await store.read.accounts.listByIds([...new Set(teams.map((team) => team.organizationId))]);
  return shown.flatMap((team) => {
    const organization = organizations.find((one) => one.id === team.organizationId);
    return organization?.kind === 'organization' ? [{ team, organization }] : [];
  });
}
