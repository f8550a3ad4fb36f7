import type { Account, Membership, Organization, Team, User } from '../account.ts';

/** A part of a list, in the order of ids. `total` counts all of it. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
}

export interface PageRequest {
  readonly limit: number;
  readonly offset: number;
}

export type NewUser = Pick<User, 'kind' | 'login' | 'name' | 'email' | 'siteAdmin' | 'maker' | 'app'>;

export interface Accounts {
  findById(id: number): Promise<Account | null>;
  /** Without regard to case. */
  findByLogin(login: string): Promise<Account | null>;
  findByEmail(email: string): Promise<User | null>;
  /** Without regard to case, in no order; unknown addresses are left out. */
  listByEmails(emails: readonly string[]): Promise<User[]>;
  /** In the order asked for; unknown ids are left out. */
  listByIds(ids: readonly number[]): Promise<Account[]>;
  /** Logins of any kind of account, without regard to case; unknown ones are left out. */
  listByLogins(logins: readonly string[]): Promise<Account[]>;
  insertUser(user: NewUser): Promise<User>;
  insertOrganization(organization: Pick<Organization, 'login' | 'name' | 'description' | 'basePermission'>): Promise<Organization>;
  updateUser(id: number, changes: Partial<Pick<User, 'name' | 'email' | 'siteAdmin' | 'state' | 'app'>>): Promise<void>;
  updateOrganization(id: number, changes: Partial<Pick<Organization, 'name' | 'description' | 'basePermission'>>): Promise<void>;
  /** argon2id, in PHC form. Null: no password, so no sign-in by one. */
  setPassword(userId: number, hash: string | null): Promise<void>;
  countUsers(): Promise<number>;
}

export interface Member extends Membership {
  readonly user: User;
}

export interface Organizations {
  findMembership(organizationId: number, userId: number): Promise<Membership | null>;
  listMembers(organizationId: number, minimumLevel: number, page: PageRequest): Promise<Page<Member>>;
  listOfUser(userId: number): Promise<Organization[]>;
  setMembership(organizationId: number, userId: number, level: number): Promise<void>;
  /** Whether there was one. */
  removeMembership(organizationId: number, userId: number): Promise<boolean>;
}

export interface TeamMember extends Membership {
  readonly user: User;
  /** False: through a child team. */
  readonly direct: boolean;
}

type NewTeam = Omit<Team, 'id' | 'createdAt' | 'updatedAt'>;

export interface Teams {
  findById(id: number): Promise<Team | null>;
  findBySlug(organizationId: number, slug: string): Promise<Team | null>;
  listByIds(ids: readonly number[]): Promise<Team[]>;
  listBySlugs(organizationId: number, slugs: readonly string[]): Promise<Team[]>;
  listOfOrganization(organizationId: number, page: PageRequest): Promise<Page<Team>>;
  listOfUser(userId: number): Promise<Team[]>;
  /** With the grant on that repository. */
  listOfRepository(repositoryId: number, page: PageRequest): Promise<Page<Team & { readonly level: number }>>;
  insert(team: NewTeam): Promise<Team>;
  update(id: number, changes: Partial<Omit<NewTeam, 'organizationId'>>): Promise<void>;
  /** Child teams move to the removed team's parent. */
  remove(id: number): Promise<void>;
  findMembership(teamId: number, userId: number): Promise<Membership | null>;
  /** Members of the team and of its child teams, each once. */
  listMembers(teamId: number, page: PageRequest): Promise<Page<TeamMember>>;
  setMembership(teamId: number, userId: number, level: number): Promise<void>;
  removeMembership(teamId: number, userId: number): Promise<boolean>;
  /** All of a user's memberships in one organization's teams. */
  removeFromOrganization(organizationId: number, userId: number): Promise<void>;
  /** The rung granted on a repository; null: none. Not counting what a parent team is granted. */
  findGrant(teamId: number, repositoryId: number): Promise<number | null>;
  listGrants(teamId: number, page: PageRequest): Promise<Page<{ readonly repositoryId: number; readonly level: number }>>;
  countMembersAndGrants(teamId: number): Promise<{ readonly members: number; readonly repositories: number }>;
  setGrant(teamId: number, repositoryId: number, level: number): Promise<void>;
  removeGrant(teamId: number, repositoryId: number): Promise<boolean>;
}
