import type { Selectable } from 'kysely';
import type { Account, Organization, User } from '#model/account.ts';
import type { Accounts, NewUser } from '#model/ports/store-accounts.ts';
import { first, prepared } from './prepared.ts';
import { type Executor, flag, inOrderOf, nameKey } from './rows.ts';
import type { Schema } from './schema.ts';

export function accounts(db: Executor, now: () => number): Accounts {
  const insert = async (
    kind: Account['kind'],
    row: Pick<Selectable<Schema['account']>, 'login' | 'name'> & Partial<Selectable<Schema['account']>>,
  ): Promise<Account> => {
    const { id } = await db.insertInto('principal').values({ kind }).returning('id').executeTakeFirstOrThrow();
    const at = now();
    const full = {
      site_admin: 0,
      base_permission: 0,
      state: 'active',
      created_at: at,
      updated_at: at,
      ...row,
      id,
      kind,
      login_key: nameKey(row.login),
    } as const;
    return toAccount(await db.insertInto('account').values(full).returningAll().executeTakeFirstOrThrow());
  };

  return {
    async findById(id) {
      const row = await first(selectById(db, { id }));
      return row && toAccount(row);
    },

    async findByLogin(login) {
      const row = await db.selectFrom('account').selectAll().where('login_key', '=', nameKey(login)).executeTakeFirst();
      return row ? toAccount(row) : null;
    },

    async findByEmail(email) {
      const row = await db.selectFrom('account').selectAll().where('email_key', '=', nameKey(email)).executeTakeFirst();
      return row ? toUser(row) : null;
    },

    async listByIds(ids) {
      if (ids.length === 0) return [];
      const rows = await db
        .selectFrom('account')
        .selectAll()
        .where('id', 'in', [...ids])
        .execute();
      return inOrderOf(ids, rows.map(toAccount), (account) => account.id);
    },

    async listByEmails(emails) {
      if (emails.length === 0) return [];
      const rows = await db.selectFrom('account').selectAll().where('email_key', 'in', emails.map(nameKey)).execute();
      return rows.map(toUser);
    },

    async listByLogins(logins) {
      if (logins.length === 0) return [];
      const keys = logins.map(nameKey);
      const rows = await db.selectFrom('account').selectAll().where('login_key', 'in', keys).execute();
      return inOrderOf(keys, rows.map(toAccount), (account) => nameKey(account.login));
    },

    async insertUser({ kind, login, name, email, siteAdmin, maker, app }: NewUser) {
      const emailKey = email === null ? null : nameKey(email);
      const row = { login, name, email, email_key: emailKey, site_admin: flag(siteAdmin), maker_id: maker, app_id: app };
      return (await insert(kind, row)) as User;
    },

    async insertOrganization({ login, name, description, basePermission }) {
      return (await insert('organization', { login, name, description, base_permission: basePermission })) as Organization;
    },

    async updateUser(id, { name, email, siteAdmin, state, app }) {
      const changes = {
        ...(name !== undefined && { name }),
        ...(email !== undefined && { email, email_key: email === null ? null : nameKey(email) }),
        ...(siteAdmin !== undefined && { site_admin: flag(siteAdmin) }),
        ...(state !== undefined && { state }),
        ...(app !== undefined && { app_id: app }),
        updated_at: now(),
      };
      await db.updateTable('account').set(changes).where('id', '=', id).execute();
    },

    async updateOrganization(id, { name, description, basePermission }) {
      const changes = {
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
        ...(basePermission !== undefined && { base_permission: basePermission }),
        updated_at: now(),
      };
      await db.updateTable('account').set(changes).where('id', '=', id).execute();
    },

    async setPassword(userId, hash) {
      await db.updateTable('account').set({ password_hash: hash, updated_at: now() }).where('id', '=', userId).execute();
    },

    async countUsers() {
      const { users } = await db
        .selectFrom('account')
        .select((expression) => expression.fn.countAll<number>().as('users'))
        .where('kind', '=', 'user')
        .executeTakeFirstOrThrow();
      return Number(users);
    },
  };
}

const selectById = prepared((db, { id }: { readonly id: number }) => db.selectFrom('account').selectAll().where('id', '=', id));

type AccountRow = Selectable<Schema['account']>;

function toAccount(row: AccountRow): Account {
  return row.kind === 'organization' ? toOrganization(row) : toUser(row);
}

export function toOrganization(row: AccountRow): Organization {
  return {
    kind: 'organization',
    id: row.id,
    login: row.login,
    name: row.name,
    description: row.description,
    basePermission: row.base_permission,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function toUser(row: AccountRow): User {
  return {
    kind: row.kind === 'robot' ? 'robot' : 'user',
    id: row.id,
    login: row.login,
    name: row.name,
    email: row.email,
    siteAdmin: row.site_admin === 1,
    state: row.state,
    maker: row.maker_id,
    app: row.app_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
