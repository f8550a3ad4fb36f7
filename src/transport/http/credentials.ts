import type { IncomingHttpHeaders } from 'node:http';

/** What a request carries to say who asks, whatever the form it comes in. One token, every carrier, one verdict. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly secret: string }
  | { readonly kind: 'app-jwt'; readonly jwt: string }
  /** A session and a token at once. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'unreadable' };

const SESSION_COOKIE = 'sallyport_session';

/**
 * Reads Authorization: `Bearer`, `token` and Basic in any case; in Basic the token is the password with any user name, or the user name with an empty or
 * meaningless password (spec/clients.md section 2.10). Query parameters are no credentials.
 */
export function readCredentials(headers: IncomingHttpHeaders): Credentials {
  const header = headers.authorization;
  const hasSession = (headers.cookie ?? '').split(';').some((cookie) => cookie.trim().startsWith(`${SESSION_COOKIE}=`));
  if (header === undefined || header.trim() === '') return { kind: 'none' };
  // A cookie makes a request a person's and a token makes it a program's; it cannot be both (decision 3).
  if (hasSession) return { kind: 'conflict' };
  const match = /^\s*(\S+)\s+(\S+)\s*$/.exec(header);
  if (match === null) return { kind: 'unreadable' };
  const [, scheme, value] = match as unknown as [string, string, string];
  switch (scheme.toLowerCase()) {
    case 'bearer':
    case 'token':
      return value.split('.').length === 3 ? { kind: 'app-jwt', jwt: value } : { kind: 'token', secret: value };
    case 'basic':
      return fromBasic(value);
    default:
      return { kind: 'unreadable' };
  }
}

const meaningless = new Set(['', 'x-oauth-basic', 'x']);

function fromBasic(value: string): Credentials {
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return { kind: 'unreadable' };
  const [user, password] = [text.slice(0, colon), text.slice(colon + 1)];
  const secret = meaningless.has(password) ? user : password;
  return secret === '' ? { kind: 'none' } : { kind: 'token', secret };
}
