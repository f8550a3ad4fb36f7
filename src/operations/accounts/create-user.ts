import type { User } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import { emailProblem, loginProblem } from '#model/names.ts';
import type { Transaction } from '#model/ports/store.ts';
import { invalid } from '#model/problem.ts';
import { requireSiteAdmin } from '../access.ts';
import { change, type Recorder } from '../change.ts';
import type { Context } from '../context.ts';

export interface NewPerson {
  readonly login: string;
  readonly email: string | null;
  readonly siteAdmin: boolean;
  /** In the clear, once; null: no sign-in by password. */
  readonly password: string | null;
}

/** Creates a person. Site admins and the operator only. */
export async function createUser(context: Context, caller: Caller, person: NewPerson): Promise<User> {
  // Hashing takes its time on purpose; not while everybody waits for the lock.
  const hash = person.password === null ? null : await context.hashPassword(person.password);
  return change(context, caller, async (tx, record, as) => {
    requireSiteAdmin(as);
    return insertUser(tx, record, person, hash);
  });
}

/** Part of a larger step, such as the first start. */
export async function insertUser(
  tx: Transaction,
  record: Recorder,
  { login, email, siteAdmin }: NewPerson,
  passwordHash: string | null,
): Promise<User> {
  await refuseTakenLogin(tx, login, 'User');
  if (email !== null && emailProblem(email) !== null) throw invalid('email', emailProblem(email)!, 'custom', 'User');
  if (email !== null && (await tx.accounts.findByEmail(email)) !== null)
    throw invalid('email', 'email is already in use', 'already_exists', 'User');
  const user = await tx.accounts.insertUser({ kind: 'user', login, name: null, email, siteAdmin, maker: null, app: null });
  if (passwordHash !== null) await tx.accounts.setPassword(user.id, passwordHash);
  record({ action: 'user.create', operation: 'create', user: { id: user.id, login }, data: { site_admin: siteAdmin } });
  return user;
}

export async function refuseTakenLogin(tx: Transaction, login: string, resource: string): Promise<void> {
  const problem = loginProblem(login);
  if (problem !== null) throw invalid('login', `Login ${problem}`, 'custom', resource);
  if ((await tx.accounts.findByLogin(login)) !== null) throw invalid('login', 'login is already taken', 'already_exists', resource);
}
