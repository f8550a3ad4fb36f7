import { Type } from 'typebox';
import { ok, route } from '../../route.ts';

export const serverRoutes = [
  route({
    method: 'GET',
    path: '/signing-key',
    access: { who: 'anyone' },
    summary: "The server's public key: it signs audit heads, and commits that the server makes for people",
    output: Type.Object({ key: Type.String(), fingerprint: Type.String() }),
    handle: async ({ context }) => ok({ key: context.server.signingKey, fingerprint: context.server.signingKeyFingerprint }),
  }),
];
