import { randomBytes } from 'node:crypto';
import type { Caller } from '#model/caller.ts';
import { insertUser } from '../accounts/create-user.ts';
import { change, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';
import { insertToken } from '../tokens/mint-token.ts';

const aDay = 24 * 60 * 60 * 1000;

/** Everything a site admin may do over the APIs; the bypass scopes are never among it (decision 30). */
export const adminScopes: readonly string[] = [
  ...['admin:enterprise', 'admin:gpg_key', 'admin:org', 'admin:public_key', 'admin:repo_hook', 'admin:ssh_signing_key'],
  ...['delete_repo', 'read:audit_log', 'repo', 'site_admin', 'user', 'workflow'],
];

export interface FirstCredentials {
  readonly login: string;
  readonly password: string;
  readonly token: string;
}

/** Creates the site admin `admin` on an empty store, with a one-time password and a token for a day. Null: there are users already. */
export async function prepareFirstStart(context: Context, operator: Caller): Promise<FirstCredentials | null> {
  if ((await context.store.read.accounts.countUsers()) > 0) return null;
  const password = randomBytes(15).toString('base64url');
  const hash = await context.hashPassword(password);
  return change<FirstCredentials | null>(context, operator, async (tx, record, as) => {
    if ((await tx.accounts.countUsers()) > 0) return new Unchanged(null);
    const admin = await insertUser(tx, record, { login: 'admin', email: null, siteAdmin: true, password }, hash);
    const token = { user: admin.login, name: 'first start', note: null, scopes: adminScopes, expiresAt: tx.now + aDay, bypass: null };
    const { secret } = await insertToken(tx, record, as, token);
    return { login: admin.login, password, token: secret };
  });
}
