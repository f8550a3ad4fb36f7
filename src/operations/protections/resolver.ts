import type { Account } from '#model/account.ts';
import type { Reads } from '#model/ports/store.ts';
import { type FieldError, ProblemError } from '#model/problem.ts';
import type { Grant } from '#model/protection.ts';
import type { Repository } from '#model/repository.ts';
import { WRITE } from '#model/rung.ts';
import { effectiveRung } from '#policy/effective-rung.ts';
import { isSameGrant } from './draft.ts';

/** A list of actors as people write it: logins, team slugs, app slugs. */
export interface ActorNames {
  readonly users: readonly string[];
  readonly teams: readonly string[];
  readonly apps: readonly string[];
}

export interface CheckName {
  readonly context: string;
  /** The app whose results count; null: any; undefined: the one that reported it last, if one did. */
  readonly app: number | null | undefined;
}

/** Turns what people write in a rule into what it stores; part of an edit's transaction. */
export interface Resolver {
  /**
   * Rows for the names, in their order. Unknown names, and additions that may not write, are refused, all of them by name
   * (decision 20). `anybody` where nothing is added: who is taken off a list need not be able to stand on it.
   */
  actors(list: string, names: ActorNames, present: Present): Promise<Grant[]>;
  checks(names: readonly CheckName[]): Promise<{ context: string; app: number | null }[]>;
}

const maximumActors = 100;
const aWeek = 7 * 24 * 60 * 60 * 1000;

export function resolver(reads: Reads, repository: Repository, owner: Account, now: number): Resolver {
  return {
    async actors(list, names, present) {
      if (names.users.length + names.teams.length + names.apps.length > maximumActors)
        refuse(list, ['Only 100 users and teams can be specified.']);
      const users = await resolveUsers(reads, repository, names.users, present, now);
      const teams = await resolveTeams(reads, repository, owner, names.teams, present);
      const apps = await resolveApps(reads, repository, names.apps, present);
      const resolved = [...users, ...teams, ...apps];
      const problems = resolved.filter((one): one is string => typeof one === 'string');
      if (problems.length > 0) refuse(list, problems);
      return withoutRepeats(resolved as Grant[]);
    },

    async checks(names) {
      const apps = await reads.apps.listByIds(names.flatMap(({ app }) => (typeof app === 'number' ? [app] : [])));
      const checks: { context: string; app: number | null }[] = [];
      for (const { context, app } of names) {
        if (typeof app === 'number' && !apps.some((one) => one.id === app)) refuse('checks', ['Invalid app id']);
        const pinned = app === undefined ? await reads.checks.findRecentApp(repository.id, context, now - aWeek) : app;
        if (!checks.some((one) => one.context === context)) checks.push({ context, app: pinned });
      }
      return checks;
    },
  };
}

function refuse(list: string, messages: readonly string[]): never {
  throw new ProblemError({
    kind: 'invalid',
    errors: messages.map((message): FieldError => ({ resource: 'ProtectedBranch', field: list, code: 'custom', message })),
  });
}

/** Each name's row, or why it cannot have one. */
async function resolveUsers(
  reads: Reads,
  repository: Repository,
  logins: readonly string[],
  present: Present,
  now: number,
): Promise<(Grant | string)[]> {
  const accounts = await reads.accounts.listByLogins(logins);
  return Promise.all(
    logins.map(async (login) => {
      const account = accounts.find((one) => one.login.toLowerCase() === login.toLowerCase());
      if (account === undefined || account.kind === 'organization' || account.app !== null)
        return `there is no user named ${quoted(login)}`;
      const grant: Grant = { kind: 'user', id: account.id };
      if (isPresent(present, grant)) return grant;
      const rung = effectiveRung(await reads.standings.readRungSources(account.id, repository.id, now));
      return rung >= WRITE ? grant : `user ${quoted(login)} has no write access to the repository`;
    }),
  );
}

async function resolveTeams(
  reads: Reads,
  repository: Repository,
  owner: Account,
  slugs: readonly string[],
  present: Present,
): Promise<(Grant | string)[]> {
  const teams = owner.kind === 'organization' ? await reads.teams.listBySlugs(owner.id, slugs) : [];
  return Promise.all(
    slugs.map(async (slug) => {
      const team = teams.find((one) => one.slug === slug.toLowerCase());
      if (team === undefined) return `there is no team named ${quoted(slug)} in the organization`;
      const grant: Grant = { kind: 'team', id: team.id, childTeams: true };
      if (isPresent(present, grant)) return grant;
      return (await grantOfTeam(reads, team.id, repository.id)) >= WRITE
        ? grant
        : `team ${quoted(slug)} has no write access to the repository`;
    }),
  );
}

/** What a team reaches in a repository: its own grant, or that of one of its parents. */
export async function grantOfTeam(reads: Reads, teamId: number, repositoryId: number): Promise<number> {
  let highest = 0;
  for (
    let team = await reads.teams.findById(teamId);
    team !== null;
    team = team.parentId === null ? null : await reads.teams.findById(team.parentId)
  ) {
    highest = Math.max(highest, (await reads.teams.findGrant(team.id, repositoryId)) ?? 0);
  }
  return highest;
}

async function resolveApps(reads: Reads, repository: Repository, slugs: readonly string[], present: Present): Promise<(Grant | string)[]> {
  const apps = await reads.apps.listBySlugs(slugs);
  return Promise.all(
    slugs.map(async (slug) => {
      const app = apps.find((one) => one.slug === slug.toLowerCase());
      if (app === undefined) return `there is no app named ${quoted(slug)}`;
      const grant: Grant = { kind: 'app', id: app.id };
      if (isPresent(present, grant)) return grant;
      const installation = await reads.apps.findInstallationOn(app.id, repository.ownerId);
      return installation?.permissions['contents'] === 'write'
        ? grant
        : `app ${quoted(slug)} is not installed here with write access to contents`;
    }),
  );
}

/** The rows that stand there already; they are not tested again. */
type Present = readonly Grant[] | 'anybody';

function isPresent(present: Present, grant: Grant): boolean {
  return present === 'anybody' || present.some((one) => isSameGrant(one, grant));
}

function withoutRepeats(grants: readonly Grant[]): Grant[] {
  return grants.filter((grant, index) => grants.findIndex((one) => isSameGrant(one, grant)) === index);
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}
