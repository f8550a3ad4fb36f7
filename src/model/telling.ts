import type { Account, Organization, Team, User } from './account.ts';
import type { CheckRun, CommitStatus } from './checks.ts';
import type { Protection } from './protection.ts';
import type { RefUpdate } from './ref-update.ts';
import type { Repository } from './repository.ts';

/** What was before, by the names of the fields that changed. */
type Before = Readonly<Record<string, unknown>>;

export interface Place {
  /** As it was when it happened: it may be gone, or called otherwise, when hooks hear of it. */
  readonly repository: Repository;
  readonly owner: Account;
}

interface InTeam {
  readonly organization: Organization;
  readonly team: Team;
}

/** What hooks are told, in the terms of the model; a dialect makes payloads of it. */
export type Tidings =
  /** Refs that a push, or a write by the server, has moved; `auditNumber` says who did it. */
  | { readonly kind: 'refs'; readonly updates: readonly RefUpdate[]; readonly auditNumber: number }
  | { readonly kind: 'default-branch'; readonly from: string; readonly auditNumber: number }
  | { readonly kind: 'ping' }
  /** As if the newest commit of the default branch had just been pushed. */
  | { readonly kind: 'test-push'; readonly refName: string }
  | ({ readonly kind: 'status'; readonly status: CommitStatus } & Place)
  | ({ readonly kind: 'check-run'; readonly action: 'created' | 'completed'; readonly run: CheckRun } & Place)
  | ({
      readonly kind: 'protection';
      readonly action: 'created' | 'edited' | 'deleted';
      readonly protection: Protection;
      /** Of an edited one. */
      readonly before: Protection | null;
    } & Place)
  | ({
      readonly kind: 'member';
      readonly action: 'added' | 'edited' | 'removed';
      readonly member: User;
      readonly rung: number | null;
      readonly oldRung: number | null;
    } & Place)
  | ({
      readonly kind: 'repository';
      readonly action: 'created' | 'edited' | 'renamed' | 'archived' | 'unarchived' | 'publicized' | 'privatized' | 'deleted';
      readonly before: Before;
    } & Place)
  | ({ readonly kind: 'team'; readonly action: 'created' | 'edited' | 'deleted'; readonly before: Before } & InTeam)
  | ({
      readonly kind: 'team-repository';
      readonly action: 'added_to_repository' | 'edited' | 'removed_from_repository';
      readonly rung: number | null;
      readonly oldRung: number | null;
    } & InTeam &
      Place)
  | ({ readonly kind: 'membership'; readonly action: 'added' | 'removed'; readonly member: User } & InTeam)
  | {
      readonly kind: 'organization-member';
      readonly action: 'member_added' | 'member_removed';
      readonly organization: Organization;
      readonly member: User;
      readonly level: number;
    };

/** One thing to tell, and whose hooks hear it: the repository's and those of its owner. */
export interface Telling {
  readonly repositoryId: number | null;
  readonly ownerId: number;
  /** For this hook alone, whatever it listens to. */
  readonly hookId: number | null;
  /** Who caused it; null: the operator, or the audit entry says who. */
  readonly senderId: number | null;
  readonly tidings: Tidings;
}

/** A telling that waits in the outbox. */
export interface Told extends Telling {
  readonly id: number;
  readonly at: number;
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Of something that happened in a repository. */
export function inRepository(
  { repository, owner }: Place,
  tidings: Without<Extract<Tidings, Place>, keyof Place>,
): Pick<Telling, 'repositoryId' | 'ownerId' | 'tidings'> {
  return { repositoryId: repository.id, ownerId: owner.id, tidings: { ...tidings, repository, owner } as Tidings };
}

/** Of something that happened in an organization, and in none of its repositories. */
export function inOrganization(
  organization: Organization,
  tidings: Without<Exclude<Extract<Tidings, { organization: Organization }>, Place>, 'organization'>,
): Pick<Telling, 'repositoryId' | 'ownerId' | 'tidings'> {
  return { repositoryId: null, ownerId: organization.id, tidings: { ...tidings, organization } as Tidings };
}
