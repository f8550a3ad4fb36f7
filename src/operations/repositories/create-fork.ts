import { randomUUID } from 'node:crypto';
import type { Account } from '#model/account.ts';
import { type Caller, repositorySubject } from '#model/caller.ts';
import { isCapable } from '#model/capability.ts';
import { type Reads, StoreUnavailable, type Transaction } from '#model/ports/store.ts';
import { conflict, forbidden, invalid } from '#model/problem.ts';
import { branchRef } from '#model/ref-name.ts';
import { defaultSettings, type Repository } from '#model/repository.ts';
import { type Reached, type RepositoryKey, reachCode, reachRepository, requireActor } from '../access.ts';
import { change, type Recorder, Unchanged } from '../change.ts';
import { onDisk } from '../content/names.ts';
import type { Context } from '../context.ts';
import { findNewOwner, refuseBadName, refuseTakenName } from './create-repository.ts';
import { nameFolder } from './name-folder.ts';

interface ForkInput {
  /** Null: the fork becomes the caller's own. */
  readonly organization: string | null;
  /** Null: as its parent, or, where that is taken, with a number behind it. */
  readonly name: string | null;
  /** Neither other branches nor tags. */
  readonly onlyDefaultBranch: boolean;
}

/**
 * Forks a repository: branches and tags as they are now, and neither protections nor hidden refs. An account has one repository of a
 * network: asking again answers with that. The folder is made first, under a name of its own, which is in the row: whatever ends the
 * server, one of them can be put right by the other.
 */
export async function createFork(context: Context, caller: Caller, key: RepositoryKey, input: ForkInput): Promise<Repository> {
  const { gate, store } = context;
  if (input.name !== null) refuseBadName(input.name);
  const early = await plan(store.read, caller, key, input, Date.now());
  if ('existing' in early) return withFolder(context, early.existing);
  const { parent } = early;
  const making = `fork-${randomUUID()}`;
  const copied = await copy(context, caller, parent.repository, input, making);
  const fork = await change(context, caller, (tx, record, as) =>
    insert(tx, record, as, { parent: parent.repository, input, making, copied }),
  ).catch(async (error: unknown) => {
    // Where the store did not answer, the row may be there all the same.
    if (!(error instanceof StoreUnavailable)) await gate.repositories.discardMade(making);
    throw error;
  });
  if ((await store.read.repositories.findMaking(fork.id)) !== making) await gate.repositories.discardMade(making);
  return withFolder(context, fork);
}

/** Copies refs and what they reach. Returns how many; where it cannot, whoever lost the repository meanwhile is told that. */
async function copy(context: Context, caller: Caller, parent: Repository, input: ForkInput, making: string): Promise<number> {
  const { gate, store } = context;
  using _turn = await gate.slots.take(requireActor(caller).user.id);
  const source = onDisk(gate, parent);
  const { refs } = await source.refs.table();
  const main = refs.get(branchRef(parent.defaultBranch));
  const wanted = input.onlyDefaultBranch
    ? [main].flatMap((ref) => ref ?? [])
    : [...refs.startingWith('refs/heads/'), ...refs.startingWith('refs/tags/')];
  await gate.repositories.makeFork(making, source, wanted, parent.defaultBranch).catch(async (error: unknown) => {
    await plan(store.read, caller, { id: parent.id }, input, Date.now());
    throw error;
  });
  return wanted.length;
}

interface Insertion {
  /** As it was when it was copied. */
  readonly parent: Repository;
  readonly input: ForkInput;
  readonly making: string;
  readonly copied: number;
}

async function insert(
  tx: Transaction,
  record: Recorder,
  as: Caller,
  { parent: before, input, making, copied }: Insertion,
): Promise<Repository | Unchanged<Repository>> {
  const parentId = before.id;
  const planned = await plan(tx, as, { id: parentId }, input, tx.now);
  if ('existing' in planned) return new Unchanged(planned.existing);
  // What was copied while it was private must not come out because the parent has become public since.
  if (planned.parent.repository.visibility !== before.visibility)
    throw conflict('The visibility of the repository has changed. Try again.');
  const { account, name, parent, root } = planned;
  const { description, homepage, visibility, defaultBranch, objectFormat, pushedAt, settings } = parent.repository;
  const fork = await tx.repositories.insert(
    {
      ...{ ownerId: account.id, name, description, homepage, visibility, defaultBranch, objectFormat, archived: false },
      settings: { ...defaultSettings, hasIssues: false, allowForking: settings.allowForking },
    },
    {
      ...{ parentId, sourceId: root.id, making },
      visibilityLimit: visibility === 'public' ? parent.repository.visibilityLimit : visibility,
      pushedAt: copied === 0 ? null : (pushedAt ?? tx.now),
    },
  );
  const data = { visibility, default_branch: defaultBranch, fork_parent_id: parentId, fork_source_id: root.id, refs: copied };
  const fork_parent = `${parent.owner.login}/${parent.repository.name}`;
  record({ action: 'repo.create', operation: 'create', ...repositorySubject(fork, account), data: { ...data, fork_parent } });
  return fork;
}

type Plan =
  /** What the account has of the network already. */
  | { readonly existing: Repository }
  | { readonly parent: Reached; readonly root: { readonly id: number }; readonly account: Account; readonly name: string };

/** Whether the caller may, and what would be made; asked early and again in the transaction. */
async function plan(reads: Reads, caller: Caller, key: RepositoryKey, input: ForkInput, now: number): Promise<Plan> {
  const actor = requireActor(caller);
  const parent = await reachCode(reads, caller, key, now);
  const { id, visibility, sourceId, settings } = parent.repository;
  // It has no account that it could reach what it has made by.
  if (actor.actor.who.kind === 'app' && input.organization === null) throw forbidden('an app with an account of its own');
  if (!isCapable(actor.capabilities, 'repository:administer', visibility)) throw forbidden('a token with the scope repo');
  const account = await findNewOwner(reads, actor, input.organization, now);
  const root = { id: sourceId ?? id };
  const existing = await reads.repositories.findInNetwork(account.id, root.id);
  if (existing !== null) return { existing: (await reachRepository(reads, caller, { id: existing.id }, now)).repository };
  if (visibility !== 'public' && !settings.allowForking) throw forbidden('forking to be allowed there');
  const name = input.name ?? (await freeName(reads, account, parent.repository.name));
  await refuseTakenName(reads, account, name);
  return { parent, root, account, name };
}

const maximumTries = 20;

/** GitHub: an own repository of that name, that has nothing to do with it, is no reason not to fork. */
async function freeName(reads: Reads, { id }: Account, wanted: string): Promise<string> {
  for (let number = 0; number < maximumTries; number++) {
    const name = number === 0 ? wanted : `${wanted}-${number}`;
    if ((await reads.repositories.findByName(id, name)) === null) return name;
  }
  throw invalid('name', 'name already exists on this account', 'custom', 'Repository');
}

async function withFolder({ gate }: Context, fork: Repository): Promise<Repository> {
  if (!(await nameFolder(gate, fork.id))) throw new Error('the folder of a repository is gone');
  return fork;
}
