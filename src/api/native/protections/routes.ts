import { type Static, Type } from 'typebox';
import { notFound } from '#model/problem.ts';
import type { Protection } from '#model/protection.ts';
import {
  createProtection,
  deleteProtection,
  listProtections,
  readProtection,
  updateProtection,
} from '#operations/protections/change-protection.ts';
import type { RuleOwnerKey } from '#operations/protections/rule-owner.ts';
import { created, noContent, ok, type Route, route } from '../../route.ts';
import { protectionChanges, protectionInput, protectionOutput } from './schema.ts';

const signedIn = { who: 'signed-in', capability: 'any' } as const;

/** The same five routes for a repository and for an organization. */
const owners: readonly {
  readonly base: string;
  readonly keyOf: (params: Readonly<Record<string, string>>) => RuleOwnerKey;
  readonly whose: string;
}[] = [
  {
    base: '/repos/{owner}/{repo}/protections',
    keyOf: ({ owner, repo }) => ({ repository: { owner: owner!, name: repo! } }),
    whose: 'a repository',
  },
  { base: '/orgs/{org}/protections', keyOf: ({ org }) => ({ organization: org! }), whose: 'an organization' },
];

export const protectionRoutes: readonly Route[] = owners.flatMap(({ base, keyOf, whose }) => [
  route({
    method: 'GET',
    path: base,
    access: signedIn,
    hidesForbidden: true,
    summary: `Protections of ${whose}, oldest first`,
    output: Type.Object({ protections: Type.Array(protectionOutput) }),
    handle: async ({ context, caller, params }) =>
      ok({ protections: (await listProtections(context, caller, keyOf(params))).map(protectionObject) }),
  }),
  route({
    method: 'POST',
    path: base,
    access: signedIn,
    hidesForbidden: true,
    summary: `Protect the branches of ${whose} that a pattern covers`,
    body: protectionInput,
    output: protectionOutput,
    handle: async ({ context, caller, params, body }) =>
      created(protectionObject(await createProtection(context, caller, keyOf(params), toInput(body)))),
  }),
  route({
    method: 'GET',
    path: `${base}/{protection_id}`,
    access: signedIn,
    hidesForbidden: true,
    summary: `A protection of ${whose}`,
    output: protectionOutput,
    handle: async ({ context, caller, params }) => ok(protectionObject(await readProtection(context, caller, keyOf(params), idOf(params)))),
  }),
  route({
    method: 'PATCH',
    path: `${base}/{protection_id}`,
    access: signedIn,
    hidesForbidden: true,
    summary: `Change a protection of ${whose}; what is left out stays`,
    body: protectionChanges,
    output: protectionOutput,
    handle: async ({ context, caller, params, body }) =>
      ok(protectionObject(await updateProtection(context, caller, keyOf(params), idOf(params), toChanges(body)))),
  }),
  route({
    method: 'DELETE',
    path: `${base}/{protection_id}`,
    access: signedIn,
    hidesForbidden: true,
    summary: `Remove a protection of ${whose}`,
    handle: async ({ context, caller, params }) => {
      await deleteProtection(context, caller, keyOf(params), idOf(params));
      return noContent;
    },
  }),
]);

function toInput(body: Static<typeof protectionInput>) {
  return {
    origin: body.origin,
    pattern: body.pattern,
    rules: body.rules,
    // What opens something is said, never assumed (decision 4): left out, admins are bound.
    enforceAdmins: body.enforce_admins ?? true,
    manage: body.manage ?? [],
    demandsReason: body.demands_reason ?? false,
    acceptsElevated: body.accepts_elevated ?? true,
  };
}

function toChanges(body: Static<typeof protectionChanges>) {
  return {
    ...(body.pattern !== undefined && { pattern: body.pattern }),
    ...(body.rules !== undefined && { rules: body.rules }),
    ...(body.enforce_admins !== undefined && { enforceAdmins: body.enforce_admins }),
    ...(body.manage !== undefined && { manage: body.manage }),
    ...(body.demands_reason !== undefined && { demandsReason: body.demands_reason }),
    ...(body.accepts_elevated !== undefined && { acceptsElevated: body.accepts_elevated }),
  };
}

function protectionObject({
  id,
  version,
  owner,
  origin,
  pattern,
  rules,
  enforceAdmins,
  manage,
  native,
}: Protection): Static<typeof protectionOutput> {
  return {
    id,
    version,
    origin,
    level: 'repository' in owner ? 'repository' : 'organization',
    pattern,
    rules: rules.map(({ type, parameters }) => ({ type, parameters })),
    enforce_admins: enforceAdmins,
    manage: [...manage],
    demands_reason: native.demandsReason,
    accepts_elevated: native.acceptsElevated,
  };
}

function idOf(params: Readonly<Record<string, string>>): number {
  const text = params['protection_id'] ?? '';
  if (!/^\d{1,15}$/.test(text)) throw notFound('protection');
  return Number(text);
}
