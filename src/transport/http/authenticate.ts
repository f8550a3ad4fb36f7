import { createPublicKey, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { decodeJwt, jwtVerify } from 'jose';
import type { Via } from '#model/actor.ts';
import type { Caller, RequestOrigin } from '#model/caller.ts';
import type { Store } from '#model/ports/store.ts';
import { ProblemError } from '#model/problem.ts';
import { authenticateToken } from '#operations/authenticate.ts';
import type { Credentials } from './credentials.ts';

/** Where a request comes from. A proxy's word counts only if the proxy is one of ours. */
export function originOf(request: IncomingMessage, trustedProxies: readonly string[]): RequestOrigin {
  const peer = request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? null;
  const forwarded = request.headers['x-forwarded-for'];
  const isTrusted = peer !== null && trustedProxies.includes(peer);
  const last = isTrusted && typeof forwarded === 'string' ? (forwarded.split(',').at(-1)?.trim() ?? null) : null;
  return { id: requestId(), address: last || peer, userAgent: request.headers['user-agent']?.slice(0, 300) ?? null };
}

/** Five groups of hexadecimal digits, as GitHub's request ids look. */
function requestId(): string {
  const hex = randomBytes(12).toString('hex').toUpperCase();
  return [hex.slice(0, 4), hex.slice(4, 10), hex.slice(10, 16), hex.slice(16, 20), hex.slice(20)].join(':');
}

/** Who asks. Throws `unauthenticated` for credentials that are not good. */
export async function authenticate(store: Store, credentials: Credentials, via: Via, request: RequestOrigin): Promise<Caller> {
  switch (credentials.kind) {
    case 'none':
      return { kind: 'anonymous', request };
    case 'token':
      return authenticateToken(store.read, credentials.secret, via, request);
    case 'app-jwt':
      return authenticateApp(store, credentials.jwt, request);
    case 'conflict':
    case 'unreadable':
      throw new ProblemError({
        kind: 'unauthenticated',
        why: `the credentials are in ${credentials.kind === 'conflict' ? 'conflict' : 'no form that we know'}`,
      });
    default:
      return credentials satisfies never;
  }
}

const clockTolerance = 60;
const maximumAge = 10 * 60;

/** An app proves itself by a token that it signed with its private key a moment ago (spec/github.md 1.6). */
async function authenticateApp(store: Store, jwt: string, request: RequestOrigin): Promise<Caller> {
  try {
    const { iss, iat, exp } = decodeJwt(jwt);
    if (typeof iat !== 'number' || typeof exp !== 'number' || exp - iat > maximumAge + clockTolerance)
      throw new Error('its times are missing or too far apart');
    // One from the future would be good until then: as long as whoever signed it likes.
    if (iat > Date.now() / 1000 + clockTolerance) throw new Error('it was issued in the future');
    const app = await store.read.apps.findById(appIdOf(iss));
    if (app === null) throw new Error('the app is unknown');
    await jwtVerify(jwt, createPublicKey(app.publicKey), { algorithms: ['RS256'], clockTolerance });
    return { kind: 'app', app, request };
  } catch (error) {
    throw new ProblemError({
      kind: 'unauthenticated',
      why: `a JSON web token that is not good: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}

/** The issuer is the app's id, or its client id, which ends in it. */
function appIdOf(issuer: unknown): number {
  const text = String(issuer);
  const match = /^(?:Iv1\.([0-9a-f]{16})|(\d{1,15}))$/.exec(text);
  if (match === null) throw new Error('its issuer is no app');
  return match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16);
}
