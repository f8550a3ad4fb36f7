import assert from 'node:assert/strict';
import { type Difference, tolerated } from '../tolerated.ts';
import { aliases, documentedElsewhere, undescribed } from '../undescribed.ts';
import { type DescribedOperation, describedOperations } from './description.ts';
import { misfits } from './json-schema.ts';

interface Known {
  readonly method: string;
  readonly pattern: RegExp;
  /** How many characters of the path are fixed: the more, the more it means this one. */
  readonly literal: number;
  readonly operation: DescribedOperation;
}

/** Parameters that may hold slashes. */
const spanning = new Set(['branch', 'ref', 'path', 'basehead', 'tree_sha']);

const described = new Map(describedOperations.map((operation) => [operation.key, operation]));

const known: readonly Known[] = [
  ...describedOperations.map((operation) => compile(operation.key, operation)),
  ...undescribed.flatMap(({ route, as }) => (as === null ? [] : [compile(route, described.get(as)!)])),
].sort((a, b) => b.literal - a.literal);

function compile(key: string, operation: DescribedOperation): Known {
  const [method = '', path = ''] = key.split(' ');
  const parts = path.split(/\{(\w+)\+?\}/);
  const source = parts.map((part, index) => {
    if (index % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return spanning.has(part) ? '(?:.+)' : '[^/]+';
  });
  const literal = parts.reduce((sum, part, index) => sum + (index % 2 === 0 ? part.length : 0), 0);
  return { method, pattern: new RegExp(`^${source.join('')}$`), literal, operation };
}

/** The described operation that a request asks for; null: none. */
export function operationOf(method: string, path: string): DescribedOperation | null {
  const named = aliases.reduce((text, { path: alias, of }) => {
    const pattern = new RegExp(`^${alias.replace(/\{\w+\}/g, '[^/]+')}(?=/|$)`);
    return text.replace(pattern, of.replace(/\{\w+\}/g, 'x'));
  }, path);
  const asked = method === 'HEAD' ? 'GET' : method;
  return known.find((one) => one.method === asked && one.pattern.test(named))?.operation ?? null;
}

/**
 * Sends requests and holds every answer of `/api/v3` against GitHub's published description: its status, its headers, its body. What does not
 * fit and is not on the list of tolerated differences fails the test that asked.
 */
export class Observer {
  readonly #untolerated: Difference[] = [];
  readonly #tolerated = new Set<string>();
  readonly #succeeded = new Set<string>();

  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const response = await fetch(input, init);
    const method = (init?.method ?? 'GET').toUpperCase();
    const text = await response.clone().text();
    const found = this.#look(method, new URL(response.url), response, text);
    assert.deepEqual(found, [], `${method} ${response.url} answered ${response.status}: ${text.slice(0, 2000)}`);
    return response;
  };

  /** Operations that were answered with success. */
  get succeeded(): ReadonlySet<string> {
    return this.#succeeded;
  }

  /** Names of the tolerated differences that showed. */
  get seen(): ReadonlySet<string> {
    return this.#tolerated;
  }

  get untolerated(): readonly Difference[] {
    return this.#untolerated;
  }

  #look(method: string, url: URL, response: Response, text: string): readonly Difference[] {
    if (!url.pathname.startsWith('/api/v3')) return [];
    const path =
      url.pathname
        .slice('/api/v3'.length)
        .replace(/\/{2,}/g, '/')
        .replace(/(?<=.)\/$/, '') || '/';
    const operation = operationOf(method, path);
    if (operation !== null && response.status < 300) this.#succeeded.add(operation.key);
    const byDescription = operation === null ? [] : [...differences(operation, method, response, text), ...docs(operation, response, text)];
    const all = [...houseRules(method, url.origin, response, text), ...byDescription];
    const named = all.map((one) => ({ ...one, operation: operation?.key ?? `${method} ${path}` }));
    const rest = named.filter((one) => {
      const allowed = tolerated.filter((entry) => entry.matches(one));
      for (const { name } of allowed) this.#tolerated.add(name);
      return allowed.length === 0;
    });
    this.#untolerated.push(...rest);
    return rest;
  }
}

/** What the specification asks of every answer beyond the description (spec: clients.md 2, github.md 1.0 and 6.4). */
function houseRules(method: string, origin: string, { status, headers }: Response, text: string): Omit<Difference, 'operation'>[] {
  const found: Omit<Difference, 'operation'>[] = [];
  const header = (name: string, pattern: RegExp): void => {
    const value = headers.get(name) ?? '';
    if (!pattern.test(value)) found.push({ status, kind: 'header', at: name, detail: `is ${JSON.stringify(value)}` });
  };
  header('x-github-request-id', /^([0-9A-F]+:){4}[0-9A-F]+$/);
  header('x-github-enterprise-version', /^3\.19\.0$/);
  if (status === 204 || status === 304) {
    header('content-type', /^$/);
    if (text !== '') found.push({ status, kind: 'body', at: '', detail: 'is not empty' });
    return found;
  }
  const isJson = (headers.get('content-type') ?? '').startsWith('application/json');
  if (isJson) header('content-type', /^application\/json; charset=utf-8$/);
  if (!isJson || method === 'HEAD') return found;
  const body: unknown = JSON.parse(text);
  if (status >= 400) found.push(...errorShape(status, body));
  return [...found, ...foreignUrls(body, origin).map((at) => ({ status, kind: 'body' as const, at, detail: 'is of another host' }))];
}

/** Every error says what, where to read about it, and its status once more. */
function errorShape(status: number, body: unknown): Omit<Difference, 'operation'>[] {
  const { message, documentation_url, status: repeated } = body as Readonly<Record<string, unknown>>;
  const isWhole = typeof message === 'string' && message !== '' && typeof documentation_url === 'string' && repeated === String(status);
  return isWhole ? [] : [{ status, kind: 'body', at: '', detail: 'is no complete error' }];
}

/** Errors lead to the documentation of the operation, of all of it, or of what protects branches. */
function docs({ docs: page }: DescribedOperation, { status }: Response, text: string): Omit<Difference, 'operation'>[] {
  if (status < 400 || text === '') return [];
  const { documentation_url: url } = JSON.parse(text) as { documentation_url: string };
  const root = 'https://docs.github.com/enterprise-server@3.19/rest';
  const pages = [root, 'https://docs.github.com/articles/about-protected-branches', ...pagesOf(page).map((one) => `${root}/${one}`)];
  return pages.includes(url) ? [] : [{ status, kind: 'body', at: '/documentation_url', detail: url }];
}

function pagesOf(page: string): string[] {
  return [page, ...Object.entries(documentedElsewhere).flatMap(([ours, theirs]) => (theirs === page ? [ours] : []))];
}

/** URLs that people gave us, or that are of another scheme. */
const foreign = new Set([
  'documentation_url',
  'homepage',
  'target_url',
  'details_url',
  'external_url',
  'git_url',
  'mirror_url',
  'ssh_url',
  'submodule_git_url',
]);

/** Places of URLs that do not lead back to the server the way the client came. */
function foreignUrls(node: unknown, origin: string, at = ''): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    const place = `${at}/${Array.isArray(node) ? '#' : key}`;
    if (typeof value !== 'string') return foreignUrls(value, origin, place);
    const isOurs = value.startsWith(`${origin}/`) || value === origin || value === '';
    // Where a hook leads, and what somebody there has answered.
    if (key === 'url' && (at.endsWith('/config') || 'guid' in node || 'insecure_ssl' in node)) return [];
    const isUrl = /(^|_)url$/.test(key) && (!foreign.has(key) || (key === 'git_url' && value.startsWith('http')));
    return isUrl && !isOurs ? [place] : [];
  });
}

function differences(
  { responses }: DescribedOperation,
  method: string,
  { status, headers }: Response,
  text: string,
): Omit<Difference, 'operation'>[] {
  const response = responses.get(status);
  if (response === undefined)
    return [
      { status, kind: 'status', at: '', detail: `is not among ${[...responses.keys()].join(', ')}` },
      ...(status < 400 ? [] : errorDifferences(status, text)),
    ];
  const missing = response.headers
    .filter((name) => name !== 'Link' && !headers.has(name))
    .map((name) => ({ status, kind: 'header' as const, at: name, detail: 'is missing' }));
  const isJson = (headers.get('content-type') ?? '').startsWith('application/json');
  if (method === 'HEAD' || !isJson) return missing;
  const body = response.schema === null ? noBody(status, text) : bodyDifferences(status, response.schema, text);
  return [...missing, ...body];
}

/** An error of a status that the operation is not described with has one of the shapes that this status has elsewhere. */
function errorDifferences(status: number, text: string): Omit<Difference, 'operation'>[] {
  const shapes = status === 422 ? ['validation-error', 'validation-error-simple'] : ['basic-error'];
  const found = shapes.map((shape) => bodyDifferences(status, `/components/schemas/${shape}`, text));
  return found.find((one) => one.length === 0) ?? found.flat();
}

function bodyDifferences(status: number, pointer: string, text: string): Omit<Difference, 'operation'>[] {
  return misfits(pointer, JSON.parse(text)).map(({ at, keyword, message }) => ({
    status,
    kind: 'body',
    at,
    detail: `${keyword}: ${message}`,
  }));
}

function noBody(status: number, text: string): Omit<Difference, 'operation'>[] {
  return text === '' || status >= 300 ? [] : [{ status, kind: 'body', at: '', detail: 'is there, and none is described' }];
}
