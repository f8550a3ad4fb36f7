import { type Static, Type } from 'typebox';
import { invalid, notFound } from '#model/problem.ts';
import type { Token } from '#model/token.ts';
import { type BypassInput, mintToken, type TokenInput } from '#operations/tokens/mint-token.ts';
import { listOwnTokens, readToken } from '#operations/tokens/read-tokens.ts';
import { revokeToken } from '#operations/tokens/revoke-token.ts';
import { created, noContent, ok, route } from '../../route.ts';
import { pageQuery, readPage, showTime } from '../schemas.ts';
import { mintedOutput, tokenInput, tokenOutput } from './schema.ts';

const signedIn = { who: 'signed-in', capability: 'any' } as const;

export const tokenRoutes = [
  route({
    method: 'GET',
    path: '/tokens',
    access: signedIn,
    summary: "The caller's own tokens, newest first",
    query: pageQuery,
    output: Type.Object({ tokens: Type.Array(tokenOutput), total: Type.Integer() }),
    handle: async ({ context, caller, query }) => {
      const { items, total } = await listOwnTokens(context, caller, readPage(query));
      return ok({ tokens: items.map(tokenObject), total });
    },
  }),
  route({
    method: 'POST',
    path: '/tokens',
    access: signedIn,
    summary: 'Mint a token for oneself. An elevated one needs a token with the scope admin:bypass-token.',
    body: tokenInput,
    output: mintedOutput,
    handle: async ({ context, caller, body }) => {
      const { token, secret } = await mintToken(context, caller, toTokenInput(null, body));
      return created({ ...tokenObject(token), token: secret });
    },
  }),
  route({
    method: 'POST',
    path: '/users/{username}/tokens',
    access: { who: 'site-admin' },
    summary: 'Mint a token for somebody else; site admins only',
    body: tokenInput,
    output: mintedOutput,
    handle: async ({ context, caller, params, body }) => {
      const { token, secret } = await mintToken(context, caller, toTokenInput(params.username, body));
      return created({ ...tokenObject(token), token: secret });
    },
  }),
  route({
    method: 'GET',
    path: '/tokens/{token_id}',
    access: signedIn,
    summary: 'A token: its own, one that the caller granted, or any for site admins',
    output: tokenOutput,
    handle: async ({ context, caller, params }) => ok(tokenObject(await readToken(context, caller, idOf(params.token_id)))),
  }),
  route({
    method: 'DELETE',
    path: '/tokens/{token_id}',
    access: signedIn,
    summary: 'Revoke a token. When this answers, nothing that uses it moves a ref any more.',
    handle: async ({ context, caller, params }) => {
      await revokeToken(context, caller, idOf(params.token_id));
      return noContent;
    },
  }),
];

function toTokenInput(user: string | null, { name, scopes, expires_at, note, bypass }: Static<typeof tokenInput>): TokenInput {
  const expiresAt = expires_at == null ? null : Date.parse(expires_at);
  if (Number.isNaN(expiresAt)) throw invalid('expires_at', 'expires_at is not a time', 'invalid', 'Token');
  return { user, name, note: note ?? null, scopes, expiresAt, bypass: bypass == null ? null : toBypass(bypass) };
}

function toBypass({ repositories, refs, operations, rules, paths, uses }: NonNullable<Static<typeof tokenInput>['bypass']>): BypassInput {
  return {
    repositories,
    ...(refs && { refs }),
    ...(operations && { operations }),
    ...(rules && { rules }),
    ...(paths !== undefined && { paths }),
    ...(uses !== undefined && { uses }),
  };
}

function tokenObject({
  id,
  name,
  note,
  userId,
  kind,
  scopes,
  bounds,
  lastEight,
  createdAt,
  expiresAt,
  revokedAt,
}: Token): Static<typeof tokenOutput> {
  return {
    id,
    name,
    note,
    user_id: userId,
    kind,
    scopes: [...scopes],
    elevated: bounds !== null,
    bypass: bounds && {
      repositories: bounds.repositories === 'all' ? 'all' : [...bounds.repositories],
      refs: [...bounds.refs],
      operations: [...bounds.operations],
      rules: [...bounds.ruleTypes],
      paths: bounds.paths && [...bounds.paths],
      uses: bounds.uses,
      granted_by: bounds.grantedBy,
    },
    last_eight: lastEight,
    created_at: showTime(createdAt),
    expires_at: showTime(expiresAt),
    revoked_at: showTime(revokedAt),
  };
}

function idOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw notFound('token');
  return Number(text);
}
