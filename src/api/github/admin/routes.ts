import { Type } from 'typebox';
import { invalid } from '#model/problem.ts';
import { createOrganization } from '#operations/accounts/create-organization.ts';
import { createUser } from '#operations/accounts/create-user.ts';
import { setSiteAdmin } from '#operations/accounts/set-site-admin.ts';
import { setUserState } from '#operations/accounts/set-user-state.ts';
import { mintToken } from '#operations/tokens/mint-token.ts';
import { created, noContent, type Route, route } from '../../route.ts';
import { simpleOrganization, simpleUser } from '../accounts/from-model.ts';
import { Optional } from '../schemas.ts';
import { timestamp } from '../time.ts';
import { urls } from '../urls.ts';
import { bypassSchema, toBypass } from './bypass-bounds.ts';

/** Site administration as Enterprise Server has it. */
const siteAdmin = { who: 'site-admin' } as const;

/** In organizations made here members may read everything, as on GitHub (spec/model.md section 6). */
const githubBasePermission = 20;

export const adminRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/admin/users',
    access: siteAdmin,
    summary: 'Create a user',
    operation: 'enterprise-admin/users#create-a-user',
    body: Type.Object({ login: Type.String(), email: Optional(Type.String()), suspended: Optional(Type.Boolean()) }),
    handle: async ({ context, caller, body, baseUrl }) => {
      const user = await createUser(context, caller, { login: body.login, email: body.email ?? null, siteAdmin: false, password: null });
      if (body.suspended === true) await setUserState(context, caller, user.login, 'suspended');
      return created(simpleUser(user, urls(baseUrl)));
    },
  }),
  route({
    method: 'POST',
    path: '/admin/organizations',
    access: siteAdmin,
    summary: 'Create an organization',
    operation: 'enterprise-admin/orgs#create-an-organization',
    body: Type.Object({ login: Type.String(), admin: Type.String(), profile_name: Optional(Type.String()) }),
    handle: async ({ context, caller, body, baseUrl }) => {
      const input = { login: body.login, admin: body.admin, name: body.profile_name ?? null, basePermission: githubBasePermission };
      return created(simpleOrganization(await createOrganization(context, caller, input), urls(baseUrl)));
    },
  }),
  route({
    method: 'POST',
    path: '/admin/users/{username}/authorizations',
    access: siteAdmin,
    summary: 'Mint a token for a user; `expires_at` and `bypass` are ours',
    operation: 'enterprise-admin/users#create-an-impersonation-oauth-token',
    body: Type.Object({
      scopes: Type.Array(Type.String()),
      note: Optional(Type.String({ maxLength: 1000 })),
      expires_at: Optional(Type.String()),
      bypass: Optional(bypassSchema),
    }),
    handle: async ({ context, caller, params, body, baseUrl }) => {
      const expiresAt = body.expires_at == null ? null : Date.parse(body.expires_at);
      if (Number.isNaN(expiresAt)) throw invalid('expires_at', 'expires_at is not a date', 'invalid', 'OauthAccess');
      const note = body.note ?? null;
      const name = note?.slice(0, 100).trim() || 'authorization';
      const { token, secret } = await mintToken(context, caller, {
        user: params.username,
        name,
        note,
        scopes: body.scopes,
        expiresAt,
        bypass: body.bypass == null ? null : toBypass(body.bypass),
      });
      const at = timestamp(token.createdAt);
      return created({
        id: token.id,
        url: `${urls(baseUrl).api}/authorizations/${token.id}`,
        app: { name: 'Sallyport', url: urls(baseUrl).base, client_id: '00000000000000000000' },
        token: secret,
        hashed_token: null,
        token_last_eight: token.lastEight,
        note,
        note_url: null,
        created_at: at,
        updated_at: at,
        scopes: token.scopes,
        fingerprint: null,
        expires_at: timestamp(token.expiresAt),
      });
    },
  }),
  ...stateRoutes(
    'suspended',
    'Suspend a user',
    'Let a suspended user back in',
    'suspend-a-user',
    'unsuspend-a-user',
    (on) => (context, caller, login) => setUserState(context, caller, login, on ? 'suspended' : 'active'),
  ),
  ...stateRoutes(
    'site_admin',
    'Make a user a site admin',
    'Make a site admin an ordinary user',
    'promote-a-user-to-be-a-site-administrator',
    'demote-a-site-administrator',
    (on) => (context, caller, login) => setSiteAdmin(context, caller, login, on),
  ),
];

type Setter = (context: Parameters<typeof setUserState>[0], caller: Parameters<typeof setUserState>[1], login: string) => Promise<void>;

/** PUT switches a state of a user on, DELETE off. */
function stateRoutes(name: string, on: string, off: string, onSlug: string, offSlug: string, setter: (on: boolean) => Setter): Route[] {
  return [
    route({
      method: 'PUT',
      path: `/users/{username}/${name}` as '/users/{username}/state',
      access: siteAdmin,
      summary: on,
      operation: `enterprise-admin/users#${onSlug}`,
      handle: async ({ context, caller, params }) => {
        await setter(true)(context, caller, params.username);
        return noContent;
      },
    }),
    route({
      method: 'DELETE',
      path: `/users/{username}/${name}` as '/users/{username}/state',
      access: siteAdmin,
      summary: off,
      operation: `enterprise-admin/users#${offSlug}`,
      handle: async ({ context, caller, params }) => {
        await setter(false)(context, caller, params.username);
        return noContent;
      },
    }),
  ];
}
