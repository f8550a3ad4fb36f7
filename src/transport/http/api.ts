import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Access, Dialect, RateState, Reply, RequestProblem, Route } from '#api/route.ts';
import { TooBusy } from '#gate/slots.ts';
import { CannotRecord } from '#gate/write-record.ts';
import type { Caller, RequestOrigin } from '#model/caller.ts';
import { isCapable } from '#model/capability.ts';
import { StoreUnavailable } from '#model/ports/store.ts';
import { type Problem, ProblemError } from '#model/problem.ts';
import { credentialWith } from '#operations/access.ts';
import type { Context } from '#operations/context.ts';
import type { Metrics } from '../metrics.ts';
import { authenticate } from './authenticate.ts';
import { readCredentials } from './credentials.ts';
import type { FailedLogins } from './failed-logins.ts';
import { findImpossibleText } from './impossible-text.ts';
import { readJsonBody } from './json-body.ts';
import { type RateLimit, rateKey } from './rate-limit.ts';
import { Router } from './router.ts';

export interface ApiParts {
  readonly context: Context;
  readonly failedLogins: FailedLogins;
  readonly rateLimit: RateLimit;
  readonly metrics: Metrics;
  readonly log: {
    error(fields: Record<string, unknown>, message: string): void;
    info(fields: Record<string, unknown>, message: string): void;
  };
}

/** What goes back to the client. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer | null;
}

const defaultBodyBytes = 1024 * 1024;

/** The path of every API request of one dialect. A route that does not say who may call it keeps the server from starting. */
export class Api {
  readonly #dialect: Dialect;
  readonly #parts: ApiParts;
  readonly #router: Router;

  constructor(dialect: Dialect, parts: ApiParts) {
    for (const route of dialect.routes) refuseUndeclared(dialect, route);
    this.#dialect = dialect;
    this.#parts = parts;
    this.#router = new Router(dialect.routes);
  }

  async answer(request: IncomingMessage, origin: RequestOrigin, baseUrl: string): Promise<Answer> {
    const started = performance.now();
    const exchange: Exchange = { request, origin, baseUrl, caller: { kind: 'anonymous', request: origin }, route: null, rate: null };
    const reply = await this.#reply(exchange).catch((error: unknown) => this.#failure(exchange, error));
    const answer = this.#finish(exchange, reply);
    const { dialect, method } = { dialect: this.#dialect.name, method: request.method ?? '' };
    this.#parts.metrics.requests.inc({ dialect, method, status: String(answer.status) });
    this.#parts.metrics.requestSeconds.observe({ dialect }, (performance.now() - started) / 1000);
    const { caller, route } = exchange;
    const who = caller.kind === 'actor' ? caller.user.login : caller.kind;
    // The route, not the path or the query: those may carry what nobody should read in a log.
    this.#parts.log.info(
      {
        requestId: origin.id,
        dialect,
        method,
        route: route?.path,
        status: answer.status,
        who,
        ms: Math.round(performance.now() - started),
      },
      'request',
    );
    return answer;
  }

  async #reply(exchange: Exchange): Promise<Reply> {
    const { request, origin } = exchange;
    const { context } = this.#parts;
    const credentials = readCredentials(request.headers);
    if (credentials.kind === 'conflict') return this.#requestProblem({ kind: 'credentials-conflict' });
    const url = request.url ?? '/';
    const [rawPath = '/'] = url.slice(this.#dialect.prefix.length).split('?', 1);
    const found = this.#router.find(request.method ?? 'GET', rawPath === '' ? '/' : rawPath);
    if (typeof found === 'object' && 'route' in found) exchange.route = found.route;
    exchange.caller = await authenticate(context.store, credentials, 'api', origin);
    const key = rateKey(exchange.caller, origin);
    exchange.rate = exchange.route?.uncounted ? this.#parts.rateLimit.look(key, Date.now()) : this.#parts.rateLimit.take(key, Date.now());
    if (exchange.rate?.exceeded && exchange.route?.uncounted !== true)
      return this.#requestProblem({ kind: 'rate-limited', resetSeconds: Math.max(1, exchange.rate.reset - Math.floor(Date.now() / 1000)) });
    if (found === 'unknown') return this.#requestProblem({ kind: 'unknown-route' });
    if ('allowed' in found) return this.#requestProblem({ kind: 'method-not-allowed', allowed: found.allowed });
    const { route, params } = found;
    const denied = denyAccess(route.access, exchange.caller);
    if (denied !== null) return this.#dialect.problemReply(denied, route);
    const accept = request.headers.accept ?? null;
    if (this.#dialect.accepts?.(accept) === false) return this.#requestProblem({ kind: 'unsupported-accept', accept: accept ?? '' });

    const query = Object.fromEntries(new URL(url, 'http://localhost').searchParams);
    const wrongQuery = this.#dialect.validate(route, 'query', query) ?? this.#impossible(route, query);
    if (wrongQuery !== null) return wrongQuery;
    const body = await this.#readBody(route, request);
    if ('problem' in body) return body.problem;
    const header = (name: string): string | null => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(', ') : (value ?? null);
    };
    const { caller, baseUrl, rate } = exchange;
    return route.handle({ context, caller, params, query: query as never, body: body.value as never, baseUrl, url, header, rate });
  }

  async #readBody(route: Route, request: IncomingMessage): Promise<{ value: unknown } | { problem: Reply }> {
    if (route.body === undefined) return { value: undefined };
    const read = await readJsonBody(request, route.maximumBodyBytes ?? defaultBodyBytes);
    if (read === 'too-large') return { problem: this.#requestProblem({ kind: 'body-too-large' }) };
    if (read === 'malformed') return { problem: this.#requestProblem({ kind: 'malformed-body' }) };
    const value = read === 'empty' ? {} : read.value;
    const wantsObject = (route.body as { type?: string }).type === 'object';
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (wantsObject && !isObject) return { problem: this.#requestProblem({ kind: 'body-not-object' }) };
    if (read === 'empty' && route.bodyOptional === true) return { value };
    const wrong = this.#dialect.validate(route, 'body', value) ?? this.#impossible(route, value);
    return wrong === null ? { value } : { problem: wrong };
  }

  #impossible(route: Route, value: unknown): Reply | null {
    const found = findImpossibleText(value, route.takesContent);
    if (found === null) return null;
    const message = `${JSON.stringify(found.text.slice(0, 100))} has a character that is none`;
    return this.#dialect.problemReply({ kind: 'invalid', errors: [{ field: found.field, code: 'custom', message }] }, route);
  }

  #requestProblem(problem: RequestProblem): Reply {
    return this.#dialect.requestProblemReply(problem);
  }

  #failure({ origin, route }: Exchange, error: unknown): Reply {
    if (error instanceof StoreUnavailable || error instanceof CannotRecord || error instanceof TooBusy) {
      this.#parts.log.error({ requestId: origin.id, route: route?.path, error }, 'a request could not be served now');
      return this.#dialect.problemReply({ kind: 'unavailable', why: error.message }, route ?? unknownRoute);
    }
    if (!(error instanceof ProblemError)) {
      this.#parts.log.error({ requestId: origin.id, route: route?.path, error }, 'a request failed by our own fault');
      return this.#requestProblem({ kind: 'internal', requestId: origin.id });
    }
    const { problem } = error;
    if (problem.kind === 'unauthenticated') {
      this.#parts.metrics.failedLogins.inc();
      this.#parts.log.info({ requestId: origin.id, address: origin.address, why: problem.why }, 'credentials refused');
      const wait = this.#parts.failedLogins.note(origin.address, Date.now());
      if (wait !== null) return this.#requestProblem({ kind: 'too-many-failures', retrySeconds: wait });
    }
    return this.#dialect.problemReply(problem, route ?? unknownRoute);
  }

  #finish({ request, caller, route, origin, rate }: Exchange, reply: Reply): Answer {
    const headers: Record<string, string> = { ...this.#dialect.headers(caller, route, origin.id), ...rateHeaders(rate), ...reply.headers };
    if (reply.body === null) return { status: reply.status, headers, body: null };
    const isRaw = reply.contentType !== undefined;
    const body = isRaw ? (reply.body as string | Buffer) : JSON.stringify(reply.body);
    headers['content-type'] = reply.contentType ?? this.#dialect.contentType;
    if (reply.status !== 200 || (request.method !== 'GET' && request.method !== 'HEAD')) return { status: reply.status, headers, body };
    const etag = `W/"${createHash('sha256').update(body).digest('hex').slice(0, 40)}"`;
    headers['etag'] = etag;
    if (!isMatch(request.headers['if-none-match'], etag)) return { status: 200, headers, body };
    const { 'content-type': _ofNothing, ...rest } = headers;
    return { status: 304, headers: rest, body: null };
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly origin: RequestOrigin;
  readonly baseUrl: string;
  caller: Caller;
  route: Route | null;
  rate: RateState | null;
}

/** Stands in where credentials were refused before a route was found. */
const unknownRoute: Route = {
  method: 'GET',
  path: '/',
  access: { who: 'anyone' },
  summary: '',
  handle: () => Promise.reject(new Error('never called')),
};

/** A declaration that is missing, or not one of the four, is a hole. */
function refuseUndeclared(dialect: Dialect, { method, path, access }: Route): void {
  const known: readonly string[] = ['anyone', 'signed-in', 'site-admin', 'app'] satisfies Access['who'][];
  const who = (access as Access | undefined)?.who;
  const isDeclared = who !== undefined && known.includes(who) && (who !== 'signed-in' || 'capability' in access);
  if (!isDeclared) throw new Error(`${dialect.name}: ${method} ${path} does not declare who may call it`);
}

function denyAccess(access: Access, caller: Caller): Problem | null {
  const needsToken: Problem = { kind: 'unauthenticated', why: 'a token is needed' };
  switch (access.who) {
    case 'anyone':
      return null;
    case 'app':
      return caller.kind === 'app' ? null : { kind: 'unauthenticated', why: 'a JSON web token of the app is needed' };
    case 'site-admin':
      if (caller.kind !== 'actor') return needsToken;
      return caller.user.siteAdmin && isCapable(caller.capabilities, 'site:administer') ? null : { kind: 'not-found', what: 'route' };
    case 'signed-in': {
      if (caller.kind !== 'actor') return needsToken;
      const { capability } = access;
      if (capability === 'any') return null;
      // What public_repo adds counts here; whether the repository is public is the operation's question.
      const isAble = isCapable(caller.capabilities, capability, 'public');
      return isAble ? null : { kind: 'forbidden', needs: credentialWith(caller, capability) };
    }
    default:
      return access satisfies never;
  }
}

function rateHeaders(rate: RateState | null): Record<string, string> {
  if (rate === null) return {};
  return {
    'x-ratelimit-limit': String(rate.limit),
    'x-ratelimit-remaining': String(rate.remaining),
    'x-ratelimit-used': String(rate.used),
    'x-ratelimit-reset': String(rate.reset),
    'x-ratelimit-resource': 'core',
  };
}

function isMatch(header: string | undefined, etag: string): boolean {
  const weak = (tag: string): string => tag.trim().replace(/^W\//, '');
  return (header ?? '').split(',').some((tag) => tag.trim() === '*' || weak(tag) === weak(etag));
}
