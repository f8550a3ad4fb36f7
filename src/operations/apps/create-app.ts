import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { Caller } from '#model/caller.ts';
import { loginProblem, slugOf, textProblem } from '#model/names.ts';
import { forbidden, invalid, notFound } from '#model/problem.ts';
import type { App, AppPermissions } from '#model/token.ts';
import { requireCapability, requireOrganizationOwner, requireSiteAdmin } from '../access.ts';
import { change } from '../change.ts';
import type { Context } from '../context.ts';

export interface AppInput {
  readonly slug: string;
  readonly name: string;
  /** Login of the account that owns it. */
  readonly owner: string;
  readonly description: string | null;
  readonly externalUrl: string;
  readonly permissions: AppPermissions;
  readonly events: readonly string[];
}

const bits = 2048;

/** Registers an app with a bot account of its own. Its private key is in the answer and nowhere else. */
export async function createApp(context: Context, caller: Caller, input: AppInput): Promise<{ app: App; privateKey: string }> {
  const keys = await promisify(generateKeyPair)('rsa', { modulusLength: bits });
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const app = await change(context, caller, async (tx, record, as) => {
    const owner = await tx.accounts.findByLogin(input.owner);
    if (owner === null) throw notFound('owner');
    if (owner.kind === 'organization') await requireOrganizationOwner(tx, as, owner, tx.now);
    else if (as.kind !== 'actor' || as.user.id !== owner.id) requireSiteAdmin(as);
    else requireCapability(as, 'user:write');
    if (as.kind === 'actor' && as.token?.bounds != null) throw forbidden('an ordinary token');
    const problem =
      textProblem(input.name, 100) ??
      (slugOf(input.slug) === input.slug ? loginProblem(input.slug) : 'may only contain lower-case letters, digits and hyphens');
    if (problem !== null) throw invalid('slug', `slug or name ${problem}`, 'invalid', 'Integration');
    const wrong = Object.entries(input.permissions).filter(([name]) => !/^[a-z_]{1,64}$/.test(name));
    if (wrong.length > 0) throw invalid('permissions', 'a permission is named with lower-case letters', 'invalid', 'Integration');
    if ((await tx.apps.findBySlug(input.slug)) !== null) throw invalid('slug', 'slug is already taken', 'already_exists', 'Integration');
    const login = `${input.slug}[bot]`;
    const maker = owner.kind === 'organization' ? null : owner.id;
    const bot = await tx.accounts.insertUser({ kind: 'robot', login, name: input.name, email: null, siteAdmin: false, maker, app: null });
    const { slug, name, description, externalUrl, permissions, events } = input;
    const created = await tx.apps.insert({
      slug,
      name,
      ownerId: owner.id,
      description,
      externalUrl,
      permissions,
      events,
      publicKey,
      botId: bot.id,
    });
    await tx.accounts.updateUser(bot.id, { app: created.id });
    record({
      action: 'integration.create',
      operation: 'create',
      user: { id: bot.id, login },
      data: { app: slug, app_id: created.id, permissions, owner: owner.login },
    });
    return created;
  });
  return { app, privateKey: keys.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString() };
}
