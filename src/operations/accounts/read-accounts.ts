import type { Account, User } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import type { Reads } from '#model/ports/store.ts';
import { notFound } from '#model/problem.ts';
import { requireActor } from '../access.ts';
import type { Context } from '../context.ts';

/** The account of a request's credential, as it is now. */
export async function readOwnAccount({ store }: Context, caller: Caller): Promise<User> {
  const { user } = requireActor(caller);
  const account = await store.read.accounts.findById(user.id);
  if (account === null || account.kind === 'organization') throw notFound('user');
  return account;
}

export async function readAccount({ store }: Context, login: string): Promise<Account> {
  const account = await store.read.accounts.findByLogin(login);
  if (account === null) throw notFound('user');
  return account;
}

/** Owners of a list of repositories, each read once. */
export async function readOwners(reads: Reads, ids: readonly number[]): Promise<ReadonlyMap<number, Account>> {
  const accounts = await reads.accounts.listByIds([...new Set(ids)]);
  return new Map(accounts.map((account) => [account.id, account]));
}
