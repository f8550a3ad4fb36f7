import type { Membership, User } from '../account.ts';
import type { CheckRun, CommitStatus } from '../checks.ts';
import type { CheckResult } from '../facts.ts';
import type { Protection, Ruleset } from '../protection.ts';
import type { ObjectId } from '../ref-update.ts';
import type { Repository } from '../repository.ts';
import type { Page, PageRequest } from './store-accounts.ts';

export type NewRepository = Omit<Repository, 'id' | 'createdAt' | 'updatedAt' | 'pushedAt' | keyof Place>;

type Place = Pick<Repository, 'parentId' | 'sourceId' | 'visibilityLimit'>;

/** What a fork has more than other new repositories. */
export interface NewFork extends Place {
  readonly parentId: number;
  readonly sourceId: number;
  readonly pushedAt: number | null;
  /** The name of the folder that it was made in. */
  readonly making: string;
}

export type ForkOrder = 'newest' | 'oldest';

export interface Repositories {
  findById(id: number): Promise<Repository | null>;
  /** Names compare without case. */
  findByName(ownerId: number, name: string): Promise<Repository | null>;
  /** Owner and name in one query; null when either is unknown. */
  findByPath(ownerLogin: string, name: string): Promise<Repository | null>;
  listByIds(ids: readonly number[]): Promise<Repository[]>;
  /** Those of one owner that the viewer (null: nobody) may read. */
  listOfOwner(ownerId: number, viewer: Viewer, page: PageRequest): Promise<Page<Repository>>;
  /** All that a user reaches by ownership, membership or team. */
  listOfUser(userId: number, only: 'public' | 'all', page: PageRequest): Promise<Page<Repository>>;
  listAllIds(): Promise<number[]>;
  insert(repository: NewRepository, fork?: NewFork): Promise<Repository>;
  update(id: number, changes: Partial<Omit<NewRepository, 'objectFormat'>> & { pushedAt?: number }): Promise<void>;
  /** Its forks stay; see `leaveNetwork`. */
  remove(id: number): Promise<void>;
  /** The folder in which a fork was made; null: it is no fork. */
  findMaking(id: number): Promise<string | null>;
  /** What an account has of the network with this root; null: nothing. */
  findInNetwork(ownerId: number, rootId: number): Promise<Repository | null>;
  /** Direct forks that the viewer may read. */
  listForks(id: number, viewer: Viewer, order: ForkOrder, page: PageRequest): Promise<Page<Repository>>;
  /** How many direct forks each has; those without are left out. */
  countForks(ids: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** How many forks the network with this root has, forks of forks included. */
  countNetwork(rootId: number): Promise<number>;
  /**
   * Takes a repository out of its network. What was made of it is a fork of nothing any more, and the root of what was made of that: whoever
   * chose this parent chose no other to be brought up to.
   */
  leaveNetwork(id: number): Promise<void>;
  /** The repository that was once called this, unless another has the name now. Null: none was. */
  findRenamed(ownerId: number, oldName: string): Promise<number | null>;
  recordRename(ownerId: number, oldName: string, repositoryId: number): Promise<void>;
  findCollaborator(repositoryId: number, userId: number): Promise<Membership | null>;
  listCollaborators(repositoryId: number, page: PageRequest): Promise<Page<Membership & { readonly user: User }>>;
  setCollaborator(repositoryId: number, userId: number, level: number): Promise<void>;
  removeCollaborator(repositoryId: number, userId: number): Promise<boolean>;
}

/** Who looks at a list: nobody, a user, or a site admin, who sees all. */
export type Viewer = { readonly userId: number; readonly siteAdmin: boolean } | null;

/** All paths by which a user reaches a repository; `policy` makes one rung of them. Expired rows are left out. */
export interface RungSources {
  readonly isPersonalOwner: boolean;
  readonly direct: number | null;
  /** The level in the owning organization; null: no member. */
  readonly organization: number | null;
  readonly basePermission: number;
  readonly teams: readonly { readonly level: number; readonly grant: number }[];
}

export interface Standings {
  readRungSources(userId: number, repositoryId: number, now: number): Promise<RungSources>;
  /** The same for many repositories at once, by their ids. */
  readRungSourcesOfMany(userId: number, repositoryIds: readonly number[], now: number): Promise<ReadonlyMap<number, RungSources>>;
  /** Of these users, those who have a live row of their own: in the owning organization, or as collaborators. */
  listTies(
    userIds: readonly number[],
    repository: Pick<Repository, 'id' | 'ownerId'>,
    now: number,
  ): Promise<{ readonly members: ReadonlySet<number>; readonly collaborators: ReadonlySet<number> }>;
  /** Ids of the teams of one organization that the user is in now: directly, and with all parents of those. */
  readTeams(userId: number, organizationId: number): Promise<{ readonly direct: readonly number[]; readonly all: readonly number[] }>;
}

export type NewProtection = Omit<Protection, 'id' | 'version'>;

export interface Rules {
  /** The repository's own protections and its organization's. */
  listProtections(repositoryId: number, ownerId: number): Promise<Protection[]>;
  listProtectionsOfOrganization(organizationId: number): Promise<Protection[]>;
  listRulesets(repositoryId: number, ownerId: number): Promise<Ruleset[]>;
  insertProtection(protection: NewProtection): Promise<Protection>;
  /** Raises the version. */
  updateProtection(
    id: number,
    changes: Partial<Pick<Protection, 'pattern' | 'origin' | 'rules' | 'enforceAdmins' | 'manage' | 'native'>>,
  ): Promise<Protection>;
  removeProtection(id: number): Promise<void>;
}

export type NewStatus = Omit<CommitStatus, 'id' | 'createdAt'>;
export type NewCheckRun = Omit<CheckRun, 'id'>;

export interface Checks {
  insertStatus(status: NewStatus): Promise<CommitStatus>;
  countStatuses(repositoryId: number, commit: ObjectId, context: string): Promise<number>;
  /** Newest first. */
  listStatuses(repositoryId: number, commit: ObjectId, page: PageRequest): Promise<Page<CommitStatus>>;
  /** The newest of each context, in the order of contexts. */
  listNewestStatuses(repositoryId: number, commit: ObjectId): Promise<CommitStatus[]>;
  insertRun(run: NewCheckRun): Promise<CheckRun>;
  updateRun(id: number, changes: Partial<Omit<NewCheckRun, 'repositoryId' | 'commit' | 'appId' | 'creatorId'>>): Promise<void>;
  findRun(repositoryId: number, id: number): Promise<CheckRun | null>;
  /** Newest first. */
  listRuns(repositoryId: number, commit: ObjectId): Promise<CheckRun[]>;
  /** What required checks look at: for each commit, kind, name and app the newest result. */
  listResults(repositoryId: number, commits: readonly ObjectId[]): Promise<Map<ObjectId, CheckResult[]>>;
  /** The app that reported a check of this name last, within a week; null: none did. */
  findRecentApp(repositoryId: number, context: string, since: number): Promise<number | null>;
}

export interface BranchRenames {
  /** The present name of a branch that was once called this; null: never renamed away. */
  findNewName(repositoryId: number, oldName: string): Promise<string | null>;
  record(repositoryId: number, oldName: string, newName: string): Promise<void>;
  /** Branches were created with these names: they no longer lead elsewhere. */
  forget(repositoryId: number, names: readonly string[]): Promise<void>;
}
