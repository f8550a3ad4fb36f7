import { generateKeyPairSync } from 'node:crypto';
import { generateKey } from 'openpgp';
import { createOrganization } from '#operations/accounts/create-organization.ts';
import { createUser } from '#operations/accounts/create-user.ts';
import { setSiteAdmin } from '#operations/accounts/set-site-admin.ts';
import { setUserState } from '#operations/accounts/set-user-state.ts';
import { createApp } from '#operations/apps/create-app.ts';
import { installApp, uninstallApp } from '#operations/apps/install-app.ts';
import { addGpgKey, addSshSigningKey } from '#operations/keys/add-signing-key.ts';
import { removeSigningKey } from '#operations/keys/remove-signing-key.ts';
import { mintInstallationToken } from '#operations/tokens/mint-installation-token.ts';
import { mintToken } from '#operations/tokens/mint-token.ts';
import { revokeToken } from '#operations/tokens/revoke-token.ts';
import { ed25519Blob } from '#signatures/ssh-key.ts';
import { operator } from '../../support/personas.ts';
import type { AuditStage, Row } from './stage.ts';

/** Never in any entry. */
export const password = 'correct horse battery staple';

const sshKey = (): string => `ssh-ed25519 ${ed25519Blob(generateKeyPairSync('ed25519').publicKey).toString('base64')}`;

async function gpgKey(email: string): Promise<string> {
  const { publicKey } = await generateKey({ type: 'curve25519', userIDs: [{ name: 'Somebody', email }] });
  return publicKey;
}

const appInput = (slug: string) => ({
  ...{ slug, name: slug, owner: 'acme', description: null, externalUrl: 'https://example.com' },
  ...{ permissions: { contents: 'write' as const }, events: [] },
});

async function newApp(stage: AuditStage): Promise<string> {
  const { app } = await createApp(stage.context, await stage.by(stage.cast.owner), appInput(stage.name('app')));
  return app.slug;
}

const tokenInput = { user: null, name: 'bot', note: null, scopes: ['repo'], expiresAt: null, bypass: null };

export const accountRows: readonly Row[] = [
  {
    operation: 'accounts/create-user.ts createUser',
    what: 'a person is created, with a password',
    async ready(stage) {
      const by = await stage.by(stage.cast.admin);
      const person = { login: stage.name('new'), email: null, siteAdmin: true, password };
      return { by, ask: (context) => createUser(context, by, person), entries: [{ action: 'user.create', data: { site_admin: true } }] };
    },
  },
  {
    operation: 'accounts/create-organization.ts createOrganization',
    what: 'an organization is created with its owner',
    async ready(stage) {
      const by = await stage.by(stage.cast.admin);
      const input = { login: stage.name('org'), admin: 'olga', name: null, basePermission: 0 };
      const entries = [{ action: 'org.create' }, { action: 'org.add_member', data: { permission: 'admin' } }];
      return { by, ask: (context) => createOrganization(context, by, input), entries };
    },
  },
  ...([true, false] as const).map(
    (siteAdmin): Row => ({
      operation: 'accounts/set-site-admin.ts setSiteAdmin',
      what: siteAdmin ? 'a person becomes a site admin' : 'a site admin becomes an ordinary person',
      async ready(stage) {
        const [{ login }, by] = [await stage.person(), await stage.by(stage.cast.admin)];
        if (!siteAdmin) await setSiteAdmin(stage.context, by, login, true);
        const entries = [{ action: siteAdmin ? 'user.promote' : 'user.demote' }];
        return { by, ask: (context) => setSiteAdmin(context, by, login, siteAdmin), entries };
      },
    }),
  ),
  ...(['suspended', 'active'] as const).map(
    (state): Row => ({
      operation: 'accounts/set-user-state.ts setUserState',
      what: `a person is made ${state}`,
      async ready(stage) {
        const [{ login }, by] = [await stage.person(), await stage.by(stage.cast.admin)];
        if (state === 'active') await setUserState(stage.context, by, login, 'suspended');
        const entries = [{ action: state === 'active' ? 'user.unsuspend' : 'user.suspend' }];
        return { by, ask: (context) => setUserState(context, by, login, state), entries };
      },
    }),
  ),
  {
    operation: 'apps/create-app.ts createApp',
    what: 'an app is registered',
    async ready(stage) {
      const [slug, by] = [stage.name('app'), await stage.by(stage.cast.owner)];
      const data = { app: slug, owner: 'acme', permissions: { contents: 'write' } };
      return { by, ask: (context) => createApp(context, by, appInput(slug)), entries: [{ action: 'integration.create', data }] };
    },
  },
  {
    operation: 'apps/install-app.ts installApp',
    what: 'an app is installed',
    async ready(stage) {
      const [slug, by] = [await newApp(stage), await stage.by(stage.cast.owner)];
      const data = { app: slug, permissions: { contents: 'write' } };
      const entries = [{ action: 'integration_installation.create', data }];
      return { by, ask: (context) => installApp(context, by, slug, 'acme'), entries };
    },
  },
  {
    operation: 'apps/install-app.ts uninstallApp',
    what: 'an app is taken off',
    async ready(stage) {
      const [slug, by] = [await newApp(stage), await stage.by(stage.cast.owner)];
      await installApp(stage.context, by, slug, 'acme');
      const entries = [{ action: 'integration_installation.destroy', data: { app: slug } }];
      return { by, ask: (context) => uninstallApp(context, by, slug, 'acme'), entries };
    },
  },
  {
    operation: 'tokens/mint-installation-token.ts mintInstallationToken',
    what: 'an app gets a token',
    async ready(stage) {
      const owner = await stage.by(stage.cast.owner);
      const { app } = await createApp(stage.context, owner, appInput(stage.name('app')));
      const { installation } = await installApp(stage.context, owner, app.slug, 'acme');
      const by = { kind: 'app' as const, app, request: owner.request };
      const input = { repositories: null, repositoryIds: null, permissions: null };
      const data = { app: app.slug, installation_id: installation.id, permissions: { contents: 'write' } };
      const entries = [{ action: 'integration_installation.create_token', data }];
      return { by, ask: (context) => mintInstallationToken(context, by, installation.id, input), entries };
    },
  },
  {
    operation: 'tokens/mint-token.ts mintToken',
    what: 'a token is minted over the API',
    async ready(stage) {
      const by = await stage.by(stage.cast.owner);
      const data = { token_name: 'bot', token_scopes: 'repo' };
      return { by, ask: (context) => mintToken(context, by, tokenInput), entries: [{ action: 'oauth_access.create', data }] };
    },
  },
  {
    operation: 'tokens/mint-token.ts mintToken',
    what: 'an elevated token is minted at the command line',
    async ready() {
      const bypass = { repositories: ['acme/app'], uses: 3 };
      const input = { ...tokenInput, user: 'dev', scopes: ['repo', 'repo:bypass-protection'], bypass };
      const data = { elevated: true, token_scopes: 'repo,repo:bypass-protection', bounds: { grantedBy: 'operator', uses: { max: 3 } } };
      const entries = [{ action: 'oauth_access.create', data }];
      return { by: operator, ask: (context) => mintToken(context, operator, input), entries };
    },
  },
  {
    operation: 'tokens/revoke-token.ts revokeToken',
    what: 'a token is revoked',
    async ready(stage) {
      const by = await stage.by(stage.cast.owner);
      const { token } = await mintToken(stage.context, by, tokenInput);
      const data = { token_name: 'bot', token_id_revoked: token.id, token_scopes: 'repo' };
      return { by, ask: (context) => revokeToken(context, by, token.id), entries: [{ action: 'oauth_access.destroy', data }] };
    },
  },
  {
    operation: 'keys/add-signing-key.ts addGpgKey',
    what: 'a GPG key is registered',
    async ready(stage) {
      const [by, armored] = [await stage.by(stage.cast.developer), await gpgKey('dev@example.com')];
      return { by, ask: (context) => addGpgKey(context, by, armored, null), entries: [{ action: 'gpg_key.create' }] };
    },
  },
  {
    operation: 'keys/add-signing-key.ts addSshSigningKey',
    what: 'an SSH key for signing is registered',
    async ready(stage) {
      const [by, line] = [await stage.by(stage.cast.developer), sshKey()];
      return { by, ask: (context) => addSshSigningKey(context, by, 'laptop', line), entries: [{ action: 'ssh_signing_key.create' }] };
    },
  },
  ...(['gpg', 'ssh'] as const).map(
    (kind): Row => ({
      operation: 'keys/remove-signing-key.ts removeSigningKey',
      what: `a key for signing is removed (${kind})`,
      async ready(stage) {
        const by = await stage.by(stage.cast.developer);
        const { id, fingerprint } =
          kind === 'gpg'
            ? await addGpgKey(stage.context, by, await gpgKey('dev@example.com'), null)
            : await addSshSigningKey(stage.context, by, 'laptop', sshKey());
        const action = kind === 'gpg' ? 'gpg_key.destroy' : 'ssh_signing_key.destroy';
        return { by, ask: (context) => removeSigningKey(context, by, kind, id), entries: [{ action, data: { fingerprint } }] };
      },
    }),
  ),
];
