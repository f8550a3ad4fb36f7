import type { Static, TSchema } from 'typebox';
import type { Caller } from '#model/caller.ts';
import type { Capability } from '#model/capability.ts';
import type { Problem } from '#model/problem.ts';
import type { Context } from '#operations/context.ts';

/**
 * Who may call a route at all, before its operation looks at the resource. A route without it keeps the server from starting. `capability` is what
 * the credential needs wherever the route leads; an operation asks for more where the resource demands it.
 */
export type Access =
  | { readonly who: 'anyone' }
  | { readonly who: 'signed-in'; readonly capability: Capability | 'any' }
  | { readonly who: 'site-admin' }
  /** An app, by its own signed token. */
  | { readonly who: 'app' };

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** `/repos/{owner}/{repo}/branches/{branch+}/protection`: a name with `+` may span slashes. */
type ParamNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${infer Plain}+` ? Plain : Name) | ParamNames<Rest>
  : never;

interface ApiRequest<Path extends string, Body, Query> {
  readonly context: Context;
  readonly caller: Caller;
  readonly params: Readonly<Record<ParamNames<Path>, string>>;
  readonly query: Query;
  readonly body: Body;
  /** Scheme, host and port as the client used them, or as configured. No trailing slash. */
  readonly baseUrl: string;
  /** Path and query as they came in. */
  readonly url: string;
  readonly header: (name: string) => string | null;
  /** Where the caller stands with the request limit; null: there is none. */
  readonly rate: RateState | null;
}

export interface RateState {
  readonly limit: number;
  readonly remaining: number;
  readonly used: number;
  /** Seconds since 1970. */
  readonly reset: number;
  readonly exceeded: boolean;
}

export interface Reply {
  readonly status: number;
  /** Null: no body. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** For text and bytes instead of JSON. */
  readonly contentType?: string;
}

export interface RouteDefinition<Path extends string, Body extends TSchema, Query extends TSchema> {
  readonly method: Method;
  readonly path: Path;
  readonly access: Access;
  /** What it does, in a sentence for the reference. */
  readonly summary: string;
  /** The operation in the dialect's own description, where there is one. */
  readonly operation?: string;
  readonly query?: Query;
  readonly body?: Body;
  /** An empty body counts as an empty object. */
  readonly bodyOptional?: boolean;
  readonly maximumBodyBytes?: number;
  /** Its body carries the text of files, in which every character is possible. */
  readonly takesContent?: boolean;
  /** Who sees the resource and lacks the right for this is told that it does not exist. */
  readonly hidesForbidden?: boolean;
  readonly output?: TSchema;
  /** Asking for it is not counted against the request limit. */
  readonly uncounted?: boolean;
  readonly handle: (request: ApiRequest<Path, Static<Body>, Static<Query>>) => Promise<Reply>;
}

/** A route whose schemas have done their work; what the transport mounts. */
export interface Route extends Omit<RouteDefinition<string, TSchema, TSchema>, 'handle'> {
  readonly handle: (request: ApiRequest<string, never, never>) => Promise<Reply>;
}

/** Ties the types of path, schemas and handler together. */
export function route<Path extends string, Body extends TSchema = TSchema, Query extends TSchema = TSchema>(
  definition: RouteDefinition<Path, Body, Query>,
): Route {
  // Safe because the transport hands the handler only what passed these very schemas, and the names in this very path.
  return definition as unknown as Route;
}

/** What is wrong with a request before its route is asked. */
export type RequestProblem =
  | { readonly kind: 'unknown-route' }
  | { readonly kind: 'method-not-allowed'; readonly allowed: readonly string[] }
  | { readonly kind: 'malformed-body' }
  | { readonly kind: 'body-not-object' }
  | { readonly kind: 'body-too-large' }
  | { readonly kind: 'unsupported-accept'; readonly accept: string }
  | { readonly kind: 'rate-limited'; readonly resetSeconds: number }
  | { readonly kind: 'too-many-failures'; readonly retrySeconds: number }
  | { readonly kind: 'credentials-conflict' }
  | { readonly kind: 'internal'; readonly requestId: string };

/** One way of speaking: where it is mounted, how it validates and how it says no. */
export interface Dialect {
  readonly name: string;
  readonly prefix: string;
  readonly routes: readonly Route[];
  readonly contentType: string;
  /** Whether an answer can be what the client accepts; left out: clients are not asked. */
  readonly accepts?: (accept: string | null) => boolean;
  /** Null: the input fits. */
  readonly validate: (route: Route, part: 'query' | 'body', value: unknown) => Reply | null;
  readonly problemReply: (problem: Problem, route: Route) => Reply;
  readonly requestProblemReply: (problem: RequestProblem) => Reply;
  /** Headers of every answer. */
  readonly headers: (caller: Caller, route: Route | null, requestId: string) => Readonly<Record<string, string>>;
}

export function ok(body: unknown, headers?: Readonly<Record<string, string>>): Reply {
  return { status: 200, body, ...(headers && { headers }) };
}

export function created(body: unknown, location?: string): Reply {
  return { status: 201, body, ...(location !== undefined && { headers: { location } }) };
}

export const noContent: Reply = { status: 204, body: null };
