import http from 'node:http';
import https from 'node:https';
import type { DeliveryOutcome } from '#model/hook.ts';
import { type AddressGuard, AddressRefused } from './address-guard.ts';

export interface Letter {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Take any certificate. */
  readonly insecureSsl: boolean;
}

/** Kept of an answer's body; the rest is not even read. */
const maximumAnswer = 64 * 1024;

/**
 * Sends one request and tells how it went; never throws. No redirect is followed: it would lead past what was checked, and past the
 * operator's eyes.
 */
export async function post(letter: Letter, guard: AddressGuard, timeoutMilliseconds: number): Promise<DeliveryOutcome> {
  const at = Date.now();
  const started = performance.now();
  const ended = (rest: Pick<DeliveryOutcome, 'code' | 'status' | 'response'>): DeliveryOutcome => ({
    at,
    milliseconds: Math.round(performance.now() - started),
    request: letter.headers,
    ...rest,
  });
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  try {
    const { statusCode = 0, headers, body } = await exchange(letter, guard, signal);
    const isTaken = statusCode >= 200 && statusCode < 300;
    const status = isTaken ? 'OK' : `Invalid HTTP Response: ${statusCode}`;
    return ended({ code: statusCode, status, response: { headers: flat(headers), body } });
  } catch (error) {
    return ended({ code: null, status: signal.aborted ? 'timed out' : whyNot(error), response: null });
  }
}

interface Answer {
  readonly statusCode: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

async function exchange(letter: Letter, guard: AddressGuard, signal: AbortSignal): Promise<Answer> {
  const url = new URL(letter.url);
  guard.refuseLiteral(url.hostname);
  const { headers, body, insecureSsl } = letter;
  const options = {
    method: 'POST',
    headers: { ...headers, 'Content-Length': String(body.length) },
    lookup: guard.lookup,
    // One connection for each request: a kept one would be to an address that was checked for another.
    agent: false,
    signal,
  } as const;
  const request =
    url.protocol === 'https:' ? https.request(url, { ...options, rejectUnauthorized: !insecureSsl }) : http.request(url, options);
  const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    // Errors may come later too, when nobody waits any more.
    request.on('error', reject);
  });
  request.end(body);
  try {
    const response = await answered;
    return { statusCode: response.statusCode, headers: response.headers, body: await beginningOf(response) };
  } finally {
    request.destroy();
  }
}

async function beginningOf(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes >= maximumAnswer) break;
  }
  return Buffer.concat(chunks).subarray(0, maximumAnswer).toString();
}

function flat(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'failed to connect to host',
  EHOSTUNREACH: 'failed to connect to host',
  ENETUNREACH: 'failed to connect to host',
  ENOTFOUND: 'failed to resolve host',
  EAI_AGAIN: 'failed to resolve host',
  ECONNRESET: 'the connection was closed before the answer',
};

/** In words that hold no address: an error's own may. */
function whyNot(error: unknown): string {
  if (error instanceof AddressRefused) return `refused: ${error.message}`;
  const { code = '' } = error as NodeJS.ErrnoException;
  if (/CERT|TLS|SSL|SIGNATURE|ALTNAME/.test(code)) return `the certificate or the connection is not trusted: ${code}`;
  return words[code] ?? `failed to send: ${code === '' ? 'no answer that is one of HTTP' : code}`;
}
