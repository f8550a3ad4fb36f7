import type { Account } from '#model/account.ts';
import type { Caller } from '#model/caller.ts';
import { invalid, notFound, ProblemError } from '#model/problem.ts';
import type { Repository } from '#model/repository.ts';
import type { AppPermissions } from '#model/token.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';
import type { Minted } from './mint-token.ts';
import { hashToken, newTokenSecret } from './secret.ts';

const anHour = 60 * 60 * 1000;

export interface InstallationTokenInput {
  /** Names of repositories of the account; null: all of them. */
  readonly repositories: readonly string[] | null;
  readonly repositoryIds: readonly number[] | null;
  /** Fewer than the installation has; null: all of them. */
  readonly permissions: AppPermissions | null;
}

/** A token by which an app acts in one account for an hour. The app proved itself with its private key. */
export function mintInstallationToken(
  context: Context,
  caller: Caller,
  installationId: number,
  input: InstallationTokenInput,
): Promise<Minted & { repositories: Repository[] | null; account: Account }> {
  return change(context, caller, async (tx, record, as) => {
    if (as.kind !== 'app') throw new ProblemError({ kind: 'unauthenticated', why: 'a JSON web token of the app is needed' });
    const installation = await tx.apps.findInstallation(installationId);
    const account = installation?.appId === as.app.id ? await tx.accounts.findById(installation.accountId) : null;
    if (installation === null || account === null) throw notFound('installation');
    const permissions = input.permissions ?? installation.permissions;
    const exceeds = Object.entries(permissions).filter(([name, level]) => !covers(installation.permissions[name], level));
    if (exceeds.length > 0)
      throw invalid('permissions', 'The permissions requested are not granted to this installation.', 'invalid', 'Installation');
    const named = await Promise.all((input.repositories ?? []).map((name) => tx.repositories.findByName(installation.accountId, name)));
    const byId = await tx.repositories.listByIds(input.repositoryIds ?? []);
    const chosen = [...named, ...byId];
    const isAccessible =
      chosen.every((repository) => repository?.ownerId === installation.accountId) && byId.length === (input.repositoryIds ?? []).length;
    if (!isAccessible)
      throw invalid(
        'repositories',
        'There is at least one repository that does not exist or is not accessible to the parent installation.',
        'invalid',
        'Installation',
      );
    const isLimited = input.repositories !== null || input.repositoryIds !== null;
    const repositories = isLimited ? (chosen as Repository[]) : null;
    const secret = newTokenSecret();
    const token = await tx.tokens.insert({
      kind: 'installation',
      userId: as.app.botId,
      name: as.app.slug,
      note: null,
      scopes: [],
      bounds: null,
      installation: { id: installation.id, permissions, repositories: repositories?.map((repository) => repository.id) ?? null },
      lastEight: secret.slice(-8),
      expiresAt: tx.now + anHour,
      hash: hashToken(secret),
    });
    record({
      action: 'integration_installation.create_token',
      operation: 'authentication',
      data: { app: as.app.slug, installation_id: installation.id, permissions, token_id_created: token.id },
    });
    return { token, secret, repositories, account };
  });
}

function covers(granted: 'read' | 'write' | undefined, wanted: 'read' | 'write'): boolean {
  return granted === 'write' || granted === wanted;
}
