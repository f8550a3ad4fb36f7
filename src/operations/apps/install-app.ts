import type { Account } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import { capabilitiesOfApp, isCapable } from '#model/capability.ts';
import type { Reads } from '#model/ports/store.ts';
import { forbidden, notFound } from '#model/problem.ts';
import type { App, AppPermissions, Installation } from '#model/token.ts';
import { requireCapability, requireOrganizationOwner, requireSiteAdmin } from '../access.ts';
import { change, Unchanged } from '../change.ts';
import type { Context } from '../context.ts';

/** Installs an app on an account, for all its repositories, with the permissions the app asks for. */
export function installApp(
  context: Context,
  caller: Caller,
  slug: string,
  login: string,
): Promise<{ installation: Installation; app: App; account: Account }> {
  return change(context, caller, async (tx, record, as) => {
    const { app, account } = await reachInstallable(tx, as, slug, login, tx.now);
    refuseWider(as, app.permissions);
    const present = await tx.apps.findInstallationOn(app.id, account.id);
    if (present !== null) return new Unchanged({ installation: present, app, account });
    const installation = await tx.apps.insertInstallation({ appId: app.id, accountId: account.id, permissions: app.permissions });
    record({
      action: 'integration_installation.create',
      operation: 'create',
      ...subjectOf(account),
      data: { app: slug, installation_id: installation.id, permissions: app.permissions },
    });
    return { installation, app, account };
  });
}

/** Takes an app off an account; its tokens there are dead when this answers. */
export function uninstallApp(context: Context, caller: Caller, slug: string, login: string): Promise<void> {
  return change(
    context,
    caller,
    async (tx, record, as) => {
      const { app, account } = await reachInstallable(tx, as, slug, login, tx.now);
      const installation = await tx.apps.findInstallationOn(app.id, account.id);
      if (installation === null) throw notFound('installation');
      await tx.tokens.revokeOfInstallation(installation.id);
      await tx.apps.removeInstallation(installation.id);
      record({
        action: 'integration_installation.destroy',
        operation: 'remove',
        ...subjectOf(account),
        data: { app: slug, installation_id: installation.id },
      });
    },
    () => 'everywhere',
  );
}

async function reachInstallable(
  reads: Reads,
  caller: Caller,
  slug: string,
  login: string,
  now: number,
): Promise<{ app: App; account: Account }> {
  const app = await reads.apps.findBySlug(slug);
  const account = await reads.accounts.findByLogin(login);
  if (app === null || account === null) throw notFound(app === null ? 'app' : 'account');
  if (account.kind === 'organization') await requireOrganizationOwner(reads, caller, account, now);
  else if (caller.kind !== 'actor' || caller.user.id !== account.id) requireSiteAdmin(caller);
  else requireCapability(caller, 'user:write');
  return { app, account };
}

/** Whoever has the app's private key may do here what the app may: never more than the token that installs it. */
function refuseWider(caller: Caller, permissions: AppPermissions): void {
  if (caller.kind !== 'actor') return;
  const { everywhere } = capabilitiesOfApp(permissions);
  if (![...everywhere].every((one) => isCapable(caller.capabilities, one))) throw forbidden('a token that may do what the app may');
}

function subjectOf(account: Account) {
  return account.kind === 'organization'
    ? { organization: { id: account.id, login: account.login } }
    : { user: { id: account.id, login: account.login } };
}
