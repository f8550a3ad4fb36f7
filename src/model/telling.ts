import type { Account, Organization, Team, User } from './account.ts';
import type { CheckRun, CommitStatus } from './checks.ts';
import type { Protection } from './protection.ts';
import type { RefUpdate } from './ref-update.ts';
import type { Repository } from './repository.ts';

/** What was before, by the names of the fields that changed. */
export type Before = Readonly<Record<string, unknown>>;

interface InRepository {
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
  | ({ readonly kind: 'status'; readonly status: CommitStatus } & InRepository)
  | ({ readonly kind: 'check-run'; readonly action: 'created' | 'completed'; readonly run: CheckRun } & InRepository)
  | ({
      readonly kind: 'protection';
      readonly action: 'created' | 'edited' | 'deleted';
      readonly protection: Protection;
      readonly before: Protection | null;
      /** Whether the repository had protections, and has: the first one switches protection on, the last one off. */
      readonly switched: 'enabled' | 'disabled' | null;
    } & InRepository)
  | ({
      readonly kind: 'member';
      readonly action: 'added' | 'edited' | 'removed';
      readonly member: User;
      readonly rung: number | null;
      readonly oldRung: number | null;
    } & InRepository)
  | ({
      readonly kind: 'repository';
      readonly action: 'created' | 'edited' | 'renamed' | 'archived' | 'unarchived' | 'publicized' | 'privatized' | 'deleted';
      readonly before: Before;
    } & InRepository)
  | ({ readonly kind: 'team'; readonly action: 'created' | 'edited' | 'deleted'; readonly before: Before } & InTeam)
  | ({
      readonly kind: 'team-repository';
      readonly action: 'added_to_repository' | 'edited' | 'removed_from_repository';
      readonly rung: number | null;
      readonly oldRung: number | null;
    } & InTeam &
      InRepository)
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

/** Of a change in a repository. */
export function inRepository<T extends Tidings>(
  { repository, owner }: InRepository,
  tidings: T,
): Pick<Telling, 'repositoryId' | 'ownerId' | 'tidings'> {
  return { repositoryId: repository.id, ownerId: owner.id, tidings };
}
